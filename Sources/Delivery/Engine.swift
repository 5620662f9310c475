package import Planning
package import Spec

/// What makes a plan's steps true on one kind of target.
///
/// Every call honours task cancellation and returns within the deadline that it is given; every step may be performed again
/// after it was done, or half done, and then succeeds without doing it twice. `EngineContract` in the tests says the rest.
package protocol Engine: Sendable {
    /// What runs now; `lastGood` is left nil.
    func observe(within deadline: Duration) async throws -> ObservedState

    /// Makes one step true. Never called for `watch` and `smoke`.
    func perform(_ step: Step, in context: ReleaseContext, within deadline: Duration) async throws -> StepOutcome

    /// The golden signals of releases of services, counted since each began to receive requests, or over about the last
    /// `window` when that is shorter.
    ///
    /// - Throws: when the front door does not answer. A service without requests has zeros, not an error.
    func signals(
        of subjects: [SignalSubject], window: Duration, within deadline: Duration
    ) async throws -> [ServiceSignals]

    /// Sends one request through the public routes.
    func send(_ request: Planning.SmokeRequest, in context: ReleaseContext) async throws -> SmokeAnswer

    /// Called before an interrupted release is taken up: ends what its executor left at work, such as a migration, and refuses
    /// from now on what an executor with a smaller ``Fence`` asks for.
    func takeOver() async throws

    /// The last lines that a service's replicas of a release wrote (with the migration's and the build's), oldest first.
    func logTail(of service: ServiceName, release: ReleaseID, lines: Int) async -> [String]
}

extension Engine {
    /// Takes a step service by service, and puts together what came of each.
    func each(
        _ step: Step, _ act: (ServiceName) async throws -> StepOutcome
    ) async throws -> StepOutcome {
        var outcome = StepOutcome(didChange: false)
        for service in step.target.services {
            let one = try await act(service)
            outcome.didChange = outcome.didChange || one.didChange
            outcome.remarks += one.remarks
            outcome.note = [outcome.note, one.note].compactMap { $0 }.joined(separator: ", ")
        }
        if outcome.note?.isEmpty == true { outcome.note = nil }
        return outcome
    }
}

/// What a step may know about the release it belongs to.
package struct ReleaseContext: Codable, Hashable, Sendable {
    package var release: ReleaseID
    package var desired: DesiredState
    /// What ran when the release was planned; the way back leads here.
    package var baseline: ObservedState
    /// The services that this release changes.
    package var changed: [ServiceName]
    /// What the front door should lead to once the step is done: `switch`, `withdraw`, `switch-back` and `restore` make
    /// it so in one motion.
    package var routing: Routing

    package init(
        release: ReleaseID, desired: DesiredState, baseline: ObservedState, changed: [ServiceName], routing: Routing
    ) {
        self.release = release
        self.desired = desired
        self.baseline = baseline
        self.changed = changed
        self.routing = routing
    }

    /// The release that a service ran before this one.
    package func oldRelease(of service: ServiceName) -> ReleaseID? { baseline.service(service)?.release }

    /// The release that a service runs once this one is kept; nil when it is no longer declared.
    package func keptRelease(of service: ServiceName) -> ReleaseID? {
        if changed.contains(service) { return release }
        return desired.service(service) == nil ? nil : oldRelease(of: service)
    }

    /// How a service was declared before this release.
    package func oldService(_ name: ServiceName) -> DesiredService? { baseline.lastGood?.service(name) }
}

/// What performing a step came to.
package struct StepOutcome: Codable, Hashable, Sendable {
    /// False when there was nothing left to do.
    package var didChange: Bool
    /// A short note for people: `built in 4.2 s`, `from the cache`.
    package var note: String?
    /// What the verdict should say besides, a clause each: `api.r3.0 had to be killed`.
    package var remarks: [String]

    package init(didChange: Bool = true, note: String? = nil, remarks: [String] = []) {
        self.didChange = didChange
        self.note = note
        self.remarks = remarks
    }
}

/// What a smoke request got.
package struct SmokeAnswer: Hashable, Sendable {
    package var status: Int
    package var body: String

    package init(status: Int, body: String = "") {
        self.status = status
        self.body = body
    }
}
