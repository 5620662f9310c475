import Spec

extension Policy {
    /// One name, one thing: services and resources are both edges, schedules, teams and people are all told.
    static let names = Policy { context in
        let platform = context.platform
        let edges =
            platform.services.keys.map { SpecPath.service($0) } + platform.resources.keys.map { SpecPath.resource($0) }
        let parties =
            platform.oncall.keys.map { SpecPath(["oncall", $0.text]) }
            + platform.teams.keys.map { SpecPath(["teams", $0.text]) }
            + platform.people.keys.map { SpecPath(["people", $0.text]) }
        // Words that stand in the place of a person's name.
        let reserved = parties.filter { ["nobody", "layers"].contains($0.components[1]) }.map { path in
            context.finding(
                .nameTakenTwice, "`\(path.components[1])` is a word of the language", at: path, .key,
                help: "`to: nobody` and the holidays of a schedule would not mean them: rename it.")
        }
        return reserved
            + twice(edges, context, help: "`uses` and placeholders name services and resources alike: rename one.")
            + twice(parties, context, help: "`to` names schedules, teams and people alike: rename one.")
    }

    private static func twice(_ paths: [SpecPath], _ context: PolicyContext, help: String) -> [Diagnostic] {
        Dictionary(grouping: paths) { $0.components[1] }.sorted { $0.key < $1.key }.flatMap { name, paths in
            let places = paths.sorted {
                (context.span($0, .key) ?? Span(line: 1, column: 1), $0)
                    < (context.span($1, .key) ?? Span(line: 1, column: 1), $1)
            }
            return places.dropFirst().map { path in
                context.finding(
                    .nameTakenTwice, "`\(name)` is in \(places[0].components[0]) and in \(path.components[0])",
                    at: path, .key, help: help, notes: [context.note("also here", at: places[0], .key)])
            }
        }
    }
}
