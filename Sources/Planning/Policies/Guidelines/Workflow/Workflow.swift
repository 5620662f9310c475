import Spec

/// A GitHub Actions workflow with places (workflow syntax for GitHub Actions).
struct Workflow: Sendable {
    let source: SourceText
    let root: Node

    /// - Returns: `nil` when the text is no YAML map with jobs.
    init?(_ source: SourceText) {
        guard let root = ForeignYAML.read(source), root.entry("jobs") != nil else { return nil }
        self.source = source
        self.root = root
    }

    struct Job {
        var name: String
        var span: Span
        var node: Node

        var steps: [Node] {
            if case .list(let items)? = node.entry("steps")?.value.value { return items }
            return []
        }
    }

    var jobs: [Job] {
        guard case .map(let entries)? = root.entry("jobs")?.value.value else { return [] }
        return entries.map { Job(name: $0.key, span: $0.keySpan, node: $0.value) }
    }

    /// The events that start it, by their names.
    var events: [(name: String, span: Span)] {
        // YAML 1.1 readers take the key for a truth value; this one does not.
        guard let on = root.entry("on")?.value else { return [] }
        switch on.value {
        case .scalar(let text, _): return [(text, on.span)]
        case .list(let items):
            return items.compactMap { if case .scalar(let text, _) = $0.value { (text, $0.span) } else { nil } }
        case .map(let entries): return entries.map { ($0.key, $0.keySpan) }
        }
    }

    /// Every `uses:` of steps and of jobs that are workflows of others.
    var uses: [(text: String, span: Span)] {
        jobs.flatMap { job in
            ([job.node] + job.steps).compactMap { node in
                guard let value = node.entry("uses")?.value, case .scalar(let text, _) = value.value else { return nil }
                return (text, value.span)
            }
        }
    }

    /// Whether it only runs when another workflow calls it, with the rights that the caller gives.
    var isOnlyCalled: Bool { !events.isEmpty && events.allSatisfy { $0.name == "workflow_call" } }

    /// Every `env:` of the workflow, its jobs and their steps.
    var variables: [(name: String, value: String, span: Span)] {
        let holders = [root] + jobs.map(\.node) + jobs.flatMap(\.steps)
        return holders.flatMap { holder -> [(name: String, value: String, span: Span)] in
            guard case .map(let entries)? = holder.entry("env")?.value.value else { return [] }
            return entries.compactMap { entry in
                guard case .scalar(let text, _) = entry.value.value, !entry.value.isNull else { return nil }
                return (entry.key, text, entry.value.span)
            }
        }
    }

    /// Every text that an expression may stand in, which a shell or a script then reads.
    var scripts: [(text: String, node: Node)] {
        jobs.flatMap(\.steps).flatMap { step -> [(String, Node)] in
            var found: [(String, Node)] = []
            if let run = step.entry("run")?.value, case .scalar(let text, _) = run.value { found.append((text, run)) }
            if let uses = step.entry("uses")?.value, case .scalar(let action, _) = uses.value,
                action.hasPrefix("actions/github-script@"), let script = step.at("with", "script"),
                case .scalar(let text, _) = script.value
            {
                found.append((text, script))
            }
            return found
        }
    }

    /// Where a text stands at or below a node's place: blocks begin on the line behind it.
    func span(of needle: String, in node: Node) -> Span {
        var line = node.span.line
        while line <= min(source.lines.count, node.span.line + 400) {
            let column = line == node.span.line ? node.span.column : 1
            if let span = source.span(of: needle, within: Span(line: line, column: column)) { return span }
            line += 1
        }
        return node.span
    }

    func flag(_ message: String, at span: Span, help: String? = nil, fix: String? = nil) -> Diagnostic {
        Diagnostic(.guideline, message, at: SpecPath(), span: span, help: help, fix: fix.map { Diagnostic.Fix($0) })
    }
}
