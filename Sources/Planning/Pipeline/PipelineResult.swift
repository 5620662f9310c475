/// What became of one step.
package struct StepResult: Sendable, Hashable {
    package var step: PipelineGraph.Step
    package var outcome: PipelineRun.Outcome
    package var took: Duration
    package var attempts: Int
    /// Absolute; `nil` when nothing was run.
    package var log: String?
    /// What it printed last, when it is not good.
    package var lastLines: [String]
    /// What its reports say.
    package var reading: StepReading
    /// What it made to be kept, absolute: provenance, a bill of materials.
    package var artifacts: [String]
    /// What it could not make, in clauses.
    package var notes: [String]

    package init(
        step: PipelineGraph.Step, outcome: PipelineRun.Outcome, took: Duration, attempts: Int, log: String?,
        lastLines: [String], reading: StepReading, artifacts: [String] = [], notes: [String] = []
    ) {
        self.step = step
        self.outcome = outcome
        self.took = took
        self.attempts = attempts
        self.log = log
        self.lastLines = lastLines
        self.reading = reading
        self.artifacts = artifacts
        self.notes = notes
    }
}

/// What became of a run.
package struct PipelineResult: Sendable, Hashable {
    package var verdict: PipelineRun.Verdict
    /// In the graph's order.
    package var steps: [StepResult]
    package var took: Duration
    /// Where its logs and reports are.
    package var folder: String

    package init(verdict: PipelineRun.Verdict, steps: [StepResult], took: Duration, folder: String) {
        self.verdict = verdict
        self.steps = steps
        self.took = took
        self.folder = folder
    }
}
