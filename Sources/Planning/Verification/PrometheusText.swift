/// A reader of what services show on their metrics path: Prometheus' text format 0.0.4, and what OpenMetrics 1.0 adds to its
/// lines (`# EOF`, `# UNIT`, exemplars).
///
/// <https://prometheus.io/docs/instrumenting/exposition_formats/>
package enum PrometheusText {
    package struct Malformed: Error, Hashable, Sendable {
        /// From 1.
        package var line: Int
        package var message: String
    }

    /// - Returns: how many samples it holds.
    /// - Throws: `Malformed` for the first line that is none.
    package static func samples(in text: String) throws(Malformed) -> Int {
        var count = 0
        var number = 0
        for line in text.split(separator: "\n", omittingEmptySubsequences: false) {
            number += 1
            var scanner = LineScanner(line)
            scanner.skipBlanks()
            if scanner.isAtEnd { continue }
            if scanner.next == UInt8(ascii: "#") {
                guard scanner.readComment() else { throw Malformed(line: number, message: "is a broken comment") }
                continue
            }
            if let problem = scanner.readSample() { throw Malformed(line: number, message: problem) }
            count += 1
        }
        return count
    }
}

private struct LineScanner {
    let bytes: [UInt8]
    var index = 0

    init(_ line: Substring) {
        bytes = Array(line.utf8)
    }

    var next: UInt8? { index < bytes.count ? bytes[index] : nil }
    var isAtEnd: Bool { index >= bytes.count || bytes[index] == 0x0d && index == bytes.count - 1 }

    mutating func skipBlanks() { while next == 0x20 || next == 0x09 { index += 1 } }

    mutating func take(_ byte: UInt8) -> Bool {
        guard next == byte else { return false }
        index += 1
        return true
    }

    mutating func name(colons: Bool) -> String? {
        let start = index
        while let byte = next {
            let isLetter = (0x41...0x5a).contains(byte) || (0x61...0x7a).contains(byte) || byte == 0x5f
            let isDigit = (0x30...0x39).contains(byte)
            guard isLetter || isDigit && index > start || colons && byte == 0x3a else { break }
            index += 1
        }
        return index > start ? String(decoding: bytes[start..<index], as: UTF8.self) : nil
    }

    mutating func word() -> String {
        let start = index
        while let byte = next, byte != 0x20, byte != 0x09, byte != 0x0d { index += 1 }
        return String(decoding: bytes[start..<index], as: UTF8.self)
    }

    /// Any comment is one; what begins like a description has to be one.
    mutating func readComment() -> Bool {
        index += 1
        skipBlanks()
        let keyword = word()
        guard keyword == "TYPE" || keyword == "HELP" || keyword == "UNIT" else { return true }
        skipBlanks()
        guard name(colons: true) != nil else { return false }
        guard keyword == "TYPE" else { return true }
        skipBlanks()
        let known = [
            "counter", "gauge", "histogram", "summary", "untyped", "unknown", "info", "stateset", "gaugehistogram",
        ]
        return known.contains(word())
    }

    /// - Returns: what is wrong, as the end of a clause that begins with the line.
    mutating func readSample() -> String? {
        guard name(colons: true) != nil else { return "does not begin with a metric's name" }
        skipBlanks()
        if take(UInt8(ascii: "{")), let problem = readLabels() { return problem }
        skipBlanks()
        let value = word()
        guard Self.isNumber(value) else {
            return value.isEmpty ? "has no value" : "has the value '\(Self.shown(value))', which is no number"
        }
        skipBlanks()
        if isAtEnd || next == UInt8(ascii: "#") { return nil }
        let time = word()
        guard Self.isNumber(time) else { return "has more than a value and a time" }
        skipBlanks()
        return isAtEnd || next == UInt8(ascii: "#") ? nil : "has more than a value and a time"
    }

    private mutating func readLabels() -> String? {
        while true {
            skipBlanks()
            if take(UInt8(ascii: "}")) { return nil }
            guard name(colons: false) != nil else { return "has a label without a name" }
            skipBlanks()
            guard take(UInt8(ascii: "=")) else { return "has a label without a value" }
            skipBlanks()
            guard take(UInt8(ascii: "\"")), readQuoted() else { return "has a label whose value is not in quotes" }
            skipBlanks()
            if take(UInt8(ascii: ",")) { continue }
            guard take(UInt8(ascii: "}")) else { return "has labels without an end" }
            return nil
        }
    }

    private mutating func readQuoted() -> Bool {
        while let byte = next {
            index += 1
            if byte == UInt8(ascii: "\"") { return true }
            if byte == UInt8(ascii: "\\") { index += 1 }
        }
        return false
    }

    private static func isNumber(_ text: String) -> Bool {
        guard !text.isEmpty, text.utf8.count < 64 else { return false }
        return Double(text) != nil
    }

    private static func shown(_ text: String) -> String {
        String(text.prefix(40).map { $0.isASCII && !$0.isNewline && $0 >= " " ? $0 : "?" })
    }
}
