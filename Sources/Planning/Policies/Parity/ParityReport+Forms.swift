package import Spec

extension ParityReport {
    /// Version of the JSON form; a change that could break a reader raises it.
    package static let format = 1

    /// Each environment that must be `like` another one; where none says so, each staging beside the first production.
    package static func all(of parsed: ParsedPlatform) -> [ParityReport] {
        guard let platform = parsed.environments.values.first else { return [] }
        let names = platform.environments.keys.sorted()
        var pairs = names.compactMap { name in platform.environments[name]?.like.map { (name, $0) } }
        if pairs.isEmpty, let production = names.first(where: { platform.purpose(of: $0) == .production }) {
            pairs = names.filter { platform.purpose(of: $0) == .staging }.map { ($0, production) }
        }
        return pairs.compactMap { ParityReport(parsed, of: $0.0, like: $0.1) }
    }

    /// For people: each difference that counts on a line of its own, then those that may be.
    package func text(source: SourceText) -> String {
        let found = differences
        var out =
            found.isEmpty
            ? "\(environment) is as \(other) but for its size\n"
            : "\(environment) differs from \(other) in \(found.count) \(found.count == 1 ? "way" : "ways") beyond size:\n"
        for difference in found { out += "  " + difference.line(environment, other, source) }
        for (kind, words) in [
            (Difference.Kind.size, "size"), (.place, "place and shipping"), (.response, "who is told"),
        ] {
            let some = all.filter { $0.kind == kind }
            if some.isEmpty { continue }
            out += "may differ, \(words):\n"
            for difference in some { out += "  " + difference.line(environment, other, source) }
        }
        return out
    }

    /// For programs; docs/cli-json.md has its keys.
    package var json: JSONTree {
        [
            "environment": .text(environment.text),
            "like": .text(other.text),
            "same": .bool(differences.isEmpty),
            "differences": .list(all.map(Self.tree)),
        ]
    }

    /// One document of several reports, ending with a line end.
    package static func json(_ reports: [ParityReport]) -> String {
        let document: JSONTree = ["format": .number(format), "reports": .list(reports.map(\.json))]
        return document.document
    }

    private static func tree(_ difference: Difference) -> JSONTree {
        let place: JSONTree =
            difference.span.map { ["line": .number($0.line), "column": .number($0.column)] } ?? .null
        return [
            "kind": .text(difference.kind.rawValue),
            "path": .text(difference.path.description),
            "here": .text(orNull: difference.here),
            "there": .text(orNull: difference.there),
            "place": place,
        ]
    }
}

extension ParityReport.Difference {
    fileprivate func line(_ environment: EnvironmentName, _ other: EnvironmentName, _ source: SourceText) -> String {
        let place = span.map { "  (\(source.name):\($0.line):\($0.column))" } ?? ""
        return text(environment, other) + place + "\n"
    }
}
