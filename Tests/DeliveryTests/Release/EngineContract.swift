import Delivery
import Planning
import Spec
import Testing

/// What every engine owes to the executor, as one suite that is run against each of them.
///
/// An implementation's test makes a fresh environment, two versions of a platform in it, and calls ``check(_:)``.
struct EngineContract: Sendable {
    /// An engine over an empty environment.
    var engine: any Engine
    /// At least one routed service with a public route that answers `smoke`, one of them a canary, and one without a port
    /// with `rollout: replace`.
    var first: DesiredState
    /// The same services with other fingerprints.
    var second: DesiredState
    /// A longer time than any call of this engine takes.
    var limit: Duration = .seconds(60)
    /// Called once the first version serves, and once the second one has its place.
    var whenServing: @Sendable () async throws -> Void = {}
    var whenReplaced: @Sendable () async throws -> Void = {}
    /// What somebody takes away behind the engine's back, and nothing but a release brings back: none where a supervisor does, or a Swarm.
    var losses: [Loss] = []

    struct Loss: Sendable {
        /// What the plan says of it in a line, and in one of its steps.
        var summary: String
        var step: String
        var take: @Sendable () async throws -> Void

        init(summary: String, _ step: String, take: @escaping @Sendable () async throws -> Void) {
            self.summary = summary
            self.step = step
            self.take = take
        }
    }

    /// Runs all of it, in order.
    func check() async throws {
        let empty = try await engine.observe(within: limit)
        #expect(empty.services == [], "an empty environment has no services")
        #expect(empty.leftovers == [])

        let one = try context(ReleaseID(1), first, empty)
        try await undoNothing(one)
        try await release(one)
        var running = try await engine.observe(within: limit)
        #expect(running.leftovers == [])
        #expect(Set(running.services.map(\.name)) == Set(first.services.map(\.name)))
        for service in running.services {
            let wanted = try #require(first.service(service.name))
            #expect(service.fingerprint == wanted.fingerprint)
            #expect(service.release == ReleaseID(1))
            #expect(service.state == .running)
            #expect(service.isRouted == wanted.isRouted)
            if !wanted.isSite { #expect(service.readyReplicas == wanted.replicas) }
        }
        running.lastGood = first
        #expect(try Plan.towards(first, from: running).lines == [], "what was released needs no further step")
        try await answers(one)
        try await signals(of: one)
        try await whenServing()

        try await beginAndReturn(try context(ReleaseID(2), second, running), to: running)
        let three = try context(ReleaseID(3), second, running)
        try await release(three)
        var replaced = try await engine.observe(within: limit)
        #expect(replaced.leftovers == [])
        #expect(replaced.services.map(\.release) == second.services.map { _ in ReleaseID(3) })
        replaced.lastGood = second
        #expect(try Plan.towards(second, from: replaced).lines == [])
        try await answers(three)
        try await whenReplaced()
        replaced = try await recover(replaced, second)

        var nothing = second
        nothing.services = []
        nothing.routes = []
        nothing.smoke = []
        try await release(try context(ReleaseID(4 + losses.count), nothing, replaced))
        let gone = try await engine.observe(within: limit)
        #expect(gone.services == [], "services that are no longer declared are gone")
        #expect(gone.leftovers == [])
    }

    // MARK: Parts

    /// Each loss is work to do, and the release that does it leaves nothing to do.
    private func recover(_ observed: ObservedState, _ desired: DesiredState) async throws -> ObservedState {
        var observed = observed
        for (index, loss) in losses.enumerated() {
            try await loss.take()
            var found = try await engine.observe(within: limit)
            found.lastGood = desired
            let planned = try context(ReleaseID(4 + index), desired, found)
            #expect(planned.plan.summary == loss.summary)
            #expect(planned.plan.lines.contains { $0.contains(loss.step) }, "\(planned.plan.lines)")
            try await release(planned)
            observed = try await engine.observe(within: limit)
            observed.lastGood = desired
            #expect(try Plan.towards(desired, from: observed).lines == [])
            #expect(observed.leftovers == [])
            try await answers(planned)
        }
        return observed
    }

    private struct Planned {
        var plan: Plan
        var context: ReleaseContext

        /// The context of a step once the given ones are in force.
        func context(_ inForce: Set<String>) -> ReleaseContext {
            var context = context
            context.routing = plan.routing(
                with: inForce, release: context.release, desired: context.desired, baseline: context.baseline)
            return context
        }
    }

    private func context(_ release: ReleaseID, _ desired: DesiredState, _ observed: ObservedState) throws -> Planned {
        let plan = try Plan.towards(desired, from: observed)
        return Planned(
            plan: plan,
            context: ReleaseContext(
                release: release, desired: desired, baseline: observed, changed: plan.changed, routing: Routing()))
    }

    /// Each step twice: the second time it finds itself done.
    private func release(_ planned: Planned) async throws {
        var done: Set<String> = []
        for step in planned.plan.steps where step.phase != .judge && step.action != .hold {
            done.insert(step.id)
            _ = try await engine.perform(step, in: planned.context(done), within: limit)
            _ = try await engine.perform(step, in: planned.context(done), within: limit)
        }
    }

    /// An undo of what was never done succeeds: after a kill nobody knows.
    private func undoNothing(_ planned: Planned) async throws {
        for step in planned.plan.steps.reversed() {
            guard let inverse = step.inverse else { continue }
            _ = try await engine.perform(inverse, in: planned.context([]), within: limit)
        }
        let observed = try await engine.observe(within: limit)
        #expect(observed.services == planned.context.baseline.services)
    }

    /// All of a release but what settles it, then all of it back, each undo twice.
    private func beginAndReturn(_ planned: Planned, to before: ObservedState) async throws {
        var done: Set<String> = []
        for step in planned.plan.steps where step.phase < .judge && step.action != .hold {
            done.insert(step.id)
            _ = try await engine.perform(step, in: planned.context(done), within: limit)
            if step.action == .shift { try await shares(step, planned) }
        }
        for step in planned.plan.steps.reversed() where done.contains(step.id) {
            done.remove(step.id)
            guard let inverse = step.inverse else { continue }
            _ = try await engine.perform(inverse, in: planned.context(done), within: limit)
            _ = try await engine.perform(inverse, in: planned.context(done), within: limit)
        }
        let after = try await engine.observe(within: limit)
        #expect(after.services == before.services, "a returned release leaves what was")
        #expect(after.routes == before.routes)
        #expect(after.leftovers == [])
    }

    /// Both releases of a canary answer, the old one is what serves, and its new one is no leftover that nobody knows.
    private func shares(_ step: Step, _ planned: Planned) async throws {
        let observed = try await engine.observe(within: limit)
        for name in step.target.services {
            let service = try #require(observed.service(name))
            #expect(service.release == planned.context.oldRelease(of: name))
            #expect(service.newcomer == planned.context.release)
            #expect(service.state == .running)
            let subjects = [service.release, planned.context.release].map { SignalSubject(service: name, release: $0) }
            let signals = try await engine.signals(of: subjects, window: .seconds(60), within: limit)
            #expect(signals.map(\.release) == subjects.map(\.release))
            #expect(signals.allSatisfy { $0.failedReplicas == 0 && $0.restarts == 0 })
        }
        try await answers(planned)
    }

    private func answers(_ planned: Planned) async throws {
        for request in planned.context.desired.smoke {
            let answer = try await engine.send(request, in: planned.context)
            #expect(answer.status == request.expectStatus, "\(request.text)")
        }
    }

    private func signals(of planned: Planned) async throws {
        let subjects = planned.context.desired.services.map {
            SignalSubject(service: $0.name, release: planned.context.release)
        }
        let found = try await engine.signals(of: subjects, window: .seconds(60), within: limit)
        #expect(found.map(\.service) == subjects.map(\.service), "one entry a subject, in the order asked")
        for signals in found {
            #expect(signals.release == planned.context.release)
            #expect(signals.restarts == 0)
            #expect(signals.failedReplicas == 0)
            #expect(signals.errors <= signals.requests)
        }
    }
}

@Suite("The engine's contract")
struct EngineContractTests {
    @Test("the fake engine keeps it")
    func fake() async throws {
        let contract = EngineContract(
            engine: FakeEngine(), first: try ReleaseFixture.shop(1, Self.canary),
            second: try ReleaseFixture.shop(2) { state in
                Self.canary(&state)
                for index in state.services.indices where state.services[index].name.text == "mailer" {
                    state.services[index].fingerprint = "mailer-2"
                }
            })
        try await contract.check()
    }
    private static func canary(_ state: inout DesiredState) {
        for index in state.services.indices where state.services[index].name.text == "api" {
            state.services[index].canary = ReleaseFixture.shares
        }
    }
}
