import Spec
import TestKit
import Testing

@testable import Planning

@Suite("The pipeline's machine")
struct PipelineRunTests {
    typealias Step = PipelineGraph.Step

    static func step(
        _ id: String, needs: [String] = [], timeout: Duration = .seconds(60), retries: Int = 0
    ) -> Step {
        Step(
            StepID(id), stage: nil, name: id, work: .commands([.words(["true"])]), needs: needs.map { StepID($0) },
            timeout: timeout, retries: retries)
    }

    private static func run(_ steps: [Step], jobs: Int = 2) throws -> PipelineRun {
        PipelineRun(try PipelineGraph(steps), jobs: jobs)
    }

    private static let a = StepID("a")
    private static let b = StepID("b")
    private static let c = StepID("c")

    @Test("It starts what needs nothing, as far as there are jobs, in the graph's order")
    func starts() throws {
        var run = try Self.run([Self.step("c"), Self.step("a"), Self.step("b")])
        #expect(run.event(.begin, now: .zero) == [.look(Self.c), .look(Self.a)])
        #expect(run.event(.begin, now: .zero) == [])
        #expect(run.event(.looked(Self.c, isKept: true), now: .zero) == [.settled(Self.c, .kept), .look(Self.b)])
        #expect(run.event(.looked(Self.a, isKept: false), now: .zero) == [.run(Self.a, attempt: 1)])
        #expect(run.atWork == [Self.a])
        #expect(run.nextDeadline == .seconds(60))
        #expect(run.event(.looked(Self.b, isKept: false), now: .seconds(1)) == [.run(Self.b, attempt: 1)])
        #expect(run.event(.ended(Self.b, .passed), now: .seconds(2)) == [.settled(Self.b, .passed)])
        #expect(
            run.event(.ended(Self.a, .passed), now: .seconds(2)) == [.settled(Self.a, .passed), .finished(.passed)])
    }

    @Test("A failure skips what needs it, however far, and nothing else")
    func failure() throws {
        var run = try Self.run([
            Self.step("a"), Self.step("b", needs: ["a"]), Self.step("c", needs: ["b"]), Self.step("d"),
        ])
        _ = run.event(.begin, now: .zero)
        _ = run.event(.looked(Self.a, isKept: false), now: .zero)
        #expect(
            run.event(.ended(Self.a, .failed("exited with code 1")), now: .zero) == [
                .settled(Self.a, .failed("exited with code 1")), .settled(Self.b, .skipped(because: Self.a)),
                .settled(Self.c, .skipped(because: Self.a)),
            ])
        #expect(run.outcome(of: StepID("d")) == nil)
        #expect(
            run.event(.looked(StepID("d"), isKept: true), now: .zero) == [
                .settled(StepID("d"), .kept), .finished(.failed),
            ])
    }

    @Test("A step is tried again as often as declared, with its whole time each")
    func retries() throws {
        var run = try Self.run([Self.step("a", retries: 1)])
        _ = run.event(.begin, now: .zero)
        _ = run.event(.looked(Self.a, isKept: false), now: .zero)
        #expect(run.event(.ended(Self.a, .failed("x")), now: .seconds(9)) == [.run(Self.a, attempt: 2)])
        #expect(run.nextDeadline == .seconds(69))
        #expect(
            run.event(.ended(Self.a, .failed("y")), now: .seconds(10)) == [
                .settled(Self.a, .failed("y")), .finished(.failed),
            ])
    }

    @Test("A step whose time is over is asked to end, then killed, and is late even if it ends well")
    func late() throws {
        var run = try Self.run([Self.step("a", timeout: .seconds(3))])
        _ = run.event(.begin, now: .zero)
        _ = run.event(.looked(Self.a, isKept: false), now: .zero)
        #expect(run.event(.tick, now: .milliseconds(2999)) == [])
        #expect(run.event(.tick, now: .seconds(3)) == [.terminate(Self.a)])
        #expect(run.nextDeadline == .seconds(8))
        #expect(run.event(.tick, now: .seconds(7)) == [])
        #expect(run.event(.tick, now: .seconds(8)) == [.kill(Self.a)])
        #expect(run.nextDeadline == nil)
        #expect(
            run.event(.ended(Self.a, .passed), now: .seconds(8)) == [
                .settled(Self.a, .late(.seconds(3))), .finished(.failed),
            ])
    }

    @Test("A late step is tried again when that is declared")
    func lateRetry() throws {
        var run = try Self.run([Self.step("a", timeout: .seconds(3), retries: 1)])
        _ = run.event(.begin, now: .zero)
        _ = run.event(.looked(Self.a, isKept: false), now: .zero)
        _ = run.event(.tick, now: .seconds(3))
        #expect(run.event(.ended(Self.a, .failed("x")), now: .seconds(4)) == [.run(Self.a, attempt: 2)])
        #expect(
            run.event(.ended(Self.a, .passed), now: .seconds(5)) == [.settled(Self.a, .passed), .finished(.passed)])
    }

    @Test("Cancelling settles what waits, asks what runs to end, and a second time kills")
    func cancel() throws {
        var run = try Self.run([Self.step("a", retries: 3), Self.step("b"), Self.step("c")])
        _ = run.event(.begin, now: .zero)
        _ = run.event(.looked(Self.a, isKept: false), now: .zero)
        #expect(run.event(.cancel, now: .seconds(1)) == [.terminate(Self.a), .settled(Self.c, .cancelled)])
        #expect(run.event(.looked(Self.b, isKept: true), now: .seconds(1)) == [.settled(Self.b, .cancelled)])
        #expect(run.event(.cancel, now: .seconds(2)) == [.kill(Self.a)])
        #expect(run.event(.cancel, now: .seconds(2)) == [])
        #expect(
            run.event(.ended(Self.a, .failed("killed")), now: .seconds(2)) == [
                .settled(Self.a, .cancelled), .finished(.cancelled),
            ])
        #expect(run.event(.cancel, now: .seconds(3)) == [])
    }

    @Test("A pipeline of nothing is done at once")
    func nothing() throws {
        var run = try Self.run([])
        #expect(run.event(.begin, now: .zero) == [.finished(.passed)])
    }

    @Test("Names that come twice, unknown needs and circles are no graph")
    func faults() {
        #expect(throws: PipelineGraph.Fault.twice(Self.a)) { try PipelineGraph([Self.step("a"), Self.step("a")]) }
        #expect(throws: PipelineGraph.Fault.unknownNeed(Self.b, of: Self.a)) {
            try PipelineGraph([Self.step("a", needs: ["b"])])
        }
        #expect(throws: PipelineGraph.Fault.circle([Self.a, Self.c, Self.b])) {
            try PipelineGraph([
                Self.step("a", needs: ["c"]), Self.step("b", needs: ["a"]), Self.step("c", needs: ["b"]),
            ])
        }
        #expect(throws: PipelineGraph.Fault.circle([Self.a])) { try PipelineGraph([Self.step("a", needs: ["a"])]) }
    }

    @Test("In random pipelines with random fates every promise of the machine holds", arguments: 0..<300)
    func promises(seed: Int) throws {
        var random = SeededGenerator(seed: UInt64(seed))
        let steps = (0..<Int.random(in: 1...40, using: &random)).map { number in
            Self.step(
                "s\(number)",
                needs: (0..<number).filter { _ in Int.random(in: 0..<6, using: &random) == 0 }.map { "s\($0)" },
                timeout: .seconds(Int.random(in: 1...20, using: &random)),
                retries: Int.random(in: 0...2, using: &random))
        }
        let jobs = Int.random(in: 1...5, using: &random)
        var fate = Fate(run: try Self.run(steps, jobs: jobs))
        fate.take(.begin)
        let cancelAt = Bool.random(using: &random) ? nil : Int.random(in: 0..<30, using: &random)
        for round in 0..<10_000 where !fate.isFinished {
            if round == cancelAt { fate.take(.cancel) }
            fate.now += .milliseconds(Int.random(in: 0...3000, using: &random))
            fate.take(.tick)
            if let id = fate.looking.sorted().randomElement(using: &random) {
                fate.looking.remove(id)
                fate.take(.looked(id, isKept: Int.random(in: 0..<3, using: &random) == 0))
            }
            if let id = fate.running.sorted().randomElement(using: &random), Int.random(in: 0..<4, using: &random) > 0 {
                fate.running.remove(id)
                fate.take(.ended(id, Int.random(in: 0..<5, using: &random) == 0 ? .failed("bad luck") : .passed))
            }
        }
        #expect(fate.isFinished)
        #expect(Set(fate.outcomes.keys) == Set(steps.map(\.id)))
        #expect(fate.running.isEmpty && fate.looking.isEmpty)
        #expect(fate.faults == [])
        // Old news changes nothing.
        let before = fate.outcomes
        for step in steps { fate.take(.ended(step.id, .failed("late news"))) }
        #expect(fate.outcomes == before && fate.faults == [])
    }
}

/// Does what the machine asks for, and notes each promise that it breaks.
private struct Fate {
    var run: PipelineRun
    var now = Duration.zero
    var looking: Set<StepID> = []
    var running: Set<StepID> = []
    var outcomes: [StepID: PipelineRun.Outcome] = [:]
    var faults: [String] = []
    var isFinished = false
    private var isCancelled = false
    private var attempts: [StepID: Int] = [:]
    private var asked: Set<StepID> = []

    init(run: PipelineRun) { self.run = run }

    mutating func take(_ event: PipelineRun.Event) {
        if event == .cancel { isCancelled = true }
        for action in run.event(event, now: now) {
            if isFinished { faults.append("\(action) after the end") }
            switch action {
            case .look(let id):
                begin(id)
                looking.insert(id)
            case .run(let id, let attempt):
                if attempt != (attempts[id] ?? 0) + 1 { faults.append("\(id): attempt \(attempt) out of order") }
                if attempt > (run.graph[id]?.retries ?? 0) + 1 { faults.append("\(id): tried too often") }
                if isCancelled { faults.append("\(id): ran after the cancellation") }
                attempts[id] = attempt
                asked.remove(id)
                running.insert(id)
            case .terminate(let id):
                if !running.contains(id) { faults.append("\(id): asked to end and does not run") }
                if !asked.insert(id).inserted { faults.append("\(id): asked to end twice") }
            case .kill(let id):
                if !asked.contains(id) { faults.append("\(id): killed without a warning") }
            case .settled(let id, let outcome):
                if outcomes.updateValue(outcome, forKey: id) != nil { faults.append("\(id): settled twice") }
                if running.contains(id) || looking.contains(id) { faults.append("\(id): settled while at work") }
                judge(id, outcome)
            case .finished(let verdict):
                isFinished = true
                let wanted: PipelineRun.Verdict =
                    outcomes.values.contains(.cancelled)
                    ? .cancelled : outcomes.values.allSatisfy(\.isGood) ? .passed : .failed
                if verdict != wanted { faults.append("the verdict is \(verdict), not \(wanted)") }
            }
        }
        if running.count + looking.count > run.jobs { faults.append("more at work than jobs") }
        if run.settledCount != outcomes.count { faults.append("it counts wrong") }
        if !isFinished, !isCancelled, running.isEmpty, looking.isEmpty { faults.append("nothing goes on") }
    }

    private mutating func begin(_ id: StepID) {
        let needs = run.graph[id]?.needs ?? []
        if !needs.allSatisfy({ outcomes[$0]?.isGood == true }) { faults.append("\(id) began before what it needs") }
        if isCancelled { faults.append("\(id) began after the cancellation") }
    }

    private mutating func judge(_ id: StepID, _ outcome: PipelineRun.Outcome) {
        switch outcome {
        case .skipped(let because):
            switch outcomes[because] {
            case .failed, .late: break
            default: faults.append("\(id): skipped because of \(because), which did not fail")
            }
        case .cancelled: if !isCancelled { faults.append("\(id): cancelled by nobody") }
        case .passed, .failed, .late: if attempts[id] == nil { faults.append("\(id): ended without a start") }
        case .kept: if attempts[id] != nil { faults.append("\(id): kept and run") }
        }
    }
}
