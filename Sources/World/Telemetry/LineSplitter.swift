/// Cuts a stream of bytes into lines; total: any bytes give lines.
package struct LineSplitter: Sendable {
    /// One line without its end.
    package struct Line: Sendable, Hashable {
        package var bytes: [UInt8]
        /// The line was longer than the limit and goes on in the next one.
        package var isCut: Bool

        package init(bytes: [UInt8], isCut: Bool) {
            self.bytes = bytes
            self.isCut = isCut
        }

        /// The bytes as text; what is not UTF-8 becomes U+FFFD.
        package var text: String { String(decoding: bytes, as: UTF8.self) }
    }

    private let limit: Int
    private var rest: [UInt8] = []

    package init(limit: Int = 64 << 10) {
        precondition(limit > 0, "a line's limit is at least a byte")
        self.limit = limit
    }

    /// Bytes that wait for the end of their line.
    package var pendingCount: Int { rest.count }

    /// Takes more bytes and gives the lines that are now complete; `\n` and `\r\n` end a line.
    package mutating func feed(_ bytes: some Sequence<UInt8>) -> [Line] {
        var lines: [Line] = []
        for byte in bytes {
            if byte == 0x0a {
                if rest.last == 0x0d { rest.removeLast() }
                lines.append(Line(bytes: rest, isCut: false))
                rest.removeAll(keepingCapacity: true)
            } else {
                if rest.count == limit {
                    lines.append(Line(bytes: rest, isCut: true))
                    rest.removeAll(keepingCapacity: true)
                }
                rest.append(byte)
            }
        }
        return lines
    }

    /// Gives what has no line end yet.
    package mutating func flush() -> Line? {
        guard !rest.isEmpty else { return nil }
        defer { rest.removeAll(keepingCapacity: true) }
        return Line(bytes: rest, isCut: false)
    }
}
