import Yams

/// Reads another tool's YAML, where anchors, aliases, merge keys and tags are common, into ``Node``s without places.
///
/// Aliases stand for what they name, `<<` is merged (YAML 1.1, "Merge Key Language-Independent Type"), tags are ignored.
package struct ForeignYAML {
    /// Nodes of one file after aliases are written out; ten anchors of ten aliases each would make 10¹⁰ of them.
    package static let mostNodes = 200_000

    private var left = mostNodes

    /// - Returns: `nil` when the text is no YAML map, nests too deep, or grows beyond ``mostNodes``.
    package static func read(_ text: String) -> Node? {
        guard NestingGuard.problem(in: SourceText(name: "", text: text)) == nil,
            let root = try? Yams.compose(yaml: text)
        else { return nil }
        var reader = ForeignYAML()
        guard let node = reader.convert(root), case .map = node.value else { return nil }
        return node
    }

    private mutating func convert(_ node: Yams.Node) -> Node? {
        left -= 1
        guard left > 0 else { return nil }
        switch node {
        case .scalar(let scalar):
            let plain = scalar.style == .plain || scalar.style == .any
            return Self.node(.scalar(scalar.string, plain: plain))
        case .sequence(let sequence):
            var items: [Node] = []
            for item in sequence {
                guard let item = convert(item) else { return nil }
                items.append(item)
            }
            return Self.node(.list(items))
        case .mapping(let mapping):
            var own: [Node.Entry] = []
            var merged: [Node.Entry] = []
            for (key, value) in mapping {
                guard case .scalar(let name) = key, let value = convert(value) else { return nil }
                if name.string == "<<" {
                    merged += Self.entries(of: value)
                } else {
                    own.append(Node.Entry(key: name.string, keySpan: Self.nowhere, value: value))
                }
            }
            var seen: Set<String> = []
            return Self.node(.map((own + merged).filter { seen.insert($0.key).inserted }))
        case .alias: return nil
        }
    }

    /// What `<<` adds: the keys of a map, or of a list of maps of which the earlier win.
    private static func entries(of node: Node) -> [Node.Entry] {
        switch node.value {
        case .map(let entries): entries
        case .list(let items): items.flatMap(entries)
        case .scalar: []
        }
    }

    private static let nowhere = Span(line: 1, column: 1)

    private static func node(_ value: Node.Value) -> Node { Node(value: value, span: nowhere, environment: nil) }
}
