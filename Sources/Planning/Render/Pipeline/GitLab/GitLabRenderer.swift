import Spec

/// `hauban render gitlab`: `.gitlab-ci.yml` and the scripts that it runs.
package struct GitLabRenderer: Renderer {
    package init() {}

    /// Where GitLab looks for it.
    static let path = ".gitlab-ci.yml"

    package func render(_ subject: RenderSubject) -> Rendering {
        let files = GitLabFiles(subject)
        return Rendering(files.artifacts, diagnostics: files.diagnostics)
    }
}

/// All files of GitLab for one platform.
struct GitLabFiles: Sendable {
    let plan: PipelinePlan

    init(_ subject: RenderSubject) { plan = PipelinePlan(subject) }

    var subject: RenderSubject { plan.subject }

    static let scripts = ".gitlab/scripts"

    /// Images of jobs: versions and not digests, as in ``ImageBases``.
    enum Image {
        static let go = ImageBases.goBuild
        /// With curl and git, unlike the slim one.
        static let python = "python:3.12-bookworm"
        static let docker = "docker:28.5-cli"
        static let engine = "docker:28.5-dind"
        static let trivy = "aquasec/trivy:0.70.0"
        static let gcloud = "google/cloud-sdk:548.0.0-slim"
        static let kubectl = "alpine/k8s:1.31.3"
    }

    var artifacts: [Artifact] {
        var all = [
            Artifact(
                path: GitLabRenderer.path,
                text: YAMLText.file(header: Artifact.header(subject.source), pipeline)),
            Artifact(
                path: "\(Self.scripts)/install-hauban.sh", text: PipelineScripts.install(subject.source),
                isExecutable: true),
        ]
        if plan.ways.contains(where: { $0.places.contains { Registry.isGoogle($0) } }) {
            all.append(
                Artifact(
                    path: "\(Self.scripts)/google-token.sh", text: PipelineScripts.googleToken(subject.source),
                    isExecutable: true))
        }
        return all
    }

    private var pipeline: YAMLTree {
        var entries: [YAMLEntry] = []
        if plan.analyses {
            entries.append(
                YAMLEntry(
                    "include", .list([.pairs([("template", "Jobs/SAST.gitlab-ci.yml")])]),
                    comment: "GitLab's own analysis of the code, as new as the server."))
        }
        entries += [
            YAMLEntry("workflow", .map([YAMLEntry("rules", .list(rules))])),
            YAMLEntry("stages", .row(stages)),
            YAMLEntry(
                "default", .map([YAMLEntry("interruptible", true), YAMLEntry("timeout", "30 minutes")]),
                comment: "A newer push makes an older one's checks worthless."),
        ]
        for checks in plan.checks {
            entries.append(YAMLEntry("source-\(checks.image.slug(plan.platform))", sourceJob(checks)))
        }
        if plan.gateStages.contains(where: { $0.text == "secrets" }) {
            entries.append(YAMLEntry("secrets", secretsJob))
        }
        entries.append(YAMLEntry("gates", gatesJob))
        let built = plan.images(for: subject.everywhere)
        if plan.buildsImages, !built.isEmpty { entries.append(YAMLEntry("images", trialJob(built))) }
        for way in plan.ways {
            for (index, place) in way.places.enumerated() {
                entries += GitLabRelease(files: self, way: way, place: place).all(isFirst: index == 0)
            }
        }
        return .map(entries)
    }

    /// Who takes over when another fails gets a release after it.
    private var stages: [YAMLTree] {
        ["test", "build", "deploy"] + (plan.ways.contains { $0.places.count > 1 } ? ["takeover"] : [])
    }

    private var rules: [YAMLTree] {
        var rules = [
            Self.rule("$CI_PIPELINE_SOURCE == \"merge_request_event\""),
            Self.rule("$CI_PIPELINE_SOURCE == \"schedule\""),
        ]
        for way in plan.ways { rules.append(Self.rule(Self.condition(way))) }
        return rules
    }

    static func rule(_ condition: String, _ more: [YAMLEntry] = []) -> YAMLTree {
        .map([GitHubText.entry("if", condition)] + more)
    }

    /// When a release is meant, as a rule says it.
    static func condition(_ way: ReleaseWay) -> String {
        switch way.event {
        case .branch(let name): "$CI_PIPELINE_SOURCE == \"push\" && $CI_COMMIT_BRANCH == \"\(name)\""
        case .tag(let pattern): "$CI_COMMIT_TAG =~ /^\(expression(pattern))$/"
        }
    }

    /// A pattern of tags as a regular expression of GitLab (RE2).
    private static func expression(_ pattern: String) -> String {
        pattern.map { character in
            switch character {
            case "*": ".*"
            case "?": "."
            case ".", "+", "(", ")", "[", "]", "{", "}", "^", "$", "|", "\\", "/": "\\\(character)"
            default: String(character)
            }
        }.joined()
    }

    // MARK: Checks

    private func sourceJob(_ checks: SourceChecks) -> YAMLTree {
        let source = SourceFiles(image: checks.image, files: subject.files)
        let folder = checks.folder
        var before: [YAMLTree] = []
        var more: [YAMLEntry] = []
        let image: String
        switch checks.tool {
        case .python:
            image = ImageBases.python
            more.append(YAMLEntry("variables", .map([GitHubText.entry("PIP_CACHE_DIR", "$CI_PROJECT_DIR/.cache/pip")])))
            more.append(cache(source.pythonPackageFiles.map { checks.image.path($0) }, ".cache/pip"))
        case .node:
            image = ImageBases.node
            more.append(
                YAMLEntry("variables", .map([GitHubText.entry("npm_config_cache", "$CI_PROJECT_DIR/.cache/npm")])))
            if source.isLocked { more.append(cache([checks.image.path("package-lock.json")], ".cache/npm")) }
        case .go: image = Image.go
        case .swift:
            image = ImageBases.swiftBuild
            if checks.steps.contains(where: { $0.run.contains("jq ") }) {
                before.append("apt-get update && apt-get install --yes --no-install-recommends jq")
            }
        case nil: image = "debian:12-slim"
        }
        let isTested = checks.steps.contains { $0.stage == .test }
        let beside = Self.services(TestStores(isTested ? checks.image.services : [], in: subject.base) { $0 }, &more)
        more += beside
        if !folder.isEmpty { before.append(.text("cd \(PipelineScripts.word(folder))")) }
        if let install = checks.install { before.append(.text(install)) }
        if checks.tool == .python, checks.steps.contains(where: { $0.stage == .test }) {
            let reports: YAMLTree = .map([
                GitHubText.entry("junit", checks.image.path("junit.xml")),
                YAMLEntry(
                    "coverage_report",
                    .map([
                        GitHubText.entry("coverage_format", "cobertura"),
                        GitHubText.entry("path", checks.image.path("coverage.xml")),
                    ])),
            ])
            more.append(
                YAMLEntry(
                    "artifacts",
                    .map([
                        GitHubText.entry("when", "always"), GitHubText.entry("expire_in", "1 week"),
                        YAMLEntry("reports", reports),
                    ])))
        }
        return job("test", image: image, more: more, before: before, script: checks.steps.map(\.run))
    }

    /// Stores as containers beside a job; their variables join those that it has.
    private static func services(_ stores: TestStores, _ more: inout [YAMLEntry]) -> [YAMLEntry] {
        guard !stores.stores.isEmpty else { return [] }
        var variables: [YAMLEntry] = []
        if let index = more.firstIndex(where: { $0.key == "variables" }), case .map(let own) = more[index].value {
            variables = own
            more.remove(at: index)
        }
        variables += stores.variables.map { GitHubText.entry($0.name, $0.value) }
        let entries: [YAMLTree] = stores.stores.map { store in
            var parts = [GitHubText.entry("name", store.image), GitHubText.entry("alias", store.name)]
            if store.isPostgres {
                parts.append(
                    YAMLEntry(
                        "variables",
                        .map([
                            GitHubText.entry("POSTGRES_DB", store.database),
                            GitHubText.entry("POSTGRES_PASSWORD", "postgres"),
                        ])))
            }
            return .map(parts)
        }
        return [
            YAMLEntry("services", .list(entries), comment: "For the tests alone: empty, and gone with the job."),
            YAMLEntry("variables", .map(variables)),
        ]
    }

    private func cache(_ files: [String], _ folder: String) -> YAMLEntry {
        // GitLab takes two files for a key at most.
        let key: YAMLTree = .map([YAMLEntry("files", .list(files.prefix(2).map { .text($0) }))])
        return YAMLEntry("cache", .map([YAMLEntry("key", key), YAMLEntry("paths", .row([.text(folder)]))]))
    }

    private var secretsJob: YAMLTree {
        job(
            "test", image: Image.go,
            more: [
                YAMLEntry(
                    "variables", .map([GitHubText.entry("GIT_DEPTH", "0")]),
                    comment: "What a commit took away is still in the history.")
            ],
            before: [
                haubanInstall,
                .text("go install github.com/zricethezav/gitleaks/v8@v\(PipelineScripts.gitleaks)"),
            ],
            script: ["hauban ci secrets"])
    }

    private var gatesJob: YAMLTree {
        let stages = plan.gateStages.filter { $0.text != "secrets" }
        var before = [haubanInstall]
        var more = [GitHubText.entry("timeout", "\(plan.minutes(stages)) minutes")]
        if plan.ownGateStages.contains(where: { $0.text == "test" }) {
            let beside = Self.services(TestStores(plan.images.flatMap(\.services), in: subject.base) { $0 }, &more)
            more += beside
        }
        if !plan.ownGateStages.isEmpty {
            let sources = plan.images.map { SourceFiles(image: $0, files: subject.files) }
            let python = sources.filter { $0.image.kind == .python }
            let node = sources.filter { $0.image.kind == .node || ($0.image.kind == .site && $0.isNodeSite) }
            if !node.isEmpty {
                before.append("apt-get update && apt-get install --yes --no-install-recommends nodejs npm")
                before += node.map { .text(PipelineScripts.nodeInstall($0)) }
            }
            if !python.isEmpty {
                let commands = plan.ownGateStages.flatMap { plan.pipeline.steps[$0]?.run ?? [] }.map(\.text)
                before.append(.text(PipelineScripts.pythonInstall(python, commands)))
            }
        }
        var script = ["hauban check", "hauban render gitlab --check"]
        if !stages.isEmpty { script.append("hauban ci " + stages.map(\.text).joined(separator: " ")) }
        return .commented(
            "The same command with the same gates as on a laptop.",
            job(
                "test", image: Image.python,
                more: more, before: before, script: script))
    }

    var haubanInstall: YAMLTree { .text("HAUBAN_FOLDER=/usr/local/bin \(Self.scripts)/install-hauban.sh") }

    private func trialJob(_ images: [SourceImage]) -> YAMLTree {
        var script = [Self.build]
        script += imageGates("$NAME", plan.gates, scans: plan.has(.scan))
        return .commented(
            "A release builds and scans its own.",
            job(
                "build", image: Image.docker,
                more: [
                    YAMLEntry("rules", .list([Self.rule("$CI_PIPELINE_SOURCE == \"merge_request_event\"")])),
                    YAMLEntry("services", .row([.text(Image.engine)])),
                    YAMLEntry("variables", .map([GitHubText.entry("NAME", "$IMAGE:$CI_COMMIT_SHA")])), matrix(images),
                ], script: script))
    }

    /// What stands in ARGUMENTS is quoted for a shell.
    static let build = "eval \"set -- $ARGUMENTS\" && docker build --tag \"$NAME\" \"$@\" \"$CONTEXT\""

    func matrix(_ images: [SourceImage]) -> YAMLEntry {
        let rows: [YAMLTree] = images.map { image in
            var arguments: [String] = []
            if let dockerfile = image.services.compactMap({ $0.service.build?.dockerfile }).first {
                arguments.append("--file \(PipelineScripts.word(image.path(dockerfile)))")
            }
            let args = image.services.compactMap { $0.service.build?.args }.first { !$0.isEmpty } ?? [:]
            for (key, value) in args.sorted(by: { $0.key < $1.key }) {
                arguments.append("--build-arg \(PipelineScripts.word("\(key)=\(value)"))")
            }
            return .map([
                GitHubText.entry("IMAGE", image.slug(plan.platform)),
                GitHubText.entry("CONTEXT", image.folder.isEmpty ? "." : image.folder),
                GitHubText.entry("ARGUMENTS", arguments.joined(separator: " ")),
            ])
        }
        return YAMLEntry("parallel", .map([YAMLEntry("matrix", .list(rows))]))
    }

    func imageGates(_ image: String, _ gates: Gates, scans: Bool) -> [String] {
        var script: [String] = []
        if let size = gates.imageSize {
            script.append("test \"$(docker image inspect --format '{{.Size}}' \"\(image)\")\" -le \(size.bytes)")
        }
        if scans {
            let severities = PipelinePlan.severities(gates.vulnerabilities.block).joined(separator: ",")
            script.append(
                "docker run --rm --volume /var/run/docker.sock:/var/run/docker.sock \(Image.trivy) image "
                    + "--exit-code 1 --severity \(severities) \"\(image)\"")
        }
        return script
    }

    func job(
        _ stage: String, image: String, more: [YAMLEntry] = [], before: [YAMLTree] = [], script: [String]
    ) -> YAMLTree {
        var entries = [GitHubText.entry("stage", stage), GitHubText.entry("image", image)] + more
        if !before.isEmpty { entries.append(YAMLEntry("before_script", .list(before))) }
        entries.append(YAMLEntry("script", .list(script.map { .text($0) })))
        return .map(entries)
    }

    // MARK: What GitLab has no way to say

    var diagnostics: [Diagnostic] {
        var found = plan.diagnostics
        func tell(_ path: SpecPath, _ message: String, _ help: String, _ place: RenderSubject.Place? = nil) {
            found.append(
                Diagnostic(
                    .targetCannotHonour, message, at: path, span: subject.parsed.span(of: path), severity: .warning,
                    help: help, environment: place?.name.text))
        }
        if plan.pipeline.updates != nil {
            tell(
                SpecPath(["pipeline", "updates"]), "GitLab opens no merge requests for newer versions by itself",
                "Run Renovate on a schedule; a schedule of this pipeline finds known holes.")
        }
        if plan.analyses {
            tell(
                SpecPath(["pipeline", "gates", "code"]),
                "GitLab's analysis of code reports, and stops nothing from \(plan.gates.code.block.rawValue) on",
                "A merge request approval policy of GitLab Ultimate does; or name a stage of your own under `pipeline.steps`."
            )
        }
        if !plan.gates.licences.isEmpty {
            tell(
                SpecPath(["pipeline", "gates", "licences"]), "the rendered jobs do not judge licences",
                "Write the command that lists them under `pipeline.steps.audit`: `hauban ci` then applies the gate.")
        }
        for place in plan.ways.flatMap(\.places) {
            if !place.settings.requires.soak.isEmpty {
                tell(
                    .environment(place.name, "requires", "soak"),
                    "the token of a GitLab job cannot ask how long another environment has had a release",
                    "The job is started by a person, who has to look.", place)
            }
            if place.settings.requires.approval > 1 {
                tell(
                    .environment(place.name, "requires", "approval"),
                    "a release starts when one person starts its job, not \(place.settings.requires.approval)",
                    "Protect the environment with as many approvals (GitLab Premium).", place)
            }
        }
        return found
    }
}
