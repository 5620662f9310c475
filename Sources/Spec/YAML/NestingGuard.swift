/// Refuses text that nests so deep that a recursive reader would run out of stack: `[[[[…` or `- - - - …`.
///
/// The characters that break lines for YAML 1.1 but for no editor are refused here too, since places would be off by a
/// line behind them. It looks at brackets and indentation only and may count too much, never too little; honest files stay far below.
enum NestingGuard {
    static func problem(in source: SourceText) -> Diagnostic? {
        if source.text.utf8.count > YAMLReader.largestFile {
            return Diagnostic(
                .fileTooLarge,
                "the file has \(source.text.utf8.count) bytes; the most is \(YAMLReader.largestFile)", at: "",
                help: "A platform of 500 services takes about 200 kB. Data belong in files of their own.")
        }
        if let finding = invisibleBreak(in: source) { return finding }
        var flow = 0
        var open: [(indent: Int, levels: Int)] = []
        var levels = 0
        for (number, line) in source.lines.enumerated() {
            var indent = 0
            var column = 0
            var found = 1
            var leading = true
            var previous: UInt8 = 0x20
            for byte in line.utf8 {
                if byte & 0xC0 != 0x80 { column += 1 }
                switch byte {
                case 0x5b, 0x7b: flow += 1
                case 0x5d, 0x7d: flow = max(0, flow - 1)
                default: break
                }
                if leading {
                    switch byte {
                    case 0x20 where previous != 0x2d && previous != 0x3f && found == 1: indent += 1
                    case 0x20: break
                    case 0x2d, 0x3f: found += 1
                    default: leading = false
                    }
                }
                previous = byte
                if flow > YAMLReader.deepest { return tooDeep(line: number + 1, column: column) }
            }
            if line.utf8.allSatisfy({ $0 == 0x20 }) { continue }
            while let last = open.last, last.indent >= indent {
                levels -= last.levels
                open.removeLast()
            }
            open.append((indent, found))
            levels += found
            if levels > YAMLReader.deepest * 2 { return tooDeep(line: number + 1, column: indent + 1) }
        }
        return nil
    }

    /// U+0085, U+2028 and U+2029 (YAML 1.1, section 5.4; dropped by YAML 1.2.2, section 5.4).
    private static func invisibleBreak(in source: SourceText) -> Diagnostic? {
        // Their UTF-8 forms start with C2 or E2, which a quick look at the bytes rules out for most files.
        guard source.text.utf8.contains(where: { $0 == 0xC2 || $0 == 0xE2 }) else { return nil }
        for (number, line) in source.lines.enumerated() {
            for (column, scalar) in line.unicodeScalars.enumerated()
            where scalar == "\u{85}" || scalar == "\u{2028}" || scalar == "\u{2029}" {
                let code = String(scalar.value, radix: 16, uppercase: true)
                return Diagnostic(
                    .yamlSyntax,
                    "the invisible line separator U+\(String(repeating: "0", count: 4 - code.count))\(code)"
                        + " is not allowed", at: "", span: Span(line: number + 1, column: column + 1),
                    help: "It came with pasted text; replace it by a space or an ordinary line end.")
            }
        }
        return nil
    }

    private static func tooDeep(line: Int, column: Int) -> Diagnostic {
        Diagnostic(
            .nestedTooDeep, "values are nested deeper than \(YAMLReader.deepest) levels", at: "",
            span: Span(line: line, column: column), help: "No key of the language needs more than ten.")
    }
}
