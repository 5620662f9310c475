package import Response

/// Does what a remedy says.
package protocol RemedyPerformer: Sendable {
    /// Does it once; a second call with the same ``RemedyRun/key`` does nothing more.
    ///
    /// Ends within the action's timeout, and never throws: what went wrong stands in the outcome.
    func perform(_ run: RemedyRun) async -> RemedyOutcome

    /// What came of a remedy that an earlier process was asked for and did not tell the end of; asked once at the start.
    ///
    /// It may end what was half done, and begins nothing. `nil`: nothing is known, and it counts as silent after its time.
    func recall(_ run: RemedyRun) async -> RemedyOutcome?
}

extension RemedyPerformer {
    package func recall(_ run: RemedyRun) async -> RemedyOutcome? { nil }
}

/// What came of a remedy.
package struct RemedyOutcome: Sendable, Hashable {
    package var succeeded: Bool
    /// For the incident's timeline; without secrets.
    package var output: String

    package init(succeeded: Bool, output: String) {
        self.succeeded = succeeded
        self.output = output
    }
}

/// Where no platform runs beside the control plane: every remedy fails with that reason, and people are told.
package struct NoRemedies: RemedyPerformer {
    package init() {}

    package func perform(_ run: RemedyRun) async -> RemedyOutcome {
        RemedyOutcome(succeeded: false, output: "this control plane serves no platform: nothing can be done from here")
    }
}
