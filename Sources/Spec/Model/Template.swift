/// Text with `${edge.attribute}` placeholders. They name values and compute nothing; `$${` stands for a literal `${`.
package struct Template: Sendable, Hashable {
    package enum Part: Sendable, Hashable {
        case text(String)
        /// `${owner.attribute}`, or `${port}` with no attribute.
        case placeholder(owner: String, attribute: String?)
    }

    package struct Malformed: Error, Hashable {
        /// What is wrong, one clause.
        package var message: String
    }

    package var parts: [Part]

    package init(parts: [Part]) { self.parts = parts }

    /// - Throws: ``Malformed`` for a `${` without an end or with something else than a name inside.
    package init(_ text: String) throws(Malformed) {
        var parts: [Part] = []
        var plain = ""
        var rest = text[...]
        while let dollar = rest.firstIndex(of: "$") {
            plain += rest[..<dollar]
            let after = rest[dollar...]
            if after.hasPrefix("$${") {
                plain += "${"
                rest = after.dropFirst(3)
            } else if after.hasPrefix("${") {
                let body = after.dropFirst(2)
                guard let end = body.firstIndex(of: "}") else {
                    throw Malformed(message: "the placeholder '\(after.prefix(20))' has no closing brace")
                }
                let inside = body[..<end]
                let names = inside.split(separator: ".", omittingEmptySubsequences: false)
                guard (1...2).contains(names.count), names.allSatisfy(Self.isWord) else {
                    throw Malformed(message: "'${\(inside)}' is not a placeholder")
                }
                if !plain.isEmpty { parts.append(.text(plain)) }
                plain = ""
                parts.append(.placeholder(owner: String(names[0]), attribute: names.count > 1 ? String(names[1]) : nil))
                rest = body[body.index(after: end)...]
            } else {
                plain += "$"
                rest = after.dropFirst()
            }
        }
        plain += rest
        if !plain.isEmpty { parts.append(.text(plain)) }
        self.parts = parts
    }

    /// The placeholders, in order.
    package var placeholders: [(owner: String, attribute: String?)] {
        parts.compactMap { part in
            if case .placeholder(let owner, let attribute) = part { (owner, attribute) } else { nil }
        }
    }

    /// As written.
    package var text: String {
        parts.map { part in
            switch part {
            case .text(let text): text.split(separator: "${", omittingEmptySubsequences: false).joined(separator: "$${")
            case .placeholder(let owner, let attribute): "${" + owner + (attribute.map { "." + $0 } ?? "") + "}"
            }
        }.joined()
    }

    private static func isWord(_ text: Substring) -> Bool {
        !text.isEmpty
            && text.utf8.allSatisfy {
                (0x61...0x7a).contains($0) || (0x30...0x39).contains($0) || $0 == 0x2d || $0 == 0x5f
            }
    }
}

extension Shape where Value == Template {
    static var template: Shape {
        Shape<String>.anyText.checked { text, path, span, reading in
            do throws(Template.Malformed) {
                return try Template(text)
            } catch {
                reading.report(
                    .badPlaceholder, error.message, at: path, span: span,
                    help: "A placeholder is `${edge.attribute}` with an edge of `uses:`, or `${port}`. "
                        + "Write `$${` for a literal `${`; the language has no expressions.")
                return nil
            }
        } show: {
            $0.text
        }
    }
}

extension Shape {
    /// A further step of reading that may report at the same place.
    func checked<Other: Sendable>(
        _ convert: @escaping @Sendable (Value, SpecPath, Span, Reading) -> Other?,
        show: @escaping @Sendable (Other) -> String
    ) -> Shape<Other> {
        Shape<Other>(
            describe: describe,
            read: { node, path, reading in
                guard let value = read(node, path, reading) else { return nil }
                return convert(value, path, node.span, reading)
            },
            show: show,
            standIn: {
                let silent = Reading(environment: nil, explains: false)
                return standIn().flatMap { convert($0, SpecPath(), Span(line: 1, column: 1), silent) }
            })
    }
}
