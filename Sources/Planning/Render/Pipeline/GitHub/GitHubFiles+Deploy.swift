import Spec

extension GitHubFiles {
    /// What a push to a branch or a tag ships.
    func deploy(_ way: ReleaseWay) -> YAMLTree {
        let names = way.places.map(\.name.text)
        let event: YAMLEntry =
            switch way.event {
            case .branch(let name): YAMLEntry("branches", .row([.text(name)]))
            case .tag(let pattern): YAMLEntry("tags", .row([.text(pattern)]))
            }
        var jobs = [YAMLEntry("validate", validation)]
        var before: String?
        for place in way.places {
            let suffix = way.places.count == 1 ? "" : "-\(place.name)"
            let release = ReleaseJobs(files: self, way: way, place: place, suffix: suffix)
            jobs += release.all(after: before)
            before = "deploy\(suffix)"
        }
        let concurrency: YAMLTree = .map([
            GitHubText.entry("group", "deploy-\(way.name)"),
            YAMLEntry("cancel-in-progress", false, comment: "One release after another; one that began is ended."),
        ])
        return .map([
            GitHubText.entry("name", "Deploy \(names.joined(separator: ", "))"),
            YAMLEntry("on", .map([YAMLEntry("push", .map([event]))])),
            YAMLEntry("permissions", .map([]), comment: "Each job asks for what it needs."),
            YAMLEntry("concurrency", concurrency), GitHubText.shell, YAMLEntry("jobs", .map(jobs)),
        ])
    }

    private var validation: YAMLTree {
        .map([
            GitHubText.entry("name", "validate"), YAMLEntry("permissions", GitHubText.reading),
            GitHubText.entry("uses", "./\(Self.folder)/validate.yml"),
        ])
    }
}

/// The jobs that bring one release to one environment.
struct ReleaseJobs: Sendable {
    let files: GitHubFiles
    let way: ReleaseWay
    let place: RenderSubject.Place
    /// Keeps the jobs of several environments apart.
    let suffix: String

    private var name: EnvironmentName { place.name }
    private var pipeline: Pipeline { place.platform.pipeline }
    private var sha: String { GitHubText.value("github.sha") }

    /// A variable of the repository that is this environment's own; the jobs that build are in no environment.
    private func variable(_ what: String) -> String {
        GitHubText.value("vars.\(name.text.uppercased().replacing("-", with: "_"))_\(what)")
    }

    private func has(_ stage: Pipeline.Known) -> Bool { pipeline.stages.contains { $0.text == stage.rawValue } }

    func all(after before: String?) -> [YAMLEntry] {
        var jobs: [YAMLEntry] = []
        var needs = ["validate"]
        if case .tag = way.event {
            jobs.append(YAMLEntry("origin\(suffix)", origin))
            needs.append("origin\(suffix)")
        }
        for (other, time) in place.settings.requires.soak.sorted(by: { $0.key < $1.key }) {
            let id = "soak-\(other)\(suffix)"
            jobs.append(YAMLEntry(id, soak(other, time)))
            needs.append(id)
        }
        let images = files.plan.images(for: [place])
        if place.registryPath != nil || place.settings.target == .aws, !images.isEmpty {
            jobs.append(
                YAMLEntry("images\(suffix)", isByHauban([.build, .scan, .push]) ? buildByHauban : build(images)))
            needs.append("images\(suffix)")
        }
        for site in sites {
            let id = "site-\(site.name)\(suffix)"
            jobs.append(YAMLEntry(id, build(site: site.name, site.service)))
            needs.append(id)
        }
        if let before { needs.append(before) }
        jobs.append(YAMLEntry("deploy\(suffix)", release(needs)))
        return jobs
    }

    /// What a cloud serves from a bucket.
    private var sites: [(name: ServiceName, service: Service)] {
        switch place.settings.target {
        case .gcp: CloudRunSteps(files: files, place: place, suffix: suffix).release.sites
        case .aws: AWSRelease(place: place, release: "$GITHUB_SHA").sites
        case .local, .docker, .swarm, .kubernetes: []
        }
    }

    /// Whether commands of the team's own stand in the place of one of these stages.
    private func isByHauban(_ stages: [Pipeline.Known]) -> Bool {
        stages.contains { stage in pipeline.steps.keys.contains { $0.text == stage.rawValue } }
    }

    // MARK: Before

    /// Anybody who may push a tag could otherwise release what nobody reviewed.
    private var origin: YAMLTree {
        GitHubText.job(
            "tagged on the default branch", minutes: 10,
            steps: [
                GitHubText.checkout(history: "To look whether one is part of the other."),
                GitHubText.run(
                    "Look where the tag stands",
                    "git merge-base --is-ancestor \"$GITHUB_SHA\" \"origin/$DEFAULT_BRANCH\"",
                    env: [
                        GitHubText.entry(
                            "DEFAULT_BRANCH", GitHubText.value("github.event.repository.default_branch"))
                    ]),
            ])
    }

    /// The team's own commands, signed in to the registry.
    private var buildByHauban: YAMLTree {
        let registry = Registry(place, variable: variable)
        let stages = pipeline.stages.filter { ["build", "scan", "push"].contains($0.text) }.map(\.text)
        var steps = [GitHubText.checkout()] + registry.signIn
        steps.append(files.haubanInstall)
        steps.append(
            GitHubText.run(
                "Build", "hauban ci --env \(name) \(stages.joined(separator: " "))",
                env: [GitHubText.entry("RELEASE", sha)]))
        return GitHubText.job(
            "images", needs: ["validate"],
            permissions: GitHubText.permissions([("contents", "read", "check out")] + registry.rights), minutes: 60,
            more: trusted, steps: steps)
    }

    private func soak(_ other: EnvironmentName, _ time: Duration) -> YAMLTree {
        let seconds = Int(time.components.seconds)
        return GitHubText.job(
            "\(DurationText.text(time)) in \(other)",
            permissions: GitHubText.permissions([
                ("contents", "read", "check out, and compare trees"),
                ("deployments", "read", "when it was released there"),
            ]), minutes: min(360, seconds / 60 + 15),
            steps: [
                GitHubText.checkout(),
                GitHubText.run(
                    "Wait until it has been kept there", "\(GitHubFiles.scripts)/soaked.sh \(other) \(seconds)",
                    env: [GitHubText.entry("GH_TOKEN", GitHubText.value("github.token"))]),
            ])
    }

    private func build(_ images: [SourceImage]) -> YAMLTree {
        let registry = Registry(place, variable: variable)
        let image = "\(registry.path)\(GitHubText.value("matrix.image")):\(sha)"
        let isNew = "steps.known.outputs.found != 'true'"
        var steps = [GitHubText.checkout()] + registry.signIn
        steps.append(GitHubText.uses("Set up buildx", .buildx))
        let look =
            "if docker buildx imagetools inspect \"$IMAGE\" >/dev/null 2>&1; then\n"
            + "  echo \"found=true\" >> \"$GITHUB_OUTPUT\"\nfi\n"
        steps.append(
            .commented(
                "A run that is repeated ships what was scanned, and not another build of it.",
                .map([
                    GitHubText.entry("name", "Look whether it was pushed before"), GitHubText.entry("id", "known"),
                    YAMLEntry("env", .map([GitHubText.entry("IMAGE", image)])), GitHubText.entry("run", look),
                ])))
        steps.append(
            GitHubText.uses(
                "Build", .build, condition: isNew, with: files.buildInputs(images, tag: image, pushes: false)))
        for gate in files.imageGates(image, gates: pipeline.gates, scans: has(.scan)) {
            steps.append(conditional(gate, isNew))
        }
        steps.append(
            GitHubText.uses(
                "Push", .build, condition: isNew, comment: "From the layers that were just built and judged.",
                with: files.buildInputs(images, tag: image, pushes: true)))
        var rights = [("contents", "read", "check out")]
        rights += registry.rights
        return GitHubText.job(
            "image \(GitHubText.value("matrix.image"))", needs: ["validate"],
            permissions: GitHubText.permissions(rights), minutes: 45, more: trusted + [files.matrix(images)],
            steps: steps)
    }

    /// AWS knows a run by its environment; who approves the release approves its images first.
    private var trusted: [YAMLEntry] {
        guard place.settings.target == .aws else { return [] }
        return [
            YAMLEntry(
                "environment", .map([GitHubText.entry("name", name.text)]), comment: "By which AWS knows the run.")
        ]
    }

    private func conditional(_ step: YAMLTree, _ condition: String) -> YAMLTree {
        guard case .map(var entries) = step else { return step }
        entries.insert(GitHubText.entry("if", condition), at: 1)
        return .map(entries)
    }

    /// Without any right to the cloud: what packages run while they are built could use it.
    private func build(site name: ServiceName, _ service: Service) -> YAMLTree {
        let folder = service.source.flatMap { Paths.resolve($0, from: "") } ?? ""
        var steps = [GitHubText.checkout()]
        if let image = files.plan.images.first(where: { $0.folder == folder }) {
            let source = SourceFiles(image: image, files: files.subject.files)
            if source.isNodeSite { steps.append(files.nodeSetup([source], caches: false)) }
            let build = service.site?.build?.text
            if source.isNodeSite, build?.contains("npm ci") != true {
                steps.append(GitHubText.run("Install", source.nodeInstall, folder: folder))
            }
            if let build { steps.append(GitHubText.run("Build", build, folder: folder)) }
        }
        let output = service.site.map { $0.output == "." ? "" : $0.output } ?? ""
        steps.append(
            GitHubText.uses(
                "Keep the files", .upload,
                with: [
                    GitHubText.entry("name", "\(name)\(suffix)"),
                    GitHubText.entry("path", Paths.join(folder, output).isEmpty ? "." : Paths.join(folder, output)),
                    GitHubText.entry("if-no-files-found", "error"), YAMLEntry("retention-days", 1),
                ]))
        return GitHubText.job("site \(name)", needs: ["validate"], minutes: 20, steps: steps)
    }

    // MARK: The release

    private func release(_ needs: [String]) -> YAMLTree {
        var environment = [GitHubText.entry("name", name.text)]
        if let url = place.url { environment.append(GitHubText.entry("url", url)) }
        let comment =
            place.settings.requires.approval > 0
            ? "Waits for a reviewer of the environment; protect.sh says who."
            : "Its secrets are for this branch or tag only; protect.sh sees to it."
        var steps = [GitHubText.checkout()]
        var rights = [("contents", "read", "check out")]
        var more = [YAMLEntry("environment", .map(environment), comment: comment)]
        switch place.settings.target {
        case .gcp:
            let cloud = CloudRunSteps(files: files, place: place, suffix: suffix)
            more.append(YAMLEntry("env", .map(cloud.variables)))
            steps += Registry.google(place, variable: variable, token: false)
            rights.append(("id-token", "write", "sign in to Google Cloud"))
            if isByHauban([.migrate, .deploy]) {
                steps += [files.haubanInstall, hauban([.migrate, .deploy, .verify], name: "Release")]
            } else {
                steps += cloud.steps(migrates: has(.migrate))
                steps += verification()
                steps.append(cloud.back)
            }
        case .kubernetes where isByHauban([.migrate, .deploy]):
            steps.append(files.haubanInstall)
            steps.append(
                GitHubText.run(
                    "Open the way to the cluster", "(umask 077 && printf '%s' \"$KUBECONFIG_TEXT\" > \"$KUBECONFIG\")",
                    env: [kubeconfig, GitHubText.entry("KUBECONFIG_TEXT", GitHubText.value("secrets.KUBECONFIG"))]))
            steps.append(hauban([.migrate, .deploy, .verify], name: "Release", env: [kubeconfig]))
        case .kubernetes:
            steps.append(
                GitHubText.run(
                    "Release", kubernetes,
                    env: [
                        kubeconfig,
                        GitHubText.entry("KUBECONFIG_TEXT", GitHubText.value("secrets.KUBECONFIG")),
                    ],
                    comment: "Migrations first, and nothing else when one fails; what does not become ready goes back.")
            )
            steps += verification([kubeconfig])
        case .docker, .swarm:
            let registry = Registry(place, variable: variable)
            steps += registry.signIn
            rights += registry.rights.map {
                ($0.0, $0.0 == "packages" ? "read" : $0.1, $0.2.replacing("push", with: "pull"))
            }
            steps.append(files.haubanInstall)
            steps.append(
                GitHubText.run(
                    "Open the way to the servers", ssh,
                    env: [
                        GitHubText.entry("KEY", GitHubText.value("secrets.DEPLOY_SSH_KEY")),
                        GitHubText.entry("KNOWN_HOSTS", GitHubText.value("vars.DEPLOY_KNOWN_HOSTS")),
                    ]))
            steps.append(hauban([.migrate, .deploy, .verify], name: "Release"))
        case .aws:
            steps += Registry.amazon(place, variable: variable)
            rights.append(("id-token", "write", "sign in to AWS"))
            if isByHauban([.migrate, .deploy]) {
                steps += [files.haubanInstall, hauban([.migrate, .deploy, .verify], name: "Release")]
            } else {
                steps += amazon
                steps += verification()
            }
        case .local: break
        }
        return GitHubText.job(
            "release to \(name)", needs: needs, permissions: GitHubText.permissions(rights), minutes: minutes,
            more: more, steps: steps)
    }

    private var amazon: [YAMLTree] {
        let release = AWSRelease(place: place, release: "$GITHUB_SHA")
        var steps = [
            GitHubText.uses("Set up Terraform", .terraform, with: [YAMLEntry("terraform_wrapper", false)])
        ]
        steps += release.steps(migrates: has(.migrate)).map(CloudRunSteps.step)
        for (name, _) in release.sites {
            steps.append(CloudRunSteps.fetch(name, suffix))
            steps.append(CloudRunSteps.step(release.publish(name, from: "site-\(name)")))
        }
        return steps
    }

    private var minutes: Int {
        let watch = Int(place.platform.release.watch.components.seconds) / 60
        let own = PipelinePlan.releasing(pipeline, []).reduce(0) { sum, stage in
            sum + Int((pipeline.steps[stage]?.timeout ?? .zero).components.seconds) / 60
        }
        return min(360, 30 + watch + own)
    }

    private var kubeconfig: YAMLEntry {
        GitHubText.entry("KUBECONFIG", "\(GitHubText.value("runner.temp"))/kubeconfig")
    }

    private func hauban(_ known: Set<Pipeline.Known>, name: String, env: [YAMLEntry] = []) -> YAMLTree {
        let stages = PipelinePlan.releasing(pipeline, known).map(\.text).joined(separator: " ")
        return GitHubText.run(
            name, "hauban ci --env \(self.name) \(stages)", env: [GitHubText.entry("RELEASE", sha)] + env)
    }

    /// What stands behind the release in `stages`.
    private func verification(_ env: [YAMLEntry] = []) -> [YAMLTree] {
        guard !PipelinePlan.releasing(pipeline, [.verify]).isEmpty else { return [] }
        return [files.haubanInstall, hauban([.verify], name: "Verify", env: env)]
    }

    private var kubernetes: String {
        "(umask 077 && printf '%s' \"$KUBECONFIG_TEXT\" > \"$KUBECONFIG\")\n"
            + "deploy/kubernetes/apply.sh \(name) \"$GITHUB_SHA\"\n"
    }

    private var ssh: String {
        """
        umask 077
        mkdir -p ~/.ssh
        printf '%s\\n' "$KEY" > ~/.ssh/id_ed25519
        printf '%s\\n' "$KNOWN_HOSTS" > ~/.ssh/known_hosts

        """
    }
}
