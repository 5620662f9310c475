import Spec

/// What hauban.yaml says of the way of a change, in the terms that every CI knows.
struct PipelinePlan: Sendable {
    let subject: RenderSubject
    let pipeline: Pipeline
    /// The images of the base and of what only an environment has, by folder.
    let images: [SourceImage]
    /// The checks that a runner makes by itself, a source folder each.
    let checks: [SourceChecks]
    /// Environments with a branch or tag, by what ships there.
    let ways: [ReleaseWay]

    init(_ subject: RenderSubject) {
        self.subject = subject
        pipeline = subject.base.pipeline
        images = SourceImage.all(ImagesRenderer.services(subject), files: subject.files)
        let pipeline = pipeline
        let files = subject.files
        checks = images.compactMap { SourceChecks($0, pipeline: pipeline, files: files) }
        ways = ReleaseWay.all(
            subject.places.filter { $0.platform.pipeline.stages.contains { $0.text == "deploy" } })
    }

    var platform: PlatformName { subject.base.name }
    var gates: Gates { pipeline.gates }

    func has(_ stage: Pipeline.Known) -> Bool { pipeline.stages.contains { $0.text == stage.rawValue } }

    /// Whether the team's own commands stand in the place of a known stage's.
    func isReplaced(_ stage: Pipeline.Known) -> Bool { pipeline.steps.keys.contains { $0.text == stage.rawValue } }

    // MARK: Stages

    /// Stages that `hauban ci` runs before anything is shipped, in their order: what no runner knows better by itself.
    var gateStages: [StageName] {
        Self.before(pipeline).filter { stage in
            guard let known = Pipeline.Known(rawValue: stage.text) else { return !isAnalysis(stage) }
            switch known {
            case .secrets: return true
            case .lint, .test, .audit: return isReplaced(known)
            case .build, .scan: return isReplaced(known)
            case .push, .migrate, .deploy, .verify: return false
            }
        }
    }

    /// Stages of the team's own commands among them: these need what the sources need.
    var ownGateStages: [StageName] { gateStages.filter { pipeline.steps[$0] != nil } }

    /// The longest that these may take, in minutes.
    func minutes(_ stages: [StageName]) -> Int {
        let seconds = stages.reduce(0) { sum, stage in
            let step = pipeline.steps[stage]
            return sum + Int((step?.timeout ?? .seconds(900)).components.seconds) * ((step?.retries ?? 0) + 1)
        }
        return min(max(15, (seconds + 59) / 60 + 10), 360)
    }

    /// Whether a stage only does by hand what the host's own code scanning does.
    func isAnalysis(_ stage: StageName) -> Bool {
        guard let step = pipeline.steps[stage], !step.run.isEmpty else { return false }
        return step.run.allSatisfy { $0.text.hasPrefix("codeql ") }
    }

    /// Those in front of the first one that touches an environment.
    static func before(_ pipeline: Pipeline) -> [StageName] {
        let moving: Set<String> = ["push", "migrate", "deploy", "verify"]
        return Array(pipeline.stages.prefix { !moving.contains($0.text) })
    }

    /// The known ones that touch an environment, and everything behind them.
    static func releasing(_ pipeline: Pipeline, _ known: Set<Pipeline.Known>) -> [StageName] {
        pipeline.stages.dropFirst(before(pipeline).count).filter { stage in
            Pipeline.Known(rawValue: stage.text).map(known.contains) ?? true
        }
    }

    // MARK: Gates

    /// The severities that stop a change, worst first, as scanners write them.
    static func severities(_ level: Level) -> [String] {
        Level.allCases.filter { $0 >= level }.map { $0.rawValue.uppercased() }
    }

    /// As npm and GitHub's advisories write a severity.
    static func advisory(_ level: Level) -> String { level == .medium ? "moderate" : level.rawValue }

    /// `60` of 60 %, `72.5` of 72.5 %.
    static func number(_ percent: Percent) -> String { String(percent.description.dropLast()) }

    // MARK: Code analysis

    /// CodeQL's names of the languages that the sources are written in.
    var languages: [String] {
        var found: Set<String> = []
        for image in images {
            switch image.kind {
            case .python: found.insert("python")
            case .node, .site: found.insert("javascript-typescript")
            case .go: found.insert("go")
            case .swift: found.insert("swift")
            case .plain, nil: break
            }
        }
        return found.sorted()
    }

    /// Whether runners build and scan images by themselves, and not by the team's own commands.
    var buildsImages: Bool { has(.build) && !isReplaced(.build) && !isReplaced(.scan) }

    /// Whether the code itself is looked at for holes.
    var analyses: Bool {
        (has(.audit) || has(.scan) || pipeline.stages.contains(where: isAnalysis)) && !languages.isEmpty
    }

    /// Images that are built for any of these environments: a cloud serves sites from a bucket.
    func images(for places: [RenderSubject.Place]) -> [SourceImage] {
        images.filter { image in places.contains { Self.isBuilt(image, for: $0) } }
    }

    private static func isBuilt(_ image: SourceImage, for place: RenderSubject.Place) -> Bool {
        let services = place.platform.services
        guard image.services.contains(where: { services[$0.name]?.source != nil }) else { return false }
        return switch place.settings.target {
        case .local: false
        case .docker, .swarm, .kubernetes: true
        case .gcp: image.kind != .site
        case .aws: !image.services.contains { services[$0.name]?.site?.cdn == true }
        }
    }

    // MARK: What cannot be said

    var diagnostics: [Diagnostic] {
        var found: [Diagnostic] = []
        func tell(_ path: SpecPath, _ message: String, _ help: String, _ severity: Diagnostic.Severity = .warning) {
            found.append(
                Diagnostic(
                    .targetCannotHonour, message, at: path, span: subject.parsed.span(of: path), severity: severity,
                    help: help))
        }
        for image in images {
            let done = Set(checks.first { $0.folder == image.folder }?.steps.map(\.stage) ?? [])
            let open = ([.lint, .test, .audit] as [Pipeline.Known]).filter {
                has($0) && !isReplaced($0) && !done.contains($0)
            }
            guard !open.isEmpty else { continue }
            let path = SpecPath.service(image.lead.name, "source")
            let names = open.map { "`\($0.rawValue)`" }.joined(separator: ", ")
            tell(
                path, "nothing tells how \(image.folder.isEmpty ? "the source" : image.folder) is checked in \(names)",
                "Say the commands under `pipeline.steps`: `hauban ci` runs them on the runner as on a laptop.",
                image.kind == nil || image.kind == .plain ? .warning : .note)
        }
        for place in subject.places where place.settings.target != .local {
            guard place.settings.branch != nil || place.settings.tag != nil,
                !place.platform.pipeline.stages.contains(where: { $0.text == "deploy" })
            else { continue }
            let key = place.settings.branch != nil ? "branch" : "tag"
            tell(
                .environment(place.name, key),
                "nothing ships to `\(place.name)`: `deploy` is not one of `pipeline.stages`", "Add it there.")
        }
        let hasAudit = checks.contains { $0.steps.contains { $0.stage == .audit } }
        if gates.vulnerabilities.block != .low, checks.contains(where: \.auditKnowsNoSeverity) {
            tell(
                SpecPath(["pipeline", "gates", "vulnerabilities"]),
                "pip-audit and govulncheck tell no severity: every known hole stops a change, not only "
                    + "\(gates.vulnerabilities.block.rawValue) and above",
                "Images are judged by severity. To judge packages so too, write the stage's commands under "
                    + "`pipeline.steps.audit`: `hauban ci` then applies the gate.", .note)
        }
        if gates.newOnly, hasAudit {
            tell(
                SpecPath(["pipeline", "gates", "new-only"]),
                "audits of whole sources cannot leave out what the target branch has already",
                "The review of dependencies and code scanning judge only what a pull request brings; to judge audits so "
                    + "too, write their commands under `pipeline.steps.audit`: `hauban ci` then applies the gate.")
        }
        return found
    }
}
