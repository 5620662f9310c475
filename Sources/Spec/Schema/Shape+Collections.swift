extension Shape {
    /// A list of values of one shape.
    /// - Parameter dense: leaves out what cannot be read; otherwise a stand-in keeps its place, so that positions agree
    ///   with the file.
    static func list<Element: Sendable>(
        of element: Shape<Element>, dense: Bool = false
    ) -> Shape<[Element]> where Value == [Element] {
        Shape(
            describe: { book in .list(element.describe(&book)) },
            read: { node, path, reading in
                guard case .list(let items) = node.value else {
                    let example: String? =
                        if case .scalar(let text, _) = node.value, !node.isNull { "[\(text)]" } else { nil }
                    reading.report(
                        wrong: node, wanted: "a list", at: path,
                        help: "A list is written `[a, b]`, or one `- item` a line.", fix: example)
                    return nil
                }
                var values: [Element] = []
                for (index, item) in items.enumerated() {
                    let place = path.appending(index: index)
                    if let value = element.take(item, place, reading) {
                        values.append(value)
                        if !item.isRecord { reading.explain(place, element.show(value), item.origin) }
                        continue
                    }
                    if case .scalar(let word, _) = item.value { reading.gap(at: place, lost: word) }
                    if !dense, let value = element.standIn() { values.append(value) }
                }
                return values
            },
            show: { values in "[" + values.map(element.show).joined(separator: ", ") + "]" },
            standIn: { [] })
    }

    /// A map keyed by names that the author chooses.
    static func map<Key, Element: Sendable>(
        of element: Shape<Element>, key: Shape<Key>
    ) -> Shape<[Key: Element]> where Value == [Key: Element], Key: Comparable {
        Shape(
            describe: { book in .map(key: key.describe(&book), value: element.describe(&book)) },
            read: { node, path, reading in
                guard case .map(let entries) = node.value else {
                    reading.report(
                        wrong: node, wanted: "a map", at: path,
                        help: "A map is written `{name: value}`, or one `name: value` a line.")
                    return nil
                }
                var values: [Key: Element] = [:]
                for entry in entries {
                    let place = path.appending(entry.key)
                    let keyNode = Node(value: .scalar(entry.key, plain: false), span: entry.keySpan, environment: nil)
                    let name = key.read(keyNode, place, reading)
                    let value = element.take(entry.value, place, reading)
                    if name == nil { reading.gap(at: place, lost: entry.key) }
                    if let name, let value {
                        values[name] = value
                        if !entry.value.isRecord { reading.explain(place, element.show(value), entry.value.origin) }
                    } else if let name {
                        // That the name exists is known.
                        values[name] = element.standIn()
                    }
                }
                return values
            },
            show: { values in
                let pairs = values.sorted { $0.key < $1.key }.map { "\(key.show($0.key)): \(element.show($0.value))" }
                return "{" + pairs.joined(separator: ", ") + "}"
            },
            standIn: { [:] })
    }

    /// The first alternative for scalars, the second for lists and maps.
    static func either(scalar: Shape, or other: Shape) -> Shape {
        Shape(
            describe: { book in .either([scalar.describe(&book), other.describe(&book)]) },
            read: { node, path, reading in
                if case .scalar = node.value { return scalar.read(node, path, reading) }
                return other.read(node, path, reading)
            },
            show: scalar.show,
            standIn: scalar.standIn)
    }

    /// The first alternative for lists, the second for the rest.
    static func either(list: Shape, or other: Shape) -> Shape {
        Shape(
            describe: { book in .either([other.describe(&book), list.describe(&book)]) },
            read: { node, path, reading in
                if case .list = node.value { return list.read(node, path, reading) }
                return other.read(node, path, reading)
            },
            show: list.show,
            standIn: list.standIn)
    }
}

extension Node {
    /// Maps explain themselves key by key.
    var isRecord: Bool {
        if case .map = value { return true }
        return false
    }

    var origin: ExplainedValue.Origin {
        environment.map { .overlay(environment: $0, span) } ?? .written(span)
    }
}
