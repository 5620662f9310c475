import Spec

/// A Compose file with places (Compose specification).
struct ComposeFile: Sendable {
    let source: SourceText
    let root: Node

    /// - Returns: `nil` when the text is no YAML map with services.
    init?(_ source: SourceText) {
        guard let root = ForeignYAML.read(source), root.entry("services") != nil else { return nil }
        self.source = source
        self.root = root
    }

    struct Service {
        var name: String
        var span: Span
        var node: Node
    }

    var services: [Service] {
        guard case .map(let entries)? = root.entry("services")?.value.value else { return [] }
        return entries.map { Service(name: $0.key, span: $0.keySpan, node: $0.value) }
    }

    func flag(_ message: String, at span: Span, help: String? = nil, fix: String? = nil) -> Diagnostic {
        Diagnostic(.guideline, message, at: SpecPath(), span: span, help: help, fix: fix.map { Diagnostic.Fix($0) })
    }
}

extension ComposeFile.Service {
    var image: (text: String, span: Span)? { scalar("image") }

    func scalar(_ key: String) -> (text: String, span: Span)? {
        guard let value = node.entry(key)?.value, case .scalar(let text, _) = value.value, !value.isNull else {
            return nil
        }
        return (text, value.span)
    }

    func isTrue(_ key: String) -> Span? {
        scalar(key).flatMap { ["true", "yes", "on"].contains($0.text.lowercased()) ? $0.span : nil }
    }

    /// The items of a list of scalars and maps.
    func items(_ key: String) -> [Node] {
        if case .list(let items)? = node.entry(key)?.value.value { return items }
        return []
    }

    /// `environment`, written as a map or as a list of `NAME=value`; a name alone has no value.
    var environment: [(name: String, value: String, span: Span)] {
        guard let value = node.entry("environment")?.value else { return [] }
        switch value.value {
        case .scalar: return []
        case .map(let entries):
            return entries.compactMap { entry in
                guard case .scalar(let text, _) = entry.value.value, !entry.value.isNull else { return nil }
                return (entry.key, text, entry.value.span)
            }
        case .list(let items):
            return items.compactMap { item in
                guard case .scalar(let text, _) = item.value, let equals = text.firstIndex(of: "=") else { return nil }
                return (String(text[..<equals]), String(text[text.index(after: equals)...]), item.span)
            }
        }
    }
}

extension Node {
    /// The node below a run of keys.
    func at(_ keys: String...) -> Node? {
        var node = self
        for key in keys {
            guard let next = node.entry(key)?.value else { return nil }
            node = next
        }
        return node
    }
}
