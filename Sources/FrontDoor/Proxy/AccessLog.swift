import NIOCore

/// Collects one JSON line a request on an event loop and hands them to a thread that may block on the disk.
final class AccessLog {
    let path: String
    private let files: FileReader
    private var lines = ByteBuffer()

    /// Above this the lines are handed over at once, not at the next tick.
    private static let bound = 64 * 1024

    private init(path: String, files: FileReader) {
        self.path = path
        self.files = files
    }

    /// Opens, changes or closes the log of a loop as the configuration says.
    static func adopt(_ path: String?, in loop: LoopContext) {
        if loop.accessLog?.path == path { return }
        loop.accessLog?.flush()
        loop.accessLog = path.map { AccessLog(path: $0, files: loop.files) }
    }

    func write(_ line: AccessLine) {
        line.write(&lines)
        if lines.readableBytes >= Self.bound { flush() }
    }

    func flush() {
        guard lines.readableBytes > 0 else { return }
        files.append(lines, to: path)
        lines = ByteBuffer()
    }
}

/// One finished request, as the access log tells it.
struct AccessLine {
    var method: String
    var path: String
    var host: String
    var status: Int
    var microseconds: UInt64
    var client: String
    var requestID: String
    var trace: String
    var service: String
    var release: String
    var replica: String
    var reason: Reason?

    func write(_ out: inout ByteBuffer) {
        out.writeString("{\"time\":\"\(UnixTime.timestamp(microseconds: UnixTime.nowMicroseconds()))\"")
        field("method", method, &out)
        field("host", host, &out)
        field("path", path, &out)
        out.writeString(",\"status\":\(status),\"durationMicroseconds\":\(microseconds)")
        field("client", client, &out)
        field("requestId", requestID, &out)
        field("traceId", trace, &out)
        field("service", service, &out)
        field("release", release, &out)
        field("replica", replica, &out)
        if let reason { field("reason", reason.rawValue, &out) }
        out.writeStaticString("}\n")
    }

    private func field(_ name: StaticString, _ value: String, _ out: inout ByteBuffer) {
        if value.isEmpty { return }
        out.writeStaticString(",\"")
        out.writeStaticString(name)
        out.writeStaticString("\":")
        out.writeJSONString(value)
    }
}

extension ByteBuffer {
    /// A quoted JSON string (RFC 8259 §7).
    mutating func writeJSONString(_ text: String) {
        writeInteger(UInt8(ascii: "\""))
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "\""): writeStaticString("\\\"")
            case UInt8(ascii: "\\"): writeStaticString("\\\\")
            case 0..<0x20:
                writeStaticString("\\u00")
                writeInteger(Hex.digit(UInt64(byte >> 4)))
                writeInteger(Hex.digit(UInt64(byte)))
            default: writeInteger(byte)
            }
        }
        writeInteger(UInt8(ascii: "\""))
    }
}
