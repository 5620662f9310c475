package import Spec

/// What somebody asks of a platform's pipeline.
package struct PipelineWish: Sendable {
    /// With the overlay of `environment` merged in, when one is named.
    package var platform: Platform
    package var environment: EnvironmentName?
    package var files: RepositoryFiles
    /// These only, in the pipeline's own order; empty: all that can be done without an environment, or all with one.
    package var stages: [StageName]
    /// Names the images: a commit.
    package var revision: String

    package init(
        platform: Platform, environment: EnvironmentName? = nil, files: RepositoryFiles, stages: [StageName] = [],
        revision: String
    ) {
        self.platform = platform
        self.environment = environment
        self.files = files
        self.stages = stages
        self.revision = revision
    }

    /// Why there is no such pipeline, for the person who asked.
    package enum Refusal: Error, Sendable, Hashable {
        /// Not one of `pipeline.stages`.
        case unknownStage(StageName, nearest: StageName?)
        /// The stage touches an environment, and none was named.
        case needsEnvironment(StageName)
        /// `pipeline.steps.*.after` goes in a circle.
        case circle([StageName])
        /// Nothing here does that stage for such an environment.
        case notHere(StageName, Environment.Target)

        package var text: String {
            switch self {
            case .unknownStage(let stage, let nearest):
                "the stage '\(stage)' is not one of `pipeline.stages`"
                    + (nearest.map { "; did you mean `\($0)`?" } ?? "")
            case .needsEnvironment(let stage): "the stage `\(stage)` touches an environment: name it with --env"
            case .circle(let stages):
                "`after` of `pipeline.steps` goes in a circle: "
                    + (stages + stages.prefix(1)).map(\.text).joined(separator: " after ")
            case .notHere(let stage, let target):
                "the stage `\(stage)` of an environment on \(target.rawValue) is done by its rendered files; "
                    + "write your own commands under `pipeline.steps.\(stage)` to have it done here"
            }
        }
    }
}

/// A platform's pipeline as it will run.
package struct PipelineOutline: Sendable {
    package let graph: PipelineGraph
    /// The stages that were asked for, in the pipeline's order.
    package let stages: [StageName]
    package let gates: Gates
    /// What nobody knows how to do, in clauses: told, so that nobody believes it was done.
    package let gaps: [String]

    package init(graph: PipelineGraph, stages: [StageName], gates: Gates, gaps: [String]) {
        self.graph = graph
        self.stages = stages
        self.gates = gates
        self.gaps = gaps
    }

    /// - Throws: `PipelineWish.Refusal`
    package init(_ wish: PipelineWish) throws(PipelineWish.Refusal) {
        var maker = PipelineMaker(wish)
        try maker.make()
        do throws(PipelineGraph.Fault) {
            graph = try PipelineGraph(maker.steps)
        } catch {
            guard case .circle(let steps) = error else {
                preconditionFailure("the steps of a pipeline have names of their own and needs that exist: \(error)")
            }
            var stages: [StageName] = []
            for step in steps {
                if let stage = maker.steps.first(where: { $0.id == step })?.stage, stages.last != stage {
                    stages.append(stage)
                }
            }
            throw .circle(stages)
        }
        stages = maker.stages
        gates = wish.platform.pipeline.gates
        gaps = maker.gaps
    }
}
