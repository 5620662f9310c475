import Planning
import Spec
import Testing

@Suite("The run of a release")
struct ReleaseRunTests {
    private let plan: Plan
    private let boom: ReleaseFailure

    init() throws {
        let api = try Platforms.name("api")
        func step(_ action: Step.Action, _ undo: Step.Action? = nil) -> Step {
            Step(action: action, target: .service(api), reason: .new, undo: undo)
        }
        plan = Plan(
            platform: try #require(PlatformName("shop")), environment: try #require(EnvironmentName("prod")),
            steps: [
                step(.build), step(.start, .stopNew), step(.gate), step(.switchTraffic, .switchBack), step(.watch),
                step(.stopOld),
            ])
        boom = .step(plan.steps[2], message: "boom", hint: nil)
    }

    @Test("that was stopped with its whole environment is over at once: there is nothing to go on with or to take back")
    func stopped() {
        var forward = ReleaseRun(plan: plan, steps: [plan.steps[0].id: .done, plan.steps[1].id: .begun])
        forward.take(.stopped)
        #expect(forward.next() == .end(.returned(.abandoned)))
        var returning = ReleaseRun(plan: plan, steps: [plan.steps[1].id: .done], state: .returning(boom))
        returning.take(.stopped)
        #expect(returning.next() == .end(.returned(boom)))
        var settling = ReleaseRun(plan: plan, state: .settling, notes: ["n"])
        settling.take(.stopped)
        #expect(settling.next() == .end(.kept(notes: ["n"])))
        settling.take(.stopped)
        #expect(settling.state == .ended(.kept(notes: ["n"])))
    }

    /// Takes the run's actions until it ends, failing what should fail.
    private func follow(_ run: inout ReleaseRun, failing: Set<String> = []) -> [String] {
        var story: [String] = []
        while true {
            switch run.next() {
            case .perform(let step):
                story.append(step.id)
                run.take(failing.contains(step.id) ? .failed(step.id, boom) : .succeeded(step.id))
            case .undo(let step, let inverse):
                story.append(inverse.id)
                run.take(
                    failing.contains(inverse.id) ? .undoFailed(step.id, message: inverse.id) : .undone(step.id))
            case .keep:
                story.append("keep")
                run.take(.keepRecorded)
            case .end(let verdict): return story + [verdict.code]
            }
        }
    }

    @Test("performs the steps, keeps, then tidies up")
    func good() {
        var run = ReleaseRun(plan: plan)
        #expect(
            follow(&run) == [
                "build.api", "start.api", "gate.api", "switch.api", "watch.api", "keep", "stop-old.api", "kept",
            ])
    }

    @Test("takes back in reverse what was done, and the step that failed")
    func bad() {
        var gate = ReleaseRun(plan: plan)
        #expect(
            follow(&gate, failing: ["gate.api"])
                == ["build.api", "start.api", "gate.api", "stop-new.api", "returned"])
        var start = ReleaseRun(plan: plan)
        #expect(follow(&start, failing: ["start.api"]) == ["build.api", "start.api", "stop-new.api", "returned"])
        var watch = ReleaseRun(plan: plan)
        #expect(
            follow(&watch, failing: ["watch.api"]) == [
                "build.api", "start.api", "gate.api", "switch.api", "watch.api", "switch-back.api", "stop-new.api",
                "returned",
            ])
        var build = ReleaseRun(plan: plan)
        #expect(follow(&build, failing: ["build.api"]) == ["build.api", "returned"])
    }

    @Test("gives users the old version back before anything else is taken back")
    func trafficFirst() throws {
        let worker = try Platforms.name("worker")
        let steps =
            Array(plan.steps.dropLast()).filter { $0.action != .watch } + [
                Step(action: .stopFirst, target: .service(worker), reason: .new, undo: .restartOld),
                Step(action: .start, target: .service(worker), reason: .new, undo: .stopNew),
                Step(action: .watch, target: .service(worker), reason: .judged),
            ]
        var run = ReleaseRun(
            plan: Plan(platform: plan.platform, environment: plan.environment, steps: steps))
        #expect(
            follow(&run, failing: ["watch.worker"]).suffix(5) == [
                "switch-back.api", "stop-new.worker", "restart-old.worker", "stop-new.api", "returned",
            ])
    }

    @Test("lets the new replicas serve on when switching back fails, and ends honestly")
    func undoFails() {
        var run = ReleaseRun(plan: plan)
        #expect(
            follow(&run, failing: ["watch.api", "switch-back.api"]).suffix(3)
                == ["watch.api", "switch-back.api", "failed"])
        #expect(run.state == .ended(.failed(boom, left: ["switch-back.api"])))
    }

    @Test("tries a failed undo again when it goes on after a kill")
    func undoAgain() {
        var run = ReleaseRun(
            plan: plan,
            steps: ["build.api": .done, "start.api": .done, "gate.api": .done, "switch.api": .undoFailed],
            state: .returning(boom))
        #expect(follow(&run) == ["switch-back.api", "stop-new.api", "returned"])
    }

    @Test("stays kept when what it replaced will not go")
    func settle() {
        var run = ReleaseRun(plan: plan)
        #expect(follow(&run, failing: ["stop-old.api"]).last == "kept")
        #expect(run.notes.count == 1)
    }

    @Test("is returned by a wish to cancel until it is kept, not afterwards")
    func cancelled() {
        var early = ReleaseRun(plan: plan, steps: ["build.api": .done, "start.api": .done])
        early.take(.cancelled)
        #expect(follow(&early) == ["stop-new.api", "returned"])
        var late = ReleaseRun(
            plan: plan, steps: Dictionary(uniqueKeysWithValues: plan.steps.prefix(5).map { ($0.id, .done) }),
            state: .settling)
        late.take(.cancelled)
        #expect(follow(&late) == ["stop-old.api", "kept"])
    }

    @Test("goes on from the journal: a step that was begun is performed again, one that was done is not")
    func resumed() {
        var run = ReleaseRun(plan: plan, steps: ["build.api": .done, "start.api": .begun])
        #expect(
            follow(&run) == [
                "start.api", "gate.api", "switch.api", "watch.api", "keep", "stop-old.api", "kept",
            ])
        var back = ReleaseRun(
            plan: plan,
            steps: [
                "build.api": .done, "start.api": .done, "gate.api": .done, "switch.api": .undone, "watch.api": .failed,
            ],
            state: .returning(boom))
        #expect(follow(&back) == ["stop-new.api", "returned"])
    }

    @Test("has switched once all but the judging is done")
    func switched() {
        #expect(!ReleaseRun(plan: plan, steps: ["build.api": .done, "start.api": .done]).isSwitched)
        let done = Dictionary(uniqueKeysWithValues: plan.steps.prefix(4).map { ($0.id, ReleaseRun.StepState.done) })
        #expect(ReleaseRun(plan: plan, steps: done).isSwitched)
    }

    @Test("verdicts have exit codes that scripts can rely on")
    func exitCodes() {
        #expect(Verdict.kept(notes: []).exitCode == 0)
        #expect(Verdict.unchanged.exitCode == 0)
        #expect(Verdict.returned(boom).exitCode == 3)
        #expect(Verdict.refused(.nothingToReturnTo).exitCode == 4)
        #expect(Verdict.failed(boom, left: []).exitCode == 5)
    }

    @Test("records are forgotten oldest first, but for the latest and the latest kept")
    func retention() {
        let all = (1...10).map { (id: ReleaseID($0), isKept: $0 < 4) }
        #expect(
            ReleaseRetention(latest: 3, latestKept: 2).forgettable(all).map(\.number) == [1, 4, 5, 6, 7])
    }
}
