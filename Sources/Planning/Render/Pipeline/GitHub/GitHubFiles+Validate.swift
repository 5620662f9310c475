import Spec

extension GitHubFiles {
    /// What every pull request goes through, and every release again.
    var validate: YAMLTree {
        var on = [
            YAMLEntry("pull_request", .map([])),
            YAMLEntry(
                "workflow_call", .map([]), comment: "Each release is judged by the same jobs before it is built."),
        ]
        if let updates = plan.pipeline.updates {
            let cron = Self.clock(updates)
            on.append(
                YAMLEntry(
                    "schedule", .list([.pairs([("cron", .text(cron))])]),
                    comment: "Holes become known without a commit."))
        }
        var jobs: [YAMLEntry] = []
        for checks in plan.checks { jobs.append(YAMLEntry(Self.jobID(checks.image, plan), sourceJob(checks))) }
        jobs.append(YAMLEntry("gates", gatesJob))
        if plan.has(.audit) { jobs.append(YAMLEntry("dependencies", dependencyJob)) }
        let built = plan.images(for: subject.everywhere)
        if plan.buildsImages, !built.isEmpty { jobs.append(YAMLEntry("images", imageTrialJob(built))) }
        jobs.append(YAMLEntry(Self.verdict, verdictJob(jobs.map(\.key))))
        let concurrency: YAMLTree = .map([
            GitHubText.entry(
                "group", "checks-\(GitHubText.value("github.workflow"))-\(GitHubText.value("github.ref"))"),
            YAMLEntry(
                "cancel-in-progress", .text(GitHubText.value("github.event_name == 'pull_request'")),
                comment: "A newer push makes the older one's verdict worthless; a release is judged to its end."),
        ])
        return .map([
            YAMLEntry("name", "Validate"), YAMLEntry("on", .map(on)),
            YAMLEntry("permissions", .map([]), comment: "Each job asks for what it needs."),
            YAMLEntry("concurrency", concurrency), GitHubText.shell, YAMLEntry("jobs", .map(jobs)),
        ])
    }

    static func jobID(_ image: SourceImage, _ plan: PipelinePlan) -> String { "source-\(image.slug(plan.platform))" }

    /// A cron line for an interval: by day, week or month, in the night of Europe and America's evening.
    static func clock(_ interval: Duration) -> String {
        switch interval.components.seconds {
        case ...86_400: "17 4 * * *"
        case ...604_800: "17 4 * * 1"
        default: "17 4 1 * *"
        }
    }

    // MARK: Jobs

    private func sourceJob(_ checks: SourceChecks) -> YAMLTree {
        let source = SourceFiles(image: checks.image, files: subject.files)
        var steps = [GitHubText.checkout()]
        switch checks.tool {
        case .python: steps.append(pythonSetup([source]))
        case .node: steps.append(nodeSetup([source]))
        case .go: steps.append(goSetup([source]))
        case .swift, nil: break
        }
        let folder = checks.folder
        if let install = checks.install {
            steps.append(GitHubText.run("Install", install, folder: folder, id: "install"))
        }
        let always =
            checks.install == nil ? "${{ !cancelled() }}" : "${{ !cancelled() && steps.install.outcome == 'success' }}"
        for step in checks.steps {
            // Each says what is wrong, whatever the one before said.
            let isFirst = step == checks.steps.first
            steps.append(
                GitHubText.run(
                    step.name, step.run, folder: folder, condition: isFirst ? nil : always,
                    comment: step.comment))
        }
        let tests = checks.steps.contains { $0.stage == .test }
        let stores = TestStores(tests ? checks.image.services : [], in: subject.base, sharing: true) { _ in "localhost"
        }
        let tool = checks.tool.map { " (\($0))" } ?? ""
        return GitHubText.job(
            (folder.isEmpty ? subject.base.name.text : folder) + tool, minutes: 20, more: GitHubText.services(stores),
            steps: steps)
    }

    private var gatesJob: YAMLTree {
        let stages = plan.gateStages
        var steps = [GitHubText.checkout(history: stages.contains { $0.text == "secrets" } ? Self.history : nil)]
        if !plan.ownGateStages.isEmpty { steps += ownTools }
        let isTested = plan.ownGateStages.contains { $0.text == "test" }
        let services = isTested ? plan.images.flatMap(\.services) : []
        let stores = TestStores(services, in: subject.base, sharing: true) { _ in "localhost" }
        steps.append(haubanInstall)
        if stages.contains(where: { $0.text == "secrets" }) { steps.append(Self.gitleaks) }
        steps.append(GitHubText.run("Check hauban.yaml", "hauban check"))
        steps.append(
            GitHubText.run(
                "Check what was rendered", "hauban render github --check",
                comment: "Fails where a rendered file was changed by hand, or hauban.yaml without rendering again."))
        if !stages.isEmpty {
            steps.append(GitHubText.run("Gates", "hauban ci " + stages.map(\.text).joined(separator: " ")))
        }
        return .commented(
            "The same command with the same gates as on a laptop.",
            GitHubText.job(
                "hauban ci", minutes: plan.minutes(stages), more: GitHubText.services(stores), steps: steps))
    }

    private static let history = "What a commit took away is still in the history."

    var haubanInstall: YAMLTree { GitHubText.run("Install hauban", "\(Self.scripts)/install-hauban.sh") }

    static let gitleaks = GitHubText.run(
        "Install gitleaks",
        "go install github.com/zricethezav/gitleaks/v8@v\(PipelineScripts.gitleaks)\n"
            + "echo \"$(go env GOPATH)/bin\" >> \"$GITHUB_PATH\"\n",
        comment: "Go's checksum database vouches for the version.")

    private var dependencyJob: YAMLTree {
        var with = [
            GitHubText.entry("fail-on-severity", PipelinePlan.advisory(plan.gates.vulnerabilities.block))
        ]
        if !plan.gates.licences.isEmpty {
            with.append(GitHubText.entry("allow-licenses", plan.gates.licences.joined(separator: ", ")))
        }
        return .commented(
            "What the pull request adds, against GitHub's advisories. Private repositories need Code Security.",
            GitHubText.job(
                "dependency review", condition: "github.event_name == 'pull_request'", minutes: 10,
                steps: [
                    GitHubText.checkout(), GitHubText.uses("Review", .dependencyReview, with: with),
                ]))
    }

    private func imageTrialJob(_ images: [SourceImage]) -> YAMLTree {
        let name = "\(plan.platform)/\(GitHubText.value("matrix.image")):\(GitHubText.value("github.sha"))"
        var steps = [GitHubText.checkout(), GitHubText.uses("Set up buildx", .buildx)]
        steps.append(GitHubText.uses("Build", .build, with: buildInputs(images, tag: name, pushes: false)))
        steps += imageGates(name, gates: plan.gates, scans: plan.has(.scan))
        return .commented(
            "A release builds and scans its own.",
            GitHubText.job(
                "image \(GitHubText.value("matrix.image"))", condition: "github.event_name == 'pull_request'",
                minutes: 30, more: [matrix(images)], steps: steps))
    }

    private func verdictJob(_ jobs: [String]) -> YAMLTree {
        .commented(
            "The one check that branch protection asks for: jobs come and go, its name stays.",
            GitHubText.job(
                Self.verdict, needs: jobs, condition: "always()", permissions: .map([]), minutes: 5,
                steps: [
                    GitHubText.run(
                        "All passed, or had nothing to do",
                        "jq --exit-status 'all(.[]; .result == \"success\" or .result == \"skipped\")' <<<\"$RESULTS\"",
                        env: [GitHubText.entry("RESULTS", GitHubText.value("toJSON(needs)"))])
                ]))
    }

    // MARK: Parts of jobs that build images

    func matrix(_ images: [SourceImage]) -> YAMLEntry {
        let rows: [YAMLTree] = images.map { image in
            var row = [
                GitHubText.entry("image", image.slug(plan.platform)),
                GitHubText.entry("context", image.folder.isEmpty ? "." : image.folder),
            ]
            if let dockerfile = image.services.compactMap({ $0.service.build?.dockerfile }).first {
                row.append(GitHubText.entry("file", image.path(dockerfile)))
            }
            let args = image.services.compactMap { $0.service.build?.args }.first { !$0.isEmpty } ?? [:]
            if !args.isEmpty {
                let text = args.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }.joined(separator: "\n")
                row.append(GitHubText.entry("args", text + "\n"))
            }
            return .map(row)
        }
        return YAMLEntry(
            "strategy",
            .map([YAMLEntry("fail-fast", false), YAMLEntry("matrix", .map([YAMLEntry("include", .list(rows))]))]))
    }

    func buildInputs(_ images: [SourceImage], tag: String, pushes: Bool) -> [YAMLEntry] {
        let scope = "scope=\(GitHubText.value("matrix.image"))"
        var with = [GitHubText.entry("context", GitHubText.value("matrix.context"))]
        if images.contains(where: { $0.services.contains { $0.service.build?.dockerfile != nil } }) {
            with.append(GitHubText.entry("file", GitHubText.value("matrix.file")))
        }
        if images.contains(where: { $0.services.contains { $0.service.build?.args.isEmpty == false } }) {
            with.append(GitHubText.entry("build-args", GitHubText.value("matrix.args")))
        }
        with.append(GitHubText.entry("tags", tag))
        if pushes {
            with.append(YAMLEntry("push", true))
            with.append(
                YAMLEntry(
                    "provenance", "mode=max", comment: "How it was made and what is in it, kept beside the image."))
            with.append(YAMLEntry("sbom", true))
        } else {
            with.append(YAMLEntry("load", true))
            with.append(GitHubText.entry("cache-from", "type=gha,\(scope)"))
            with.append(GitHubText.entry("cache-to", "type=gha,mode=max,\(scope)"))
        }
        return with
    }

    func imageGates(_ name: String, gates: Gates, scans: Bool) -> [YAMLTree] {
        var steps: [YAMLTree] = []
        if let size = gates.imageSize {
            steps.append(
                GitHubText.run(
                    "No larger than \(size)",
                    "size=$(docker image inspect --format '{{.Size}}' \"$IMAGE\")\n"
                        + "echo \"$IMAGE: $size bytes\"\ntest \"$size\" -le \(size.bytes)\n",
                    env: [GitHubText.entry("IMAGE", name)]))
        }
        if scans {
            let severities = PipelinePlan.severities(gates.vulnerabilities.block).joined(separator: ",")
            steps.append(
                GitHubText.uses(
                    "Scan", .trivy,
                    with: [
                        GitHubText.entry("image-ref", name), GitHubText.entry("severity", severities),
                        GitHubText.entry("exit-code", "1"),
                    ]))
        }
        return steps
    }

    // MARK: Tools

    func pythonSetup(_ sources: [SourceFiles]) -> YAMLTree {
        let files = sources.flatMap { source in source.pythonPackageFiles.map { source.image.path($0) } }
        return GitHubText.uses(
            "Set up Python", .python,
            with: [
                GitHubText.entry("python-version", Self.version(ImageBases.python)),
                GitHubText.entry("cache", "pip"),
                GitHubText.entry("cache-dependency-path", Self.lines(files)),
            ])
    }

    /// - Parameter caches: not where something is made that is released: a cache may hold what somebody else put there.
    func nodeSetup(_ sources: [SourceFiles], caches: Bool = true) -> YAMLTree {
        var with = [GitHubText.entry("node-version", Self.version(ImageBases.node))]
        let locked = sources.filter(\.isLocked)
        if !caches || locked.isEmpty {
            with.append(
                YAMLEntry(
                    "package-manager-cache", false,
                    comment: caches ? nil : "What is released is made of nothing that another run left."))
        } else {
            with.append(GitHubText.entry("cache", "npm"))
            with.append(
                GitHubText.entry(
                    "cache-dependency-path", Self.lines(locked.map { $0.image.path("package-lock.json") })))
        }
        return GitHubText.uses("Set up Node", .node, with: with)
    }

    func goSetup(_ sources: [SourceFiles]) -> YAMLTree {
        GitHubText.uses(
            "Set up Go", .go,
            with: [
                GitHubText.entry("go-version-file", sources[0].image.path("go.mod")),
                GitHubText.entry("cache-dependency-path", Self.lines(sources.map { $0.image.path("go.sum") })),
            ])
    }

    /// Tools and packages for stages whose commands are the team's own: these run over the whole repository.
    private var ownTools: [YAMLTree] {
        func sources(_ kinds: Set<SourceImage.Kind>) -> [SourceFiles] {
            plan.images.map { SourceFiles(image: $0, files: subject.files) }
                .filter { source in source.image.kind.map(kinds.contains) ?? false }
        }
        var steps: [YAMLTree] = []
        let python = sources([.python])
        if !python.isEmpty {
            steps.append(pythonSetup(python))
            let commands = plan.ownGateStages.flatMap { plan.pipeline.steps[$0]?.run ?? [] }.map(\.text)
            steps.append(GitHubText.run("Install Python packages", PipelineScripts.pythonInstall(python, commands)))
        }
        let node = sources([.node, .site]).filter { $0.image.kind == .node || $0.isNodeSite }
        if !node.isEmpty {
            steps.append(nodeSetup(node))
            steps.append(
                GitHubText.run("Install Node packages", Self.lines(node.map(PipelineScripts.nodeInstall))))
        }
        let go = sources([.go])
        if !go.isEmpty { steps.append(goSetup(go)) }
        return steps
    }

    /// `3.12` of `python:3.12-slim-bookworm`.
    static func version(_ image: String) -> String {
        String(image.split(separator: ":").last?.prefix { $0 != "-" } ?? "")
    }

    static func lines(_ lines: [String]) -> String {
        lines.count == 1 ? lines[0] : lines.joined(separator: "\n") + "\n"
    }
}
