extension Shape where Value == String {
    /// Any text that is not empty.
    static func text(_ kind: String = "text", examples: [String] = []) -> Shape {
        .scalar(
            kind, examples: examples,
            parse: { $0.isEmpty ? .failure(.init("this text is empty")) : .success($0) },
            show: quoted)
    }

    /// Text that may be empty, as an environment variable's value.
    static var anyText: Shape {
        .scalar("text", parse: { .success($0) }, show: quoted)
    }

    /// Text of a given form.
    static func text(
        _ kind: String, pattern: String, examples: [String], help: String,
        where valid: @escaping @Sendable (String) -> Bool
    ) -> Shape {
        .scalar(
            kind, pattern: pattern, examples: examples,
            parse: { valid($0) ? .success($0) : .failure(.init("'\($0)' is not \(kind)", help: help)) },
            show: quoted)
    }

    /// A path below the folder of hauban.yaml.
    static var relativePath: Shape {
        .scalar(
            "a relative path", pattern: "^[^/~].*$", examples: ["services/api"],
            parse: { text in
                if text.hasPrefix("/") || text.hasPrefix("~") {
                    return .failure(
                        .init(
                            .pathOutside, "the path '\(text)' is not relative",
                            help:
                                "Paths start at the folder of hauban.yaml, so that every clone of the repository agrees."
                        ))
                }
                var depth = 0
                for part in text.split(separator: "/") {
                    depth += part == ".." ? -1 : part == "." ? 0 : 1
                    if depth < 0 {
                        return .failure(
                            .init(
                                .pathOutside, "the path '\(text)' leaves the folder of hauban.yaml",
                                help: "Put hauban.yaml at the top of what it describes."))
                    }
                }
                return text.isEmpty ? .failure(.init("this path is empty")) : .success(text)
            },
            show: { $0 })
    }

    /// The path of a URL (RFC 3986, section 3.3).
    static var urlPath: Shape {
        .text(
            "a URL path", pattern: "^/[!-~]*$", examples: ["/", "/api"],
            help: "It starts with `/` and has no spaces; encode other characters as `%20`.",
            where: { $0.hasPrefix("/") && $0.utf8.allSatisfy { (0x21...0x7e).contains($0) && $0 != 0x23 } })
    }

    /// A host name or a label of one (RFC 1123, section 2.1), `*.` allowed in front.
    static var host: Shape {
        .text(
            "a host name", pattern: "^(\\*\\.)?[a-z0-9]([a-z0-9.-]*[a-z0-9])?$", examples: ["www", "api.stripe.com"],
            help: "Lower-case letters, digits, hyphens and dots; no scheme, port or path.", where: isHost)
    }

    private static func isHost(_ text: String) -> Bool {
        let labels = text.split(separator: ".", omittingEmptySubsequences: false)
        guard !text.isEmpty, text.utf8.count <= 253 else { return false }
        for (index, label) in labels.enumerated() {
            if label == "*", index == 0, labels.count > 1 { continue }
            let bytes = Array(label.utf8)
            guard (1...63).contains(bytes.count), bytes.first != 0x2d, bytes.last != 0x2d,
                bytes.allSatisfy({ (0x61...0x7a).contains($0) || (0x30...0x39).contains($0) || $0 == 0x2d })
            else { return false }
        }
        return true
    }

    /// The name of an environment variable (POSIX.1-2017, section 8.1).
    static var variable: Shape {
        .text(
            "the name of a variable", pattern: "^[A-Za-z_][A-Za-z0-9_]*$", examples: ["LOG_LEVEL"],
            help: "Letters, digits and underscores, no digit in front.",
            where: { text in
                guard let first = text.utf8.first, !(0x30...0x39).contains(first) else { return false }
                return text.utf8.allSatisfy {
                    (0x41...0x5a).contains($0) || (0x61...0x7a).contains($0) || (0x30...0x39).contains($0) || $0 == 0x5f
                }
            })
    }

    private static func quoted(_ text: String) -> String {
        let needs =
            text.isEmpty || text.first == " " || text.last == " "
            || text.contains { ":#{}[],&*!|>'\"%@`\n".contains($0) }
        guard needs else { return text }
        let escaped = text.map { character -> String in
            switch character {
            case "\"": "\\\""
            case "\\": "\\\\"
            case "\n": "\\n"
            default: String(character)
            }
        }
        return "\"" + escaped.joined() + "\""
    }
}

extension Name {
    /// A key of one of the platform's maps, or a word that refers to one.
    static func shape(_ kind: String) -> Shape<Name<Kind>> {
        .scalar(
            kind, pattern: Name<Kind>.pattern, examples: [],
            parse: { text in
                if let name = Name<Kind>(text) { return .success(name) }
                var spaced = ""
                for character in text {
                    if character.isUppercase, spaced.last?.isLowercase == true { spaced.append("-") }
                    spaced.append(character)
                }
                let mended = spaced.lowercased().map {
                    $0.isLetter && $0.isASCII || $0.isNumber && $0.isASCII ? $0 : "-"
                }
                let repaired = String(mended).split(separator: "-").joined(separator: "-")
                return .failure(
                    .init(
                        .badName, "'\(text)' cannot be \(kind)",
                        help: "A name starts with a lower-case letter and goes on with letters, digits and single "
                            + "hyphens, at most \(Name<Kind>.longest) characters: the form that every target accepts.",
                        fix: Name<Kind>(repaired) == nil || !text.utf8.allSatisfy({ $0 < 0x80 }) ? nil : repaired))
            },
            show: { $0.text })
    }
}

extension Shape where Value == String {
    /// A name in HTTP: of a header field or a cookie (RFC 9110 §5.6.2, RFC 6265 §4.1.1).
    static func token(_ kind: String, examples: [String]) -> Shape {
        .scalar(
            kind, pattern: "^[A-Za-z0-9!#$%&'*+.^_`|~-]+$", examples: examples,
            parse: { text in
                let isToken = text.utf8.allSatisfy { byte in
                    byte > 0x20 && byte < 0x7F && !"\"(),/:;<=>?@[\\]{}".utf8.contains(byte)
                }
                guard !text.isEmpty, isToken else {
                    return .failure(
                        .init(
                            "'\(text)' is not the name of \(kind)",
                            help: "Names in HTTP have letters, digits and hyphens: `\(examples.first ?? "X-Name")`."))
                }
                return .success(text)
            },
            show: { $0 })
    }
}

/// A closed set of words, each with its meaning for the reference.
package protocol Choice: RawRepresentable, CaseIterable, Sendable, Hashable, Codable where RawValue == String {
    var meaning: String { get }
}

extension Choice {
    /// One word of the set.
    static func shape(_ kind: String) -> Shape<Self> {
        Shape(
            describe: { _ in .choice(Self.allCases.map { SchemaType.Choice($0.rawValue, $0.meaning) }) },
            read: { node, path, reading in
                let words = Self.allCases.map(\.rawValue)
                guard let text = node.text(expecting: kind, examples: Array(words.prefix(2)), at: path, reading)
                else { return nil }
                if let value = Self(rawValue: text) { return value }
                let near = KeyHint.nearest(to: text, among: words)
                reading.report(
                    .wrongChoice, "'\(text)' is not \(kind)", at: path, span: node.span,
                    help: near.map { "Did you mean `\($0)`?" }
                        ?? ("It is one of " + words.joined(separator: ", ") + "."),
                    fix: near)
                return nil
            },
            show: { $0.rawValue },
            standIn: { Self.allCases.first })
    }
}

extension Shape where Value == Int {
    static func integer(_ range: ClosedRange<Int>, _ kind: String = "a whole number") -> Shape {
        Shape(
            describe: { _ in .integer(range) },
            read: { node, path, reading in
                guard let text = node.plain(expecting: kind, examples: ["\(range.lowerBound)"], at: path, reading)
                else { return nil }
                guard Decimals.isWhole(text) else {
                    reading.report(
                        .wrongType, "'\(text)' is not a whole number", at: path, span: node.span,
                        help: "A number from \(range.lowerBound) to \(range.upperBound) belongs here.")
                    return nil
                }
                guard let value = Int(text), range.contains(value) else {
                    let only = range.count == 1
                    reading.report(
                        .outOfRange,
                        only
                            ? "\(path.last) must be \(range.lowerBound), not \(text)"
                            : "\(path.last) \(text) is not between \(range.lowerBound) and \(range.upperBound)",
                        at: path, span: node.span, help: only ? "It is \(kind); there is no other so far." : nil)
                    return nil
                }
                return value
            },
            show: { "\($0)" },
            standIn: { range.lowerBound })
    }
}

extension Shape where Value == Port {
    static var port: Shape {
        Shape(
            describe: { _ in .integer(1...65535) },
            read: { node, path, reading in
                guard let text = node.plain(expecting: "a port", examples: ["8080"], at: path, reading) else {
                    return nil
                }
                guard Decimals.isWhole(text) else {
                    let mapping = text.split(separator: ":").last.flatMap { Int($0) }
                    reading.report(
                        .wrongType, "'\(text)' is not a port", at: path, span: node.span,
                        help: mapping == nil
                            ? "A port is one whole number."
                            : "It is the port that the service listens on; `expose` says where it is reached.",
                        fix: mapping.map { "\($0)" })
                    return nil
                }
                guard let port = Int(text).flatMap({ Port($0) }) else {
                    reading.report(
                        .portOutOfRange, "port \(text) is not between 1 and 65535", at: path, span: node.span,
                        help: "Ports are 16-bit numbers; it is the one that the service listens on.")
                    return nil
                }
                return port
            },
            show: { $0.description },
            standIn: { Port(8080) })
    }
}

extension Shape where Value == Bool {
    /// YAML 1.2.2, section 10.3.2: `true` and `false` only.
    static var boolean: Shape {
        Shape(
            describe: { _ in .boolean },
            read: { node, path, reading in
                guard let text = node.plain(expecting: "true or false", examples: [], at: path, reading) else {
                    return nil
                }
                switch text {
                case "true", "True", "TRUE": return true
                case "false", "False", "FALSE": return false
                default:
                    let yes = ["yes", "on", "y", "1"].contains(text.lowercased())
                    let no = ["no", "off", "n", "0"].contains(text.lowercased())
                    reading.report(
                        .wrongType, "'\(text)' is neither true nor false", at: path, span: node.span,
                        help: yes || no
                            ? "The language follows YAML 1.2, where `yes`, `no`, `on` and `off` are text."
                            : "Write `true` or `false`.",
                        fix: yes ? "true" : no ? "false" : nil)
                    return nil
                }
            },
            show: { "\($0)" },
            standIn: { false })
    }
}

extension Shape where Value == CommandLine {
    /// A line for the shell, or a list of words without one.
    static var command: Shape {
        let line = Shape<String>.text("a command", examples: ["alembic upgrade head"])
            .map(CommandLine.shell, show: { $0.text })
        let words = Shape<[String]>.list(of: Shape<String>.text("a word"))
            .map(CommandLine.words, show: { "[" + $0.arguments.joined(separator: ", ") + "]" })
        return Shape(
            describe: { book in .either([line.describe(&book), words.describe(&book)]) },
            read: { node, path, reading in
                guard case .list(let items) = node.value else { return line.read(node, path, reading) }
                if items.isEmpty {
                    reading.report(
                        .wrongValue, "this command has no words", at: path, span: node.span,
                        help: "Write the program and its words, `[celery, worker]`, or one line of text.")
                    return nil
                }
                return words.read(node, path, reading)
            },
            show: { command in
                switch command {
                case .shell(let line): line
                case .words(let words): "[" + words.joined(separator: ", ") + "]"
                }
            },
            standIn: line.standIn)
    }
}
