import Yams

/// Reads another tool's YAML, where anchors, aliases, merge keys and tags are common, into ``Node``s.
///
/// Aliases stand for what they name, `<<` is merged (YAML 1.1, "Merge Key Language-Independent Type"), tags are ignored.
package struct ForeignYAML {
    /// Nodes of one file after aliases are written out; ten anchors of ten aliases each would make 10¹⁰ of them.
    package static let mostNodes = 200_000

    private var left = mostNodes
    private var cursor: SourceCursor?

    /// - Returns: `nil` when the text is no YAML map, nests too deep, or grows beyond ``mostNodes``.
    package static func read(_ text: String) -> Node? {
        guard NestingGuard.problem(in: SourceText(name: "", text: text)) == nil,
            let root = try? Yams.compose(yaml: text)
        else { return nil }
        return convert(root, ForeignYAML())
    }

    /// The same with places; what an alias stands for has the place of its anchor.
    package static func read(_ source: SourceText) -> Node? {
        guard NestingGuard.problem(in: source) == nil, let root = try? Yams.compose(yaml: source.text) else {
            return nil
        }
        var reader = ForeignYAML()
        reader.cursor = SourceCursor(source)
        return convert(root, reader)
    }

    private static func convert(_ root: Yams.Node, _ reader: ForeignYAML) -> Node? {
        var reader = reader
        guard let node = reader.convert(root), case .map = node.value else { return nil }
        return node
    }

    private mutating func convert(_ node: Yams.Node) -> Node? {
        left -= 1
        guard left > 0 else { return nil }
        let place = span(of: node)
        switch node {
        case .scalar(let scalar):
            let plain = scalar.style == .plain || scalar.style == .any
            return Node(value: .scalar(scalar.string, plain: plain), span: place)
        case .sequence(let sequence):
            var items: [Node] = []
            for item in sequence {
                guard let item = convert(item) else { return nil }
                items.append(item)
            }
            return Node(value: .list(items), span: place)
        case .mapping(let mapping):
            var own: [Node.Entry] = []
            var merged: [Node.Entry] = []
            for (key, value) in mapping {
                guard case .scalar(let name) = key, var value = convert(value) else { return nil }
                let keySpan = span(of: key)
                value.holder = keySpan
                if name.string == "<<" {
                    merged += Self.entries(of: value)
                } else {
                    own.append(Node.Entry(key: name.string, keySpan: keySpan, value: value))
                }
            }
            var seen: Set<String> = []
            return Node(value: .map((own + merged).filter { seen.insert($0.key).inserted }), span: place)
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

    /// The start alone of anything but a scalar on one line.
    private mutating func span(of node: Yams.Node) -> Span {
        guard cursor != nil, let mark = node.mark else { return Span(line: 1, column: 1) }
        let start = Span(line: mark.line, column: mark.column)
        guard case .scalar(let scalar) = node else { return start }
        switch scalar.style {
        case .singleQuoted, .doubleQuoted: return cursor?.quotes(at: start) ?? start
        case .literal, .folded: return start
        case .plain, .any: return cursor?.run(of: scalar.string, at: start) ?? start
        }
    }
}
