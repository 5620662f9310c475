/// Refuses text that nests so deep that a recursive reader would run out of stack: `[[[[…` or `- - - - …`.
///
/// It looks at brackets and indentation only and may count too much, never too little; honest files stay far below.
enum NestingGuard {
    static func problem(in source: SourceText) -> Diagnostic? {
        if source.text.utf8.count > YAMLReader.largestFile {
            return Diagnostic(
                .fileTooLarge,
                "the file has \(source.text.utf8.count) bytes; the most is \(YAMLReader.largestFile)", at: "",
                help: "A platform of 500 services takes about 200 kB. Data belong in files of their own.")
        }
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
                column += 1
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

    private static func tooDeep(line: Int, column: Int) -> Diagnostic {
        Diagnostic(
            .nestedTooDeep, "values are nested deeper than \(YAMLReader.deepest) levels", at: "",
            span: Span(line: line, column: column), help: "No key of the language needs more than ten.")
    }
}
