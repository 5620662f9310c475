import Spec

/// A Dockerfile with places: its instructions, and the stages that they make (Dockerfile reference, frontend 1.x).
struct Dockerfile: Sendable {
    struct Instruction: Sendable {
        /// In capitals.
        var keyword: String
        /// What stands behind the keyword; lines that are continued are joined by one space, comments between them left out.
        var text: String
        /// Of the keyword.
        var span: Span
        /// The lines that it takes, 1-based, its here-documents among them.
        var lines: ClosedRange<Int>
        /// Bodies of its here-documents.
        var documents: [String] = []

        /// Its words, as a shell would first split them; quotes stay.
        var words: [String] { text.split(whereSeparator: \.isWhitespace).map(String.init) }

        /// The words that are no flags of the instruction, such as `--from=build`.
        var operands: [String] { Array(words.drop { $0.hasPrefix("--") }) }

        /// The commands of a `RUN`, its here-documents among them.
        var script: String { ([text] + documents).joined(separator: "\n") }

        /// Whether it is written as a JSON list of words, which no shell reads.
        var isList: Bool { operands.first?.hasPrefix("[") == true }
    }

    struct Stage: Sendable {
        var from: Instruction
        /// The image or the earlier stage; `nil` where `FROM` has none.
        var base: String?
        /// The name that `AS` gives.
        var name: String?
        /// What follows `FROM`.
        var instructions: [Instruction]

        func all(_ keyword: String) -> [Instruction] { instructions.filter { $0.keyword == keyword } }
    }

    let source: SourceText
    /// What stands in front of the first `FROM`: `ARG`s.
    private(set) var prelude: [Instruction] = []
    private(set) var stages: [Stage] = []

    init(_ source: SourceText) {
        self.source = source
        for instruction in Self.instructions(source) {
            if instruction.keyword == "FROM" {
                stages.append(Self.stage(instruction))
            } else if stages.isEmpty {
                prelude.append(instruction)
            } else {
                stages[stages.count - 1].instructions.append(instruction)
            }
        }
    }

    /// The image that is shipped.
    var last: Stage? { stages.last }

    /// Whether a stage builds on an earlier one of this name, or its number.
    func stage(named name: String, before index: Int) -> Stage? {
        stages.prefix(index).last { $0.name?.lowercased() == name.lowercased() }
    }

    /// Instructions of the shipped image and of the stages that it builds on, the oldest first.
    var shipped: [Instruction] {
        guard !stages.isEmpty else { return [] }
        var index = stages.count - 1
        var chain = stages[index].instructions
        while let base = stages[index].base,
            let earlier = stages.prefix(index).lastIndex(where: { $0.name?.lowercased() == base.lowercased() })
        {
            chain = stages[earlier].instructions + chain
            index = earlier
        }
        return chain
    }

    /// The image that the shipped one is built on at last, its build arguments filled in by their defaults.
    var root: String? {
        guard !stages.isEmpty else { return nil }
        var index = stages.count - 1
        while let base = stages[index].base,
            let earlier = stages.prefix(index).lastIndex(where: { $0.name?.lowercased() == base.lowercased() })
        {
            index = earlier
        }
        return stages[index].base.map(expand)
    }

    /// A `FROM`'s text with the defaults of the `ARG`s in front of it; what has none stays.
    func expand(_ text: String) -> String {
        guard text.contains("$") else { return text }
        var out = text
        for argument in prelude where argument.keyword == "ARG" {
            for word in argument.operands {
                guard let equals = word.firstIndex(of: "=") else { continue }
                let name = word[..<equals]
                let value = word[word.index(after: equals)...].filter { $0 != "\"" && $0 != "'" }
                out = out.replacing("${\(name)}", with: value).replacing("$\(name)", with: value)
            }
        }
        return out
    }

    /// Where a text first stands in an instruction.
    func span(of needle: String, in instruction: Instruction) -> Span {
        for line in instruction.lines {
            let start = line == instruction.span.line ? instruction.span.column + instruction.keyword.count : 1
            if let span = source.span(of: needle, within: Span(line: line, column: start)) { return span }
        }
        return instruction.span
    }

    func flag(_ message: String, at span: Span, help: String? = nil, fix: String? = nil) -> Diagnostic {
        Diagnostic(.guideline, message, at: SpecPath(), span: span, help: help, fix: fix.map { Diagnostic.Fix($0) })
    }

    // MARK: Reading

    private static func stage(_ from: Instruction) -> Stage {
        let words = from.operands
        let isNamed = words.count >= 3 && words[1].uppercased() == "AS"
        return Stage(from: from, base: words.first, name: isNamed ? words[2] : nil, instructions: [])
    }

    private static func instructions(_ source: SourceText) -> [Instruction] {
        var found: [Instruction] = []
        let escape = escape(source)
        var index = 0
        while index < source.lines.count {
            let line = source.lines[index]
            let trimmed = line.drop { $0.isWhitespace }
            guard let first = trimmed.first, first != "#" else {
                index += 1
                continue
            }
            let start = index
            let column = line.count - trimmed.count + 1
            var text = ""
            var piece = trimmed
            while true {
                let end = piece.lastIndex { !$0.isWhitespace }
                guard let end, piece[end] == escape else {
                    text += piece
                    break
                }
                text += piece[..<end] + " "
                index += 1
                // Comments and empty lines do not end what is continued.
                while index < source.lines.count, isSilent(source.lines[index]) { index += 1 }
                guard index < source.lines.count else { break }
                piece = source.lines[index].drop { $0.isWhitespace }
            }
            index += 1
            let keyword = String(text.prefix { !$0.isWhitespace })
            var instruction = Instruction(
                keyword: keyword.uppercased(),
                text: trim(text.dropFirst(keyword.count)),
                span: Span(line: start + 1, column: column, length: keyword.count),
                lines: (start + 1)...(start + 1))
            if ["RUN", "COPY", "ADD"].contains(instruction.keyword) {
                for mark in marks(in: instruction.text) { instruction.documents.append(body(mark, source, &index)) }
            }
            instruction.lines = (start + 1)...max(start + 1, min(index, source.lines.count))
            found.append(instruction)
        }
        return found
    }

    private static func isSilent(_ line: Substring) -> Bool {
        let first = line.first { !$0.isWhitespace }
        return first == nil || first == "#"
    }

    private static func trim(_ text: Substring) -> String {
        let head = text.drop { $0.isWhitespace }
        guard let end = head.lastIndex(where: { !$0.isWhitespace }) else { return "" }
        return String(head[...end])
    }

    /// The parser directive `# escape=` of the file's first lines.
    private static func escape(_ source: SourceText) -> Character {
        for line in source.lines {
            let text = line.filter { !$0.isWhitespace }
            guard text.hasPrefix("#"), text.contains("=") else { return "\\" }
            if text.lowercased() == "#escape=`" { return "`" }
        }
        return "\\"
    }

    /// The words of here-documents, `<<EOF`, `<<-"EOF"`.
    private static func marks(in text: String) -> [(word: String, isIndented: Bool)] {
        var marks: [(word: String, isIndented: Bool)] = []
        var rest = text[...]
        while let found = rest.firstRange(of: "<<") {
            rest = rest[found.upperBound...]
            // `<<<` is a here-string, `1 << 2` arithmetic.
            if rest.first == "<" {
                rest = rest.drop { $0 == "<" }
                continue
            }
            let isIndented = rest.first == "-"
            if isIndented { rest = rest.dropFirst() }
            let word = rest.drop { $0 == "\"" || $0 == "'" }.prefix { $0.isLetter || $0.isNumber || $0 == "_" }
            if let first = word.first, !first.isNumber { marks.append((String(word), isIndented)) }
        }
        return marks
    }

    private static func body(_ mark: (word: String, isIndented: Bool), _ source: SourceText, _ index: inout Int)
        -> String
    {
        var lines: [Substring] = []
        while index < source.lines.count {
            let line = source.lines[index]
            index += 1
            let ended = mark.isIndented ? line.drop { $0 == "\t" } : line
            if ended == mark.word { break }
            lines.append(line)
        }
        return lines.joined(separator: "\n")
    }
}
