package import Planning

/// A release as the journal has it, with all that going on with it takes.
package struct ReleaseRecord: Sendable {
    package var id: ReleaseID
    package var kind: ReleaseKind
    package var label: String
    package var who: String
    /// Seconds since 1970.
    package var started: Double
    package var plan: Plan
    package var desired: DesiredState
    package var baseline: ObservedState
    /// The signals of what served before the switch; nil until they were taken.
    package var signals: [ServiceSignals]?
    package var state: ReleaseRun.State
    package var steps: [String: ReleaseRun.StepState]
    package var notes: [String]
    /// The release whose desired state it is: itself, or an earlier one for a rollback.
    package var origin: ReleaseID
}

/// How a release came to be.
package enum ReleaseKind: String, Codable, Hashable, Sendable {
    case deploy
    case rollback
}

/// A line of `hauban history`.
package struct ReleaseSummary: Codable, Hashable, Sendable {
    package var id: ReleaseID
    package var kind: ReleaseKind
    /// The commit or version that the author gave it; empty without one.
    package var label: String
    package var who: String
    /// Seconds since 1970.
    package var started: Double
    /// Nil while it is under way, or interrupted.
    package var ended: Double?
    /// The verdict's code; nil while there is none.
    package var verdict: String?
    package var reason: String?
    /// The release that a rollback went back to.
    package var restores: ReleaseID?

    /// Seconds from its beginning to its verdict.
    package var duration: Double? { ended.map { $0 - started } }
}

/// What became of one step of a release.
package struct StepSummary: Codable, Hashable, Sendable {
    package var id: String
    package var state: ReleaseRun.StepState
    package var began: Double
    package var ended: Double?
    package var note: String?
}
