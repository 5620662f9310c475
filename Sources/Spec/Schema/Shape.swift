/// How one type of the language is described, read and printed: the single source of parser, reference and JSON Schema.
package struct Shape<Value: Sendable>: Sendable {
    /// What may stand here; registers the records that it meets.
    let describe: @Sendable (inout SchemaBook) -> SchemaType
    /// The value, or `nil` after at least one finding was reported. A list, map or record is given as far as it could be
    /// read, its gaps noted in the reading.
    let read: @Sendable (Node, SpecPath, Reading) -> Value?
    /// As the author would write it.
    let show: @Sendable (Value) -> String
    /// Some value of the type, for where one is written or needed but cannot be read; a gap always says so.
    let standIn: @Sendable () -> Value?

    /// Reads, and notes a gap where there is no value.
    func take(_ node: Node, _ path: SpecPath, _ reading: Reading) -> Value? {
        if !node.isRefused, let value = read(node, path, reading) { return value }
        reading.gap(at: path)
        return nil
    }

    /// Why a scalar's text is not a value of its type.
    struct Problem: Error {
        var id: DiagnosticID
        var message: String
        var help: String?
        var fix: String?

        init(_ message: String, help: String? = nil, fix: String? = nil) {
            self.init(.wrongValue, message, help: help, fix: fix)
        }

        init(_ id: DiagnosticID, _ message: String, help: String? = nil, fix: String? = nil) {
            self.id = id
            self.message = message
            self.help = help
            self.fix = fix
        }
    }

    /// A scalar of its own syntax.
    /// - Parameters:
    ///   - kind: the word of the reference and of messages, for example `a duration`.
    ///   - parse: total; returns the value or what is wrong with the text.
    static func scalar(
        _ kind: String, pattern: String? = nil, examples: [String] = [],
        parse: @escaping @Sendable (String) -> Result<Value, Problem>,
        show: @escaping @Sendable (Value) -> String
    ) -> Shape {
        Shape(
            describe: { _ in .text(kind: kind, pattern: pattern, examples: examples) },
            read: { node, path, reading in
                guard let text = node.text(expecting: kind, examples: examples, at: path, reading) else { return nil }
                switch parse(text) {
                case .success(let value): return value
                case .failure(let problem):
                    reading.report(
                        problem.id, problem.message, at: path, span: node.span, help: problem.help, fix: problem.fix)
                    return nil
                }
            },
            show: show,
            standIn: {
                for text in examples + ["unreadable"] {
                    if case .success(let value) = parse(text) { return value }
                }
                return nil
            })
    }

    /// The same value, made into another type.
    func map<Other: Sendable>(
        _ wrap: @escaping @Sendable (Value) -> Other, show: @escaping @Sendable (Other) -> String
    ) -> Shape<Other> {
        Shape<Other>(
            describe: describe,
            read: { node, path, reading in read(node, path, reading).map(wrap) },
            show: show,
            standIn: { standIn().map(wrap) })
    }
}

extension Node {
    /// The text of a scalar; reports anything else.
    func text(expecting kind: String, examples: [String], at path: SpecPath, _ reading: Reading) -> String? {
        let like = examples.isEmpty ? nil : "For example " + examples.map { "`\($0)`" }.joined(separator: " or ") + "."
        switch value {
        case .scalar(let text, _):
            if !isNull { return text }
            reading.report(wrong: self, wanted: kind, at: path, help: like)
            return nil
        case .list, .map:
            reading.report(wrong: self, wanted: kind, at: path, help: like)
            return nil
        }
    }
}

extension Node {
    /// The text of a number or a truth value; quotes would make it text for every other reader of the file.
    func plain(expecting kind: String, examples: [String], at path: SpecPath, _ reading: Reading) -> String? {
        guard let text = text(expecting: kind, examples: examples, at: path, reading) else { return nil }
        guard case .scalar(_, plain: false) = value, Int(text) != nil || text == "true" || text == "false" else {
            return text
        }
        reading.report(
            .wrongType, "\(path.last) must be \(kind), not the text \"\(text)\"", at: path, span: span,
            help: "Quotes make text of it: take them away.", fix: text)
        return nil
    }
}

extension SpecPath {
    /// The last component, for messages.
    var last: String {
        guard let last = components.last else { return "the file" }
        guard last.hasPrefix("["), let index = Int(last.dropFirst().dropLast()) else { return last }
        return "item \(index + 1) of \(parent.last)"
    }
}
