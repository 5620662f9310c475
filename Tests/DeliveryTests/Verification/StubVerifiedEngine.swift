import Delivery
import Planning
import Spec
import World

/// An engine whose answers a test writes; only what a verification asks is ever called.
struct StubVerifiedEngine: VerifiedEngine {
    var places: Whereabouts
    var glance: @Sendable (String) throws -> HTTPGlance = { _ in HTTPGlance(status: 200, body: "up 1\n") }
    var resource: @Sendable () throws -> String? = { "answers api" }
    var answer: @Sendable (Planning.SmokeRequest) throws -> SmokeAnswer = { _ in SmokeAnswer(status: 200) }
    var processes: @Sendable () throws -> [ReplicaUsage] = { [] }
    var counted: @Sendable () throws -> [ServiceSignals] = { [] }

    func whereabouts(of desired: DesiredState, within deadline: Duration) async throws -> Whereabouts { places }

    func get(_ path: String, of replica: Whereabouts.Replica, within deadline: Duration) async throws -> HTTPGlance {
        try glance(path)
    }

    func ask(_ resource: DesiredResource, in desired: DesiredState, within deadline: Duration) async throws -> String? {
        try self.resource()
    }

    func usage(of desired: DesiredState, within deadline: Duration) async throws -> [ReplicaUsage] { try processes() }

    func send(_ request: Planning.SmokeRequest, in context: ReleaseContext) async throws -> SmokeAnswer {
        try answer(request)
    }

    func observe(within deadline: Duration) async throws -> ObservedState {
        ObservedState(
            services: try counted().map {
                ObservedService(
                    name: $0.service, release: $0.release, fingerprint: "", readyReplicas: 1, state: .running,
                    isRouted: true)
            })
    }

    func signals(
        of subjects: [SignalSubject], window: Duration, within deadline: Duration
    ) async throws -> [ServiceSignals] { try counted() }

    func perform(
        _ step: Step, in context: ReleaseContext, within deadline: Duration
    ) async throws -> StepOutcome { StepOutcome() }

    func takeOver() async throws {}

    func logTail(of service: ServiceName, release: ReleaseID, lines: Int) async -> [String] { [] }
}
