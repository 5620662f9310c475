import Spec

/// The jobs that bring one release to one environment.
struct GitLabRelease: Sendable {
    let files: GitLabFiles
    let way: ReleaseWay
    let place: RenderSubject.Place

    private var name: EnvironmentName { place.name }
    private var pipeline: Pipeline { place.platform.pipeline }
    private var upper: String { name.text.uppercased().replacing("-", with: "_") }

    private func has(_ stage: Pipeline.Known) -> Bool { pipeline.stages.contains { $0.text == stage.rawValue } }

    private var cloud: CloudRunRelease {
        CloudRunRelease(
            images: files.plan.images, place: place, release: "$CI_COMMIT_SHA", memory: "$CI_PROJECT_DIR/.serving")
    }

    func all(isFirst: Bool) -> [YAMLEntry] {
        var jobs: [YAMLEntry] = []
        let images = files.plan.images(for: [place])
        if place.registryPath != nil, !images.isEmpty { jobs.append(YAMLEntry("image-\(name)", build(images))) }
        if place.settings.target == .gcp {
            for (site, service) in cloud.sites {
                jobs.append(YAMLEntry("site-\(site)-\(name)", build(site: site, service)))
            }
        }
        jobs.append(YAMLEntry("deploy-\(name)", release(isFirst ? "deploy" : "takeover")))
        return jobs
    }

    private var rules: YAMLEntry { YAMLEntry("rules", .list([GitLabFiles.rule(GitLabFiles.condition(way))])) }

    private func build(_ images: [SourceImage]) -> YAMLTree {
        let image = "$NAME"
        let name = GitHubText.entry("NAME", "\(place.registryPath ?? "")$IMAGE:$CI_COMMIT_SHA")
        let host = String((place.registryPath ?? "").prefix { $0 != "/" })
        var more = [rules, YAMLEntry("interruptible", false)]
        var before: [YAMLTree] = []
        if Registry.isGoogle(place) {
            more += googleIdentity([name])
            before = [
                "apk add --no-cache bash curl jq",
                .text(
                    "\(GitLabFiles.scripts)/google-token.sh | docker login --username oauth2accesstoken --password-stdin \(host)"
                ),
            ]
        } else {
            more.append(YAMLEntry("variables", .map([name])))
            before = [
                .text(
                    "echo \"$REGISTRY_PASSWORD\" | docker login --username \"$REGISTRY_USER\" --password-stdin \(host)")
            ]
        }
        more += [YAMLEntry("services", .row([.text(GitLabFiles.Image.engine)])), files.matrix(images)]
        var script = [GitLabFiles.build]
        script += files.imageGates(image, pipeline.gates, scans: has(.scan))
        script.append("docker push \"\(image)\"")
        // A run that is repeated ships what was scanned, and not another build of it.
        let whole =
            "if ! docker manifest inspect \"\(image)\" >/dev/null 2>&1; then\n"
            + script.map { "  \($0)\n" }.joined() + "fi\n"
        return files.job("build", image: GitLabFiles.Image.docker, more: more, before: before, script: [whole])
    }

    /// Without any right to the cloud: what packages run while they are built could use it.
    private func build(site: ServiceName, _ service: Service) -> YAMLTree {
        let folder = service.source.flatMap { Paths.resolve($0, from: "") } ?? ""
        let image = files.plan.images.first { $0.folder == folder }
        let source = image.map { SourceFiles(image: $0, files: files.subject.files) }
        let build = service.site?.build?.text
        var script = folder.isEmpty ? [] : ["cd \(PipelineScripts.word(folder))"]
        if let source, source.isNodeSite, build?.contains("npm ci") != true { script.append(source.nodeInstall) }
        if let build { script.append(build) }
        if script.isEmpty { script = ["true"] }
        let output = service.site.map { $0.output == "." ? "" : $0.output } ?? ""
        let path = Paths.join(folder, output)
        let artifacts: YAMLTree = .map([
            YAMLEntry("paths", .row([.text(path.isEmpty ? "." : path)])), GitHubText.entry("expire_in", "1 day"),
        ])
        return files.job(
            "build", image: source?.isNodeSite == true ? ImageBases.node : "debian:12-slim",
            more: [rules, YAMLEntry("artifacts", artifacts)], script: script)
    }

    // MARK: The release

    private func release(_ stage: String) -> YAMLTree {
        var environment = [GitHubText.entry("name", name.text)]
        if let url = place.url { environment.append(GitHubText.entry("url", url)) }
        var rule: [YAMLEntry] = []
        let requires = place.settings.requires
        if requires.approval > 0 || !requires.soak.isEmpty { rule.append(GitHubText.entry("when", "manual")) }
        var more = [
            YAMLEntry("rules", .list([GitLabFiles.rule(GitLabFiles.condition(way), rule)])),
            YAMLEntry("environment", .map(environment)),
            YAMLEntry(
                "resource_group", .text(name.text), comment: "One release after another; one that began is ended."),
            YAMLEntry("interruptible", false),
        ]
        switch place.settings.target {
        case .gcp: return google(&more, stage)
        case .kubernetes:
            let script = ["sh deploy/kubernetes/apply.sh \(name) \"$CI_COMMIT_SHA\""] + verification
            // KUBECONFIG is a variable of the type "file", for this environment only.
            return files.job(
                stage, image: GitLabFiles.Image.kubectl, more: more,
                before: verification.isEmpty ? [] : [files.haubanInstall], script: script)
        case .docker, .swarm:
            let before: [YAMLTree] = [
                "apk add --no-cache bash curl openssh-client tar", files.haubanInstall,
                "mkdir -p ~/.ssh && chmod 700 ~/.ssh",
                "install -m 600 \"$DEPLOY_SSH_KEY\" ~/.ssh/id_ed25519",
                "install -m 600 \"$DEPLOY_KNOWN_HOSTS\" ~/.ssh/known_hosts",
            ]
            return files.job(
                stage, image: GitLabFiles.Image.docker, more: more, before: before,
                script: [hauban([.migrate, .deploy, .verify])])
        case .aws:
            more.append(
                YAMLEntry(
                    "id_tokens",
                    .map([YAMLEntry("AWS_ID_TOKEN", .map([GitHubText.entry("aud", "https://sts.amazonaws.com")]))])))
            more.append(
                YAMLEntry(
                    "variables",
                    .map([
                        GitHubText.entry("AWS_REGION", place.settings.regions.first ?? "eu-west-1"),
                        GitHubText.entry("AWS_ROLE_ARN", "$\(upper)_AWS_ROLE"),
                        GitHubText.entry("AWS_WEB_IDENTITY_TOKEN_FILE", "/tmp/aws-token"),
                    ])))
            return files.job(
                stage, image: GitLabFiles.Image.python, more: more,
                before: [
                    files.haubanInstall,
                    "(umask 077 && printf '%s' \"$AWS_ID_TOKEN\" > \"$AWS_WEB_IDENTITY_TOKEN_FILE\")",
                ],
                script: [hauban([.migrate, .deploy, .verify])])
        case .local: return .map([])
        }
    }

    private func google(_ more: inout [YAMLEntry], _ stage: String) -> YAMLTree {
        let cloud = cloud
        more += googleIdentity([
            GitHubText.entry("CLOUDSDK_CORE_DISABLE_PROMPTS", "1"),
            GitHubText.entry("CLOUDSDK_CORE_PROJECT", cloud.project),
            GitHubText.entry("CLOUDSDK_RUN_REGION", cloud.regions[0]),
            GitHubText.entry("IMAGES", String((place.registryPath ?? "").dropLast())),
        ])
        let signIn =
            "CLOUDSDK_AUTH_ACCESS_TOKEN=$(\(GitLabFiles.scripts)/google-token.sh)\nexport CLOUDSDK_AUTH_ACCESS_TOKEN\n"
        var before: [YAMLTree] = ["apt-get update && apt-get install --yes --no-install-recommends jq"]
        if !verification.isEmpty { before.append(files.haubanInstall) }
        before.append(.text(signIn))
        var script = cloud.steps(migrates: has(.migrate)).map(Self.text)
        for (site, service) in cloud.sites {
            let folder = service.source.flatMap { Paths.resolve($0, from: "") } ?? ""
            let output = service.site.map { $0.output == "." ? "" : $0.output } ?? ""
            let path = Paths.join(folder, output)
            script += cloud.publish(site, service, from: path.isEmpty ? "." : PipelineScripts.word(path)).map(Self.text)
        }
        script += verification
        guard
            case .map(var entries) = files.job(
                stage, image: GitLabFiles.Image.gcloud, more: more, before: before, script: script)
        else { return .map([]) }
        let back = cloud.back
        let body =
            "if [ \"$CI_JOB_STATUS\" != success ]; then\n"
            + (signIn + back.script).split(separator: "\n").map { "  \($0)\n" }.joined() + "fi\n"
        entries.append(YAMLEntry("after_script", .list([.text(body)]), comment: back.comment))
        return .map(entries)
    }

    private static func text(_ step: CloudRunRelease.Step) -> String {
        "# \(step.name)\n" + step.script + (step.script.hasSuffix("\n") ? "" : "\n")
    }

    /// A job's own token, and what it is exchanged for.
    private func googleIdentity(_ variables: [YAMLEntry] = []) -> [YAMLEntry] {
        let audience: YAMLTree = .map([
            GitHubText.entry("aud", "https://iam.googleapis.com/$\(upper)_WORKLOAD_IDENTITY_PROVIDER")
        ])
        let names = [
            GitHubText.entry("GOOGLE_PROJECT", place.googleProject),
            GitHubText.entry("GOOGLE_PROVIDER", "$\(upper)_WORKLOAD_IDENTITY_PROVIDER"),
        ]
        return [
            YAMLEntry(
                "id_tokens", .map([YAMLEntry("GOOGLE_ID_TOKEN", audience)]),
                comment: "Signs in by a token of this job: there is no key that could leak."),
            YAMLEntry("variables", .map(names + variables)),
        ]
    }

    private func hauban(_ known: Set<Pipeline.Known>) -> String {
        let stages = PipelinePlan.releasing(pipeline, known).map(\.text).joined(separator: " ")
        return "RELEASE=\"$CI_COMMIT_SHA\" hauban ci --env \(name) \(stages)"
    }

    private var verification: [String] {
        PipelinePlan.releasing(pipeline, [.verify]).isEmpty ? [] : [hauban([.verify])]
    }
}
