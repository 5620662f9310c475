/// The keys of one map, asked for one after another; what nobody asks for is unknown.
///
/// The same run of calls describes the record: then there is no map, `required` and `optional` answer `nil`, and each
/// call registers its key. So a record's body must ask for every key before it decides anything.
struct Fields {
    private let entries: [Node.Entry]
    private let reading: Reading
    private var known: [String] = []
    /// Present while describing.
    private(set) var book: SchemaBook?
    private(set) var descriptions: [FieldDescription] = []
    private(set) var failed = false
    let path: SpecPath
    /// Of the key that holds the map; of its first key at the top and in lists.
    let span: Span

    init(reading node: Node, entries: [Node.Entry], at path: SpecPath, _ reading: Reading) {
        self.entries = entries
        self.reading = reading
        self.path = path
        span = node.holder ?? node.span
    }

    init(describing book: SchemaBook) {
        entries = []
        reading = Reading(environment: nil, explains: false)
        self.book = book
        path = SpecPath()
        span = Span(line: 1, column: 1)
    }

    /// A key that must be there; `nil` after a finding.
    mutating func required<Value>(
        _ key: String, _ shape: Shape<Value>, _ meaning: String, example: String? = nil
    ) -> Value? {
        note(key, shape, .required, meaning, example)
        guard book == nil else { return nil }
        guard let entry = entry(key) else {
            failed = true
            reading.report(
                .missingKey, "\(path.last) has no `\(key)`", at: path, span: span,
                help: meaning + (example.map { " For example `\(key): \($0)`." } ?? ""))
            return nil
        }
        return read(entry, shape)
    }

    /// A key that may be absent.
    mutating func optional<Value>(
        _ key: String, _ shape: Shape<Value>, _ meaning: String, example: String? = nil
    ) -> Value? {
        note(key, shape, .optional, meaning, example)
        guard let entry = entry(key) else { return nil }
        return read(entry, shape)
    }

    /// A key with a default and the reason for it.
    mutating func value<Value>(
        _ key: String, _ shape: Shape<Value>, default fallback: @autoclosure () -> Value,
        because reason: String = "the usual choice", _ meaning: String, example: String? = nil
    ) -> Value {
        let entry = entry(key)
        if book != nil {
            note(key, shape, .defaulted(shape.show(fallback()), because: reason), meaning, example)
        } else {
            known.append(key)
        }
        guard let entry else {
            let value = fallback()
            reading.explain(path.appending(key), shape.show(value), .defaulted(because: reason))
            return value
        }
        return read(entry, shape) ?? fallback()
    }

    /// Where a key's value stands; the map's own place when absent.
    func span(of key: String) -> Span {
        entry(key)?.value.span ?? span
    }

    func has(_ key: String) -> Bool { entry(key) != nil }

    /// A finding about this map, at one of its keys.
    mutating func report(
        _ id: DiagnosticID, _ message: String, at key: String? = nil, help: String? = nil, fix: String? = nil
    ) {
        failed = failed || id.severity == .error
        reading.report(
            id, message, at: key.map { path.appending($0) } ?? path, span: key.map { span(of: $0) } ?? span,
            help: help, fix: fix)
    }

    /// Reports the keys that nobody asked for.
    mutating func reportUnknown(in record: String) {
        for entry in entries where !known.contains(entry.key) {
            failed = true
            let hint = KeyHint.hint(for: entry.key, among: known, in: record)
            reading.report(
                .unknownKey, "unknown key '\(entry.key)' in \(record)", at: path.appending(entry.key),
                span: entry.keySpan, help: hint.help, fix: hint.replacement)
        }
    }

    private func entry(_ key: String) -> Node.Entry? {
        entries.first { $0.key == key }
    }

    private mutating func read<Value>(_ entry: Node.Entry, _ shape: Shape<Value>) -> Value? {
        let place = path.appending(entry.key)
        guard let value = shape.read(entry.value, place, reading) else {
            failed = true
            return nil
        }
        if !entry.value.isRecord { reading.explain(place, shape.show(value), entry.value.origin) }
        return value
    }

    private mutating func note<Value>(
        _ key: String, _ shape: Shape<Value>, _ presence: FieldDescription.Presence, _ meaning: String,
        _ example: String?
    ) {
        known.append(key)
        guard var book else { return }
        self.book = nil
        let type = shape.describe(&book)
        self.book = book
        descriptions.append(
            FieldDescription(key: key, type: type, presence: presence, meaning: meaning, example: example))
    }
}

extension Shape {
    /// A map with a closed set of keys.
    /// - Parameters:
    ///   - short: what may be written in place of the map.
    ///   - body: asks for every key, then makes the value; `nil` only after a finding.
    static func record(
        _ name: String, _ meaning: String, short: Shape? = nil,
        show: @escaping @Sendable (Value) -> String = { _ in "{…}" },
        _ body: @escaping @Sendable (inout Fields) -> Value?
    ) -> Shape {
        Shape(
            describe: { book in
                if book.begin(name) {
                    let shortType = short.map { $0.describe(&book) }
                    var fields = Fields(describing: book)
                    _ = body(&fields)
                    book = fields.book ?? book
                    book.add(
                        RecordDescription(
                            name: name, meaning: meaning, fields: fields.descriptions, short: shortType))
                }
                return .record(name)
            },
            read: { node, path, reading in
                guard case .map(let entries) = node.value else {
                    if let short, !node.isNull { return short.read(node, path, reading) }
                    reading.report(
                        node.isNull ? .noValue : .wrongType, "\(path.last) must be \(name), not \(node.kind)", at: path,
                        span: node.span, help: "It is a map: \(meaning)")
                    return nil
                }
                var fields = Fields(reading: node, entries: entries, at: path, reading)
                let value = body(&fields)
                fields.reportUnknown(in: name)
                return fields.failed ? nil : value
            },
            show: show)
    }
}
