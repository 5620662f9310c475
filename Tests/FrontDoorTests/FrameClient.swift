import NIOCore
import NIOHPACK
import Synchronization

/// A client of HTTP/2 that writes its frames itself, so that it can say what no library says (RFC 9113 §4.1).
final class FrameClient: Sendable {
    struct Frame: Sendable {
        var type: UInt8
        var flags: UInt8
        var stream: UInt32
        var payload: ByteBuffer

        static let data: UInt8 = 0
        static let headers: UInt8 = 1
        static let reset: UInt8 = 3
        static let settings: UInt8 = 4
        static let ping: UInt8 = 6
        static let goAway: UInt8 = 7
        static let windowUpdate: UInt8 = 8
        static let continuation: UInt8 = 9

        var endsStream: Bool { flags & 1 == 1 && type <= 1 }
        /// Of RST_STREAM and, behind the last stream, of GOAWAY.
        var code: UInt32? {
            payload.getInteger(at: payload.readerIndex + (type == Self.goAway ? 4 : 0), as: UInt32.self)
        }
    }

    struct Answer: Sendable {
        var status = 0
        var fields: [(name: String, value: String)] = []
        var body = ""
        var trailers: [(name: String, value: String)] = []
        /// Of a RST_STREAM in the answer's place, or behind it.
        var reset: UInt32?
        var interim: [Int] = []

        subscript(name: String) -> String? { fields.first { $0.name == name }?.value }
    }

    let raw: RawClient
    private let decoder = Mutex(HPACKDecoder(allocator: ByteBufferAllocator()))

    private init(raw: RawClient) { self.raw = raw }

    /// Opens a connection and exchanges the preface and settings.
    ///
    /// - Parameter window: how much of each answer it takes at first (SETTINGS_INITIAL_WINDOW_SIZE).
    static func connect(_ port: Int, window: UInt32? = nil) async throws -> FrameClient {
        let raw = try await RawClient.connect(port, secure: .init(name: "a.test", protocols: ["h2"]))
        let client = FrameClient(raw: raw)
        try await raw.send("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n")
        var settings = ByteBuffer()
        if let window {
            settings.writeInteger(UInt16(4))
            settings.writeInteger(window)
        }
        try await client.send(Frame.settings, stream: 0, settings)
        return client
    }

    func send(_ type: UInt8, flags: UInt8 = 0, stream: UInt32, _ payload: ByteBuffer = ByteBuffer()) async throws {
        try await raw.send(Self.bytes(type, flags: flags, stream: stream, payload))
    }

    static func bytes(_ type: UInt8, flags: UInt8 = 0, stream: UInt32, _ payload: ByteBuffer) -> ByteBuffer {
        var out = ByteBuffer()
        out.writeInteger(UInt8(payload.readableBytes >> 16))
        out.writeInteger(UInt16(payload.readableBytes & 0xFFFF))
        out.writeInteger(type)
        out.writeInteger(flags)
        out.writeInteger(stream)
        out.writeImmutableBuffer(payload)
        return out
    }

    /// Fields as literals without compression (RFC 7541 §6.2.2), whatever bytes they hold.
    static func block(_ fields: [(String, String)]) -> ByteBuffer {
        var out = ByteBuffer()
        func length(_ count: Int) {
            if count < 127 {
                out.writeInteger(UInt8(count))
                return
            }
            out.writeInteger(UInt8(127))
            var rest = count - 127
            while rest >= 128 {
                out.writeInteger(UInt8(rest & 127 | 128))
                rest >>= 7
            }
            out.writeInteger(UInt8(rest))
        }
        for (name, value) in fields {
            out.writeInteger(UInt8(0))
            length(name.utf8.count)
            out.writeString(name)
            length(value.utf8.count)
            out.writeString(value)
        }
        return out
    }

    static func request(_ path: String = "/", method: String = "GET", _ more: [(String, String)] = []) -> [(
        String, String
    )] {
        [(":method", method), (":scheme", "https"), (":authority", "a.test"), (":path", path)] + more
    }

    func headers(_ stream: UInt32, _ fields: [(String, String)], ends: Bool = true) async throws {
        try await send(Frame.headers, flags: ends ? 5 : 4, stream: stream, Self.block(fields))
    }

    func data(_ stream: UInt32, _ text: String, ends: Bool) async throws {
        try await send(Frame.data, flags: ends ? 1 : 0, stream: stream, ByteBuffer(string: text))
    }

    func reset(_ stream: UInt32, code: UInt32 = 8) async throws {
        try await send(Frame.reset, stream: stream, ByteBuffer(integer: code))
    }

    func window(_ stream: UInt32, _ count: UInt32) async throws {
        try await send(Frame.windowUpdate, stream: stream, ByteBuffer(integer: count))
    }

    func next(within deadline: Duration = .seconds(60)) async throws -> Frame {
        var head = try await raw.readBytes(9, within: deadline)
        guard let high = head.readInteger(as: UInt8.self), let low = head.readInteger(as: UInt16.self),
            let type = head.readInteger(as: UInt8.self), let flags = head.readInteger(as: UInt8.self),
            let stream = head.readInteger(as: UInt32.self)
        else { throw Unmet(description: "no frame") }
        let payload = try await raw.readBytes(Int(high) << 16 | Int(low), within: deadline)
        return Frame(type: type, flags: flags, stream: stream, payload: payload)
    }

    /// The answer of the one stream that is open; frames of the connection are passed over, SETTINGS acknowledged.
    func answer(_ stream: UInt32, within deadline: Duration = .seconds(60)) async throws -> Answer {
        try await answers([stream], within: deadline)[stream] ?? Answer()
    }

    /// The answers of several streams, in whatever order they come.
    func answers(_ streams: [UInt32], within deadline: Duration = .seconds(60)) async throws -> [UInt32: Answer] {
        var open = Set(streams)
        var found: [UInt32: Answer] = [:]
        while !open.isEmpty {
            let frame = try await next(within: deadline)
            var answer = found[frame.stream] ?? Answer()
            switch frame.type {
            case Frame.headers:
                let fields = try decoder.withLock { decoder in
                    var block = frame.payload
                    return try decoder.decodeHeaders(from: &block)
                }.map { (name: $0.name, value: $0.value) }
                if answer.status != 0 {
                    answer.trailers = fields
                } else {
                    let status = Int(fields.first { $0.name == ":status" }?.value ?? "") ?? 0
                    if status < 200 {
                        answer.interim.append(status)
                    } else {
                        answer.status = status
                        answer.fields = fields
                    }
                }
            case Frame.data: answer.body += String(buffer: frame.payload)
            case Frame.reset: answer.reset = frame.code
            case Frame.goAway: throw Unmet(description: "GOAWAY with code \(frame.code ?? 99)")
            case Frame.settings where frame.flags & 1 == 0:
                try await send(Frame.settings, flags: 1, stream: 0)
                continue
            default: continue
            }
            found[frame.stream] = answer
            if frame.endsStream || frame.type == Frame.reset { open.remove(frame.stream) }
        }
        return found
    }

    /// The code of the GOAWAY that ends the connection.
    func goAway(within deadline: Duration = .seconds(60)) async throws -> UInt32? {
        while true {
            let frame = try await next(within: deadline)
            if frame.type == Frame.goAway { return frame.code }
        }
    }

    func close() async { await raw.close() }
}
