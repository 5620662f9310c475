package import Planning

/// What a pipeline tells while it runs.
package enum PipelineNews: Sendable {
    case began(steps: Int, folder: String)
    case started(PipelineGraph.Step, attempt: Int)
    case line(StepID, String)
    case settled(StepResult)
    case cancelling
    case finished(PipelineResult)
}
