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
    private let removed: [Node.Removal]
    let path: SpecPath
    /// Of the key that holds the map; of its first key at the top and in lists.
    let span: Span

    init(reading node: Node, entries: [Node.Entry], at path: SpecPath, _ reading: Reading) {
        self.entries = entries
        self.reading = reading
        self.path = path
        removed = node.removed
        span = node.holder ?? node.span
    }

    init(describing book: SchemaBook) {
        entries = []
        removed = []
        reading = Reading(environment: nil, explains: false)
        self.book = book
        path = SpecPath()
        span = Span(line: 1, column: 1)
    }

    /// A key that must be there; a stand-in after a finding.
    mutating func required<Value>(
        _ key: String, _ shape: Shape<Value>, _ meaning: String, example: String? = nil
    ) -> Value? {
        note(key, shape, .required, meaning, example)
        guard book == nil else { return nil }
        guard let entry = entry(key) else {
            reading.gap(at: path.appending(key))
            // A slip or a neighbouring tool's word for this key is reported as such, and once.
            if entries.contains(where: { KeyHint.means($0.key, key) }) { return shape.standIn() }
            reading.report(
                .missingKey, "\(path.last) has no `\(key)`", at: path, span: span,
                help: meaning + (example.map { " For example `\(key): \($0)`." } ?? ""), notes: removals)
            return shape.standIn()
        }
        return read(entry, shape) ?? shape.standIn()
    }

    /// A key that may be absent; a stand-in when it is there and cannot be read.
    mutating func optional<Value>(
        _ key: String, _ shape: Shape<Value>, _ meaning: String, example: String? = nil
    ) -> Value? {
        note(key, shape, .optional, meaning, example)
        guard let entry = entry(key) else { return nil }
        return read(entry, shape) ?? shape.standIn()
    }

    /// A key with a default and the reason for it; the default also stands in for what cannot be read.
    /// - Parameters:
    ///   - applies: false where the default means nothing, so that nobody is told of it.
    ///   - varies: how the default follows from other keys, for the reference.
    mutating func value<Value>(
        _ key: String, _ shape: Shape<Value>, default fallback: @autoclosure () -> Value,
        because reason: String = "the usual choice", _ meaning: String, example: String? = nil, applies: Bool = true,
        varies: String? = nil
    ) -> Value {
        let entry = entry(key)
        if book != nil {
            note(
                key, shape, .defaulted(varies == nil ? shape.show(fallback()) : "…", because: varies ?? reason),
                meaning,
                example)
        } else {
            known.append(key)
        }
        guard let entry else {
            let value = fallback()
            if applies { explain(key, value, shape, because: reason) }
            return value
        }
        return read(entry, shape) ?? fallback()
    }

    /// Where a key's value stands; the map's own place when absent.
    func span(of key: String) -> Span {
        entry(key)?.value.span ?? span
    }

    func has(_ key: String) -> Bool { entry(key) != nil }

    /// Whether all of these keys say what the author meant: only then do their values mean anything together.
    /// Asked once every key was asked for.
    func isSound(_ keys: String...) -> Bool {
        keys.allSatisfy { reading.gaps.isWhole(path.appending($0)) && !isSlip(for: $0) }
    }

    /// Whether an item of a key's list was read.
    func isSound(_ key: String, item: Int) -> Bool {
        reading.gaps.isWhole(path.appending(key).appending(index: item))
    }

    /// Whether a word may name an entry of a key's map that could not be read.
    func mayName(_ word: String, in key: String) -> Bool {
        isSlip(for: key) || reading.gaps.mayName(word, in: path.appending(key))
    }

    /// Whether one of the keys that nobody asks for is a slip of this one or a neighbouring tool's word for it.
    private func isSlip(for key: String) -> Bool {
        entries.contains { !known.contains($0.key) && mayStand($0, for: key) && KeyHint.means($0.key, key) }
    }

    /// Whether a misspelt key would be the only one of its kind where it was written, in the base or in the overlay.
    private func mayStand(_ slip: Node.Entry, for key: String) -> Bool {
        entry(key).map { $0.value.environment != slip.value.environment } ?? true
    }

    /// A finding about this map, at the value of one of its keys.
    /// - Parameters:
    ///   - item: the position in that key's list, where one item is meant.
    ///   - other: a second key that the finding is about.
    func report(
        _ id: DiagnosticID, _ message: String, at key: String? = nil, item: Int? = nil, with other: String? = nil,
        help: String? = nil, fix: String? = nil
    ) {
        var place = key.map { path.appending($0) } ?? path
        var span = key.map { self.span(of: $0) } ?? self.span
        if let key, let item, case .list(let items)? = entry(key)?.value.value, items.indices.contains(item) {
            place = place.appending(index: item)
            span = items[item].span
        }
        var notes: [Diagnostic.Note] = []
        if let other, let entry = entry(other) {
            notes.append(Diagnostic.Note("`\(other)` is here", at: entry.keySpan))
        }
        if id == .missingKey {
            if has("<<") { return }
            notes += removals
        }
        reading.report(id, message, at: place, span: span, help: help, fix: fix, notes: notes)
    }

    /// A finding about a key that should not stand here at all.
    func reportKey(
        _ id: DiagnosticID, _ message: String, _ key: String, with other: String? = nil, help: String? = nil
    ) {
        reading.gap(at: path.appending(key))
        let notes = other.flatMap { entry($0) }.map { [Diagnostic.Note("`\($0.key)` is here", at: $0.keySpan)] }
        reading.report(
            id, message, at: path.appending(key), span: entry(key)?.keySpan ?? span, help: help, notes: notes ?? [])
    }

    private var removals: [Diagnostic.Note] {
        removed.map { Diagnostic.Note("`\($0.key)` is removed here", at: $0.span) }
    }

    /// Reports the keys that nobody asked for.
    func reportUnknown(in record: String) {
        for entry in entries where !known.contains(entry.key) {
            if let meant = KeyHint.meant(by: entry.key, among: known), mayStand(entry, for: meant) {
                reading.gap(at: path.appending(meant))
            }
            // What stands already is no answer.
            let free = known.filter { name in !entries.contains { $0.key == name } }
            let hint = KeyHint.hint(for: entry.key, among: known, free: free, in: record)
            reading.report(
                .unknownKey, "unknown key '\(entry.key)' in \(record)", at: path.appending(entry.key),
                span: entry.keySpan, help: hint.help, fix: hint.replacement)
        }
    }

    /// A default; one that stands for a whole record is told key by key.
    private func explain<Value>(_ key: String, _ value: Value, _ shape: Shape<Value>, because reason: String) {
        guard reading.explains else { return }
        let shown = shape.show(value)
        guard shown.contains("…") else {
            reading.explain(path.appending(key), shown, .defaulted(because: reason))
            return
        }
        let inner = Reading(environment: reading.environment, explains: true)
        _ = shape.read(Node(value: .map([]), span: span), path.appending(key), inner)
        for value in inner.explained { reading.explain(value.path, value.value, value.origin) }
    }

    private func entry(_ key: String) -> Node.Entry? {
        entries.first { $0.key == key }
    }

    private func read<Value>(_ entry: Node.Entry, _ shape: Shape<Value>) -> Value? {
        let place = path.appending(entry.key)
        guard let value = shape.take(entry.value, place, reading) else { return nil }
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
    ///   - body: asks for every key, then makes the value, whatever was found; `nil` only while describing.
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
                        wrong: node, wanted: "a map (\(name))", at: path,
                        help: path.components.isEmpty
                            ? "It starts with `hauban: 1` and `platform: NAME`." : meaning)
                    return nil
                }
                var fields = Fields(reading: node, entries: entries, at: path, reading)
                let value = body(&fields)
                fields.reportUnknown(in: name)
                return value
            },
            show: show,
            standIn: {
                let nothing = Node(value: .map([]), span: Span(line: 1, column: 1))
                let silent = Reading(environment: nil, explains: false)
                var fields = Fields(reading: nothing, entries: [], at: SpecPath(), silent)
                return body(&fields)
            })
    }
}
