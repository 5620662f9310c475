package import Spec

/// One thing that hauban.yaml can say, and that a deploy to containers by hauban itself does not do.
package struct DeployRule: Sendable {
    /// `deploy/` and a word, for waivers and reports; never renamed.
    package let id: String
    /// The field, as in ``HonourTable``.
    package let field: String
    /// One line, no full stop.
    package let title: String
    /// What happens instead: whole sentences.
    package let reason: String
    /// What to do: whole sentences.
    package let fix: String
    /// The targets whose deploys do not do it.
    package let targets: Set<Environment.Target>
    /// Where the platform says it, with a clause for each place.
    let places: @Sendable (PolicyContext) -> [(path: SpecPath, message: String)]

    package static func named(_ id: String) -> DeployRule? { byID[id] }

    private static let byID = Dictionary(all.map { ($0.id, $0) }) { first, _ in first }

    /// What it finds in an environment: only what the author wrote, and what could be read.
    func findings(_ context: PolicyContext, severity: Diagnostic.Severity) -> [Diagnostic] {
        guard let name = context.environment, let target = context.settings?.target, targets.contains(target),
            context.isKnown(.environment(name, "target"))
        else { return [] }
        return places(context).filter { context.isWritten($0.path) && context.isKnown($0.path) }.map { place in
            var finding = context.finding(
                .deployGap, place.message, at: place.path, .key,
                help: fix + " Or set it aside in writing: "
                    + WaiverDraft.text(id, at: place.path, in: name, today: context.today) + ".")
            finding.rule = Diagnostic.Rule(id: id, title: title, reason: reason, fix: fix)
            finding.severity = severity
            return finding
        }
    }

    /// What `hauban explain ID` prints, ending with a line end.
    package var text: String {
        let targets = targets.map(\.rawValue).sorted().joined(separator: " and ")
        return """
            \(title)

            \(DiagnosticPage.wrap("`\(field)` on \(targets). " + reason))
            \(DiagnosticPage.wrap(fix + " Or write a waiver: `hauban deploy` is refused without."))

            """
    }

    /// The table of docs/docker.md, in Markdown.
    package static var markdown: String {
        var lines = ["| rule | field | docker | swarm | instead |", "|---|---|---|---|---|"]
        for rule in all {
            let marks = [Environment.Target.docker, .swarm].map { rule.targets.contains($0) ? "no" : " " }
            lines.append(
                "| `\(rule.id)` | `\(rule.field)` | \(marks.joined(separator: " | ")) | \(rule.reason) |")
        }
        return lines.joined(separator: "\n")
    }
}
