import NIOCore

/// Collects the lines of one event loop and hands them over with each tick, or when there are many.
final class AccessLog {
    let file: AccessLogFile
    private var lines = ByteBuffer()
    private var count = 0
    private var stamp: (second: Int, text: String) = (-1, "")

    /// Above this the lines are handed over at once, not at the next tick.
    private static let bound = 64 * 1024

    init(file: AccessLogFile) { self.file = file }

    func write(_ body: (inout ByteBuffer) -> Void) {
        writeTime()
        body(&lines)
        lines.writeStaticString("}\n")
        count += 1
        if lines.readableBytes >= Self.bound { flush() }
    }

    func flush() {
        guard count > 0 else { return }
        file.append(lines, count: count)
        lines = ByteBufferAllocator().buffer(capacity: min(Self.bound, lines.readableBytes))
        count = 0
    }

    /// RFC 3339 in UTC with milliseconds; all but these are made once a second.
    private func writeTime() {
        let microseconds = UnixTime.nowMicroseconds()
        let second = microseconds / 1_000_000
        if stamp.second != second {
            stamp = (second, "{\"time\":\"" + UnixTime.timestamp(microseconds: second * 1_000_000).dropLast(4))
        }
        lines.writeString(stamp.text)
        lines.writeThousandths(UInt64(microseconds / 1_000 % 1_000))
        lines.writeStaticString("Z\"")
    }
}
