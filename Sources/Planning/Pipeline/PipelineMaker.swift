import Spec

/// Makes the steps of a platform's pipeline.
///
/// Checks stand beside each other; an image is built when they passed; a stage of the team's own waits for `after`, else for all
/// before it; whatever moves something into an environment waits for everything before it.
struct PipelineMaker {
    private typealias Wish = PipelineWish

    let wish: PipelineWish
    private(set) var stages: [StageName] = []
    private(set) var steps: [PipelineGraph.Step] = []
    private(set) var gaps: [String] = []
    private let images: [SourceImage]
    private let builds: Bool
    private var byStage: [StageName: [StepID]] = [:]
    private var prepared: [String: StepID] = [:]

    private static let checks: Set<Pipeline.Known> = [.lint, .secrets, .test, .audit]
    private static let moving: Set<Pipeline.Known> = [.push, .migrate, .deploy, .verify]

    init(_ wish: PipelineWish) {
        self.wish = wish
        images = SourceImage.all(wish.platform.services, files: wish.files)
        let targets =
            wish.environment.map { wish.platform.environments[$0].map { [$0.target] } ?? [] }
            ?? wish.platform.environments.values.map(\.target)
        builds = targets.contains { $0 != .local }
    }

    private var pipeline: Pipeline { wish.platform.pipeline }

    mutating func make() throws(PipelineWish.Refusal) {
        try choose()
        for stage in stages {
            if let own = pipeline.steps[stage] {
                add([ownStep(stage, own)], of: stage)
            } else if let known = Pipeline.Known(rawValue: stage.text) {
                switch known {
                case .lint, .test, .audit: addChecks(known, stage)
                case .secrets: add([secrets(stage)], of: stage)
                case .build: addImages(stage)
                case .scan: addScans(stage)
                case .push: addPushes(stage)
                case .migrate: try migrate(stage)
                case .deploy: try deploy(stage)
                case .verify: try verify(stage)
                }
            }
        }
        connect()
    }

    /// Which stages: those that were asked for, in the pipeline's order.
    private mutating func choose() throws(PipelineWish.Refusal) {
        for stage in wish.stages where !pipeline.stages.contains(stage) {
            let near = KeyHint.nearest(to: stage.text, among: pipeline.stages.map(\.text)).flatMap { StageName($0) }
            throw .unknownStage(stage, nearest: near)
        }
        if wish.stages.isEmpty {
            stages = wish.environment == nil ? PipelinePlan.before(pipeline) : pipeline.stages
        } else {
            stages = pipeline.stages.filter { wish.stages.contains($0) }
        }
        guard wish.environment == nil else { return }
        for stage in stages where pipeline.steps[stage] == nil {
            if let known = Pipeline.Known(rawValue: stage.text), Self.moving.contains(known) {
                throw .needsEnvironment(stage)
            }
        }
    }

    private mutating func add(_ new: [PipelineGraph.Step], of stage: StageName) {
        byStage[stage, default: []] += new.map(\.id)
        steps += new
    }

    // MARK: Needs

    /// Gives each step the needs that its stage has; what a step already needs stays.
    private mutating func connect() {
        for index in steps.indices {
            guard let stage = steps[index].stage else { continue }
            steps[index].needs += needs(of: stage, steps[index].folder).filter { $0 != steps[index].id }
        }
    }

    private func needs(of stage: StageName, _ folder: String) -> [StepID] {
        guard let place = stages.firstIndex(of: stage) else { return [] }
        let before = Array(stages[..<place])
        let own = pipeline.steps[stage]
        if let own, !own.after.isEmpty { return own.after.flatMap { byStage[$0] ?? [] } }
        let all = before.flatMap { byStage[$0] ?? [] }
        guard let known = Pipeline.Known(rawValue: stage.text) else { return all }
        if before.contains(where: { isMoving($0) }) { return all }
        if Self.checks.contains(known) { return [] }
        if known == .scan, own == nil, let build = StageName("build"), pipeline.steps[build] == nil,
            let image = byStage[build]?.first(where: { $0 == Self.id(build, folder, "image") })
        {
            return [image]
        }
        return all
    }

    private func isMoving(_ stage: StageName) -> Bool {
        Pipeline.Known(rawValue: stage.text).map(Self.moving.contains) ?? false
    }

    // MARK: Steps of the team's own

    private func ownStep(_ stage: StageName, _ own: Pipeline.Step) -> PipelineGraph.Step {
        let known = Pipeline.Known(rawValue: stage.text)
        // Only a check reads its folder and nothing else; who knows what another one touches.
        let isCheck = known.map(Self.checks.contains) ?? false
        let isOutward = known == .audit
        return PipelineGraph.Step(
            StepID(stage.text), stage: stage, name: stage.text, work: .commands(own.run), timeout: own.timeout,
            retries: own.retries,
            inputs: isCheck
                ? PipelineGraph.Inputs(
                    folders: [""], history: known == .secrets, daily: isOutward,
                    programs: own.run.compactMap(Self.program))
                : nil,
            stores: known == .test
                ? PipelineStore.of(
                    wish.platform.services.sorted { $0.key < $1.key }.map(\.value), in: wish.platform) : [])
    }

    private static func program(_ line: CommandLine) -> String? {
        switch line {
        case .words(let words): words.first
        case .shell(let text):
            text.split(separator: " ").first.map(String.init).flatMap { word in
                word.allSatisfy { $0.isLetter || $0.isNumber || "-_./".contains($0) } ? word : nil
            }
        }
    }

    // MARK: Known stages

    private mutating func addChecks(_ known: Pipeline.Known, _ stage: StageName) {
        for image in images {
            let source = SourceFiles(image: image, files: wish.files)
            let found = StackSteps.of(source, gates: pipeline.gates).filter { $0.stage == known }
            guard !found.isEmpty else {
                if image.kind != .site || source.isNodeSite {
                    gaps.append(
                        "\(stage): nothing is known to do for \(image.folder.isEmpty ? "the source" : image.folder)")
                }
                continue
            }
            let tools = prepare(source)
            let stores =
                known == .test ? PipelineStore.of(image.services.map(\.service), in: wish.platform) : []
            add(
                found.map { check in
                    PipelineGraph.Step(
                        Self.id(stage, image.folder, check.name), stage: stage, folder: image.folder, name: check.name,
                        work: .commands([.shell(check.run)]), needs: tools.map { [$0] } ?? [],
                        inputs: PipelineGraph.Inputs(
                            folders: [image.folder], daily: check.isDaily, programs: check.programs),
                        tools: source.image.kind == .python ? tools : nil, stores: stores, gate: check.gate)
                }, of: stage)
        }
    }

    /// What puts the packages of a source in place; one step for all its checks.
    private mutating func prepare(_ source: SourceFiles) -> StepID? {
        let folder = source.image.folder
        if let done = prepared[folder] { return done }
        guard let preparation = StackSteps.preparation(source) else { return nil }
        let id = StepID(["prepare", folder].filter { !$0.isEmpty }.joined(separator: "/"))
        prepared[folder] = id
        steps.append(
            PipelineGraph.Step(
                id, stage: nil, folder: folder, name: preparation.name,
                work: .commands([.shell(preparation.run)]),
                inputs: PipelineGraph.Inputs(
                    folders: [folder], files: preparation.files, programs: preparation.programs,
                    outputs: preparation.outputs),
                makesTools: preparation.makesTools))
        return id
    }

    private func secrets(_ stage: StageName) -> PipelineGraph.Step {
        PipelineGraph.Step(
            StepID("\(stage)/gitleaks"), stage: stage, name: "gitleaks", work: .commands(SecretScan.commands),
            inputs: PipelineGraph.Inputs(folders: [""], history: true, programs: ["gitleaks", "git"]),
            gate: .report(worked: [0]))
    }

    // MARK: Images

    private func imageName(_ image: SourceImage) -> String {
        let registry = wish.environment.flatMap { wish.platform.environments[$0]?.registry }.map { $0 + "/" }
        return "\(registry ?? "\(wish.platform.name)/")\(image.slug(wish.platform.name)):\(wish.revision)"
    }

    private mutating func addImages(_ stage: StageName) {
        guard builds else { return }
        add(
            images.map { image in
                let dockerfile = image.ownDockerfile ?? "Dockerfile"
                let lines = [
                    "docker build --file \(PipelineScripts.word(dockerfile)) --tag \(PipelineScripts.word(imageName(image))) "
                        + "--label org.opencontainers.image.revision=\(PipelineScripts.word(wish.revision)) .",
                    "docker image inspect \(PipelineScripts.word(imageName(image))) > \"$HAUBAN_REPORTS/image.json\"",
                ]
                return PipelineGraph.Step(
                    Self.id(stage, image.folder, "image"), stage: stage, folder: image.folder, name: "image",
                    work: .commands(lines.map(CommandLine.shell)), timeout: .seconds(1800),
                    image: BuiltImage(
                        name: imageName(image), dockerfile: dockerfile, repository: wish.platform.repository?.url))
            }, of: stage)
    }

    private mutating func addScans(_ stage: StageName) {
        guard builds else { return }
        add(
            images.map { image in
                PipelineGraph.Step(
                    Self.id(stage, image.folder, "scan"), stage: stage, folder: image.folder, name: "scan",
                    work: .commands([.shell(ImageScan.line(imageName(image)))]), gate: .report(worked: [0]))
            }, of: stage)
    }

    private mutating func addPushes(_ stage: StageName) {
        guard builds else { return }
        add(
            images.map { image in
                PipelineGraph.Step(
                    Self.id(stage, image.folder, "push"), stage: stage, folder: image.folder, name: "push",
                    work: .commands([.words(["docker", "push", imageName(image)])]))
            }, of: stage)
    }

    // MARK: Environments

    private func target() -> (EnvironmentName, Environment.Target)? {
        wish.environment.flatMap { name in wish.platform.environments[name].map { (name, $0.target) } }
    }

    /// A release migrates by itself, after its build and before it switches: on its own there is nothing to do.
    private mutating func migrate(_ stage: StageName) throws(PipelineWish.Refusal) {
        guard let (name, target) = target() else { return }
        guard [.local, .docker, .swarm].contains(target) else { throw .notHere(stage, target) }
        gaps.append("\(stage): done by the release to \(name), before it switches")
    }

    private mutating func deploy(_ stage: StageName) throws(PipelineWish.Refusal) {
        guard let (name, target) = target() else { return }
        guard [.local, .docker, .swarm].contains(target) else { throw .notHere(stage, target) }
        add(
            [
                PipelineGraph.Step(
                    StepID("\(stage)/\(name)"), stage: stage, name: name.text, work: .hauban(["deploy", name.text]),
                    timeout: .seconds(3600), grace: .seconds(300))
            ], of: stage)
    }

    private mutating func verify(_ stage: StageName) throws(PipelineWish.Refusal) {
        guard let (name, target) = target() else { return }
        guard [.local, .docker, .swarm].contains(target) else { throw .notHere(stage, target) }
        // Nobody can ask replicas on other servers past their front doors.
        let verb = target == .swarm ? "status" : "verify"
        add(
            [
                PipelineGraph.Step(
                    StepID("\(stage)/\(name)"), stage: stage, name: name.text,
                    work: .hauban([verb, name.text]),
                    timeout: .seconds(1800) + wish.platform.release.verify.time, grace: .seconds(300))
            ], of: stage)
    }

    private static func id(_ stage: StageName, _ folder: String, _ name: String) -> StepID {
        let slug = name.lowercased().replacing(" ", with: "-")
        return StepID([stage.text, folder, slug].filter { !$0.isEmpty }.joined(separator: "/"))
    }
}
