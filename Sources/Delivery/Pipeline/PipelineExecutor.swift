import FoundationEssentials
import Glibc
package import Planning
import Spec
import Synchronization
package import World

/// What a run is given by its surroundings.
package struct PipelineSetting: Sendable {
    /// Absolute: the folder of hauban.yaml.
    package var root: String
    /// Absolute: hauban.yaml itself.
    package var file: String
    /// Absolute: this program.
    package var program: String
    package var place: PipelinePlace
    /// The variables that steps inherit.
    package var environment: [String: String]
    package var environmentName: String?
    package var jobs: Int
    /// Whether earlier results are looked for; new ones are kept in any case.
    package var usesKept: Bool
    package var mask: SecretMask
    /// The date in UTC.
    package var day: String
    package var runner: CommandRunner
    package var keeper: Timekeeper
    package var judge: GateJudge
    /// Of this program.
    package var version: String
    var start: Duration = .zero

    package init(
        root: String, file: String, program: String, place: PipelinePlace, environment: [String: String],
        environmentName: String? = nil, jobs: Int, usesKept: Bool = true, mask: SecretMask, day: String,
        runner: CommandRunner = .live, keeper: Timekeeper = .live,
        judge: GateJudge, version: String = ""
    ) {
        self.root = root
        self.file = file
        self.program = program
        self.place = place
        self.environment = environment
        self.environmentName = environmentName
        self.jobs = jobs
        self.usesKept = usesKept
        self.mask = mask
        self.day = day
        self.runner = runner
        self.keeper = keeper
        self.judge = judge
        self.version = version
    }
}

/// Runs a pipeline on this machine.
package struct PipelineExecutor: Sendable {
    private let outline: PipelineOutline
    private let setting: PipelineSetting

    package init(_ outline: PipelineOutline, _ setting: PipelineSetting) {
        self.outline = outline
        self.setting = setting
    }

    /// Runs it to its end.
    ///
    /// - Parameters:
    ///   - interrupts: each asks it to end; the second one at once.
    ///   - tell: called from several tasks.
    /// - Throws: `WorldError` when its folder cannot be made.
    package func run(
        interrupts: AsyncStream<Void>, tell: @escaping @Sendable (PipelineNews) -> Void
    ) async throws -> PipelineResult {
        PipelineSweep.sweep()
        let folder = try setting.place.newRun()
        for name in ["logs", "reports", "scratch"] { try Folder.make("\(folder)/\(name)") }
        let journal = try PipelineJournal(path: folder + "/journal.jsonl")
        var setting = setting
        setting.start = setting.keeper.uptime()
        let keeper = setting.keeper
        let start = setting.start
        let desk = StepDesk(outline, setting, folder: folder, tell: tell)
        tell(.began(steps: outline.graph.steps.count, folder: folder))
        let (events, feed) = AsyncStream.makeStream(of: PipelineRun.Event.self)
        let jobs = setting.jobs
        let graph = outline.graph
        let result = await withTaskGroup(of: Void.self) { group in
            group.addTask {
                for await _ in interrupts {
                    tell(.cancelling)
                    feed.yield(.cancel)
                }
            }
            group.addTask {
                while (try? await keeper.sleep(.milliseconds(200))) != nil { feed.yield(.tick) }
            }
            var run = PipelineRun(graph, jobs: jobs)
            var results: [StepID: StepResult] = [:]
            feed.yield(.begin)
            var verdict = PipelineRun.Verdict.cancelled
            loop: for await event in events {
                let now = keeper.uptime() - start
                for action in run.event(event, now: now) {
                    switch action {
                    case .look(let id):
                        guard let step = graph[id] else { continue }
                        group.addTask { feed.yield(.looked(id, isKept: await desk.look(step))) }
                    case .run(let id, let attempt):
                        guard let step = graph[id] else { continue }
                        journal.write(.init(at: now / .seconds(1), event: "run", step: id.text, attempt: attempt))
                        desk.begin(id, attempt: attempt, now: now)
                        tell(.started(step, attempt: attempt))
                        group.addTask { feed.yield(.ended(id, await desk.run(step, attempt: attempt))) }
                    case .terminate(let id):
                        journal.write(.init(at: now / .seconds(1), event: "terminate", step: id.text))
                        desk.control(of: id).terminate()
                    case .kill(let id):
                        journal.write(.init(at: now / .seconds(1), event: "kill", step: id.text))
                        desk.control(of: id).kill()
                    case .settled(let id, let outcome):
                        guard let step = graph[id] else { continue }
                        journal.write(
                            .init(at: now / .seconds(1), event: "settled", step: id.text, detail: outcome.text))
                        let result = desk.result(of: step, outcome, now: now)
                        results[id] = result
                        tell(.settled(result))
                    case .finished(let found):
                        journal.write(.init(at: now / .seconds(1), event: "finished", detail: found.rawValue))
                        verdict = found
                        break loop
                    }
                }
            }
            feed.finish()
            group.cancelAll()
            return PipelineResult(
                verdict: verdict, steps: graph.steps.compactMap { results[$0.id] }, took: keeper.uptime() - start,
                folder: folder)
        }
        try? Folder.remove(folder + "/scratch")
        setting.place.prune()
        tell(.finished(result))
        return result
    }
}
