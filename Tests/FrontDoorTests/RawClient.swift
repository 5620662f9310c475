import Glibc
import NIOCore
import NIOPosix
import NIOSSL
import Synchronization

/// A connection whose bytes the test writes and reads itself, so that it can say what no well-behaved client says.
final class RawClient: Sendable {
    struct Response: Sendable {
        var status = 0
        /// As they came; names in lower case.
        var headers: [(name: String, value: String)] = []
        var body = ""
        var trailers: [(name: String, value: String)] = []

        subscript(name: String) -> String? { headers.first { $0.name == name }?.value }
    }

    struct Broken: Error, CustomStringConvertible {
        var description: String
    }

    private let channel: any Channel
    private let received: Received

    private init(channel: any Channel, received: Received) {
        self.channel = channel
        self.received = received
    }

    /// How to speak TLS; the certificate is not judged.
    struct Secure: Sendable {
        var name: String
        var protocols: [String] = []
    }

    static func connect(_ port: Int, readsAtOnce: Bool = true, secure: Secure? = nil) async throws -> RawClient {
        let received = Received()
        let channel = try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .channelOption(.autoRead, value: readsAtOnce)
            .channelOption(.allowRemoteHalfClosure, value: true)
            .connectTimeout(.seconds(5))
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    if let secure {
                        var configuration = TLSConfiguration.makeClientConfiguration()
                        configuration.certificateVerification = .none
                        configuration.applicationProtocols = secure.protocols
                        let context = try NIOSSLContext(configuration: configuration)
                        try channel.pipeline.syncOperations.addHandler(
                            NIOSSLClientHandler(context: context, serverHostname: secure.name))
                    }
                    try channel.pipeline.syncOperations.addHandler(Collector(received: received))
                }
            }
            .connect(host: "127.0.0.1", port: port).get()
        return RawClient(channel: channel, received: received)
    }

    /// Whether nobody listens on the port.
    static func refuses(_ port: Int) async -> Bool {
        guard let client = try? await connect(port) else { return true }
        await client.close()
        return false
    }

    func send(_ text: String) async throws { try await channel.writeAndFlush(ByteBuffer(string: text)) }

    func send(_ bytes: ByteBuffer) async throws { try await channel.writeAndFlush(bytes) }

    /// Writes without waiting for the socket to take it.
    func post(_ bytes: ByteBuffer) { channel.writeAndFlush(bytes, promise: nil) }

    func startReading() async throws { try await channel.setOption(.autoRead, value: true).get(); channel.read() }

    /// Takes one piece of what has come, of a client that does not read at once.
    func readOnce() { channel.read() }

    func closeOutput() async throws { try await channel.close(mode: .output) }

    func close() async { try? await channel.close() }

    /// Whether the other side has ended its half.
    var isEnded: Bool { received.state.withLock { $0.isEnded } }

    /// Whether the other side ended it with a reset.
    var isReset: Bool { received.state.withLock { $0.isReset } }

    var receivedBytes: Int { received.state.withLock { $0.total } }

    func waitForEnd(within deadline: Duration = .seconds(60)) async throws {
        try await eventually("the connection ends", within: deadline) { self.isEnded }
    }

    /// Exactly `count` bytes.
    func read(_ count: Int, within deadline: Duration = .seconds(60)) async throws -> String {
        try await take(within: deadline, what: "\(count) bytes") { buffer, _ in buffer.readString(length: count) }
    }

    /// Everything until the other side ends.
    func readToEnd(within deadline: Duration = .seconds(60)) async throws -> String {
        try await take(within: deadline, what: "the end") { buffer, ended in
            ended ? buffer.readString(length: buffer.readableBytes) : nil
        }
    }

    /// The next response; interim ones (1xx except 101) too.
    func response(toHead: Bool = false, within deadline: Duration = .seconds(60)) async throws -> Response {
        try await take(within: deadline, what: "a response") { buffer, ended in
            try Self.parse(&buffer, toHead: toHead, ended: ended)
        }
    }

    /// What is there of `count` bytes, once they are.
    func readBytes(_ count: Int, within deadline: Duration = .seconds(60)) async throws -> ByteBuffer {
        try await take(within: deadline, what: "\(count) bytes") { buffer, _ in buffer.readSlice(length: count) }
    }

    /// Sends a request without a body and returns its response.
    func get(_ path: String, host: String = "door.test", headers: String = "", method: String = "GET") async throws
        -> Response
    {
        try await send("\(method) \(path) HTTP/1.1\r\nHost: \(host)\r\n\(headers)\r\n")
        return try await response(toHead: method == "HEAD")
    }

    private func take<Value: Sendable>(
        within deadline: Duration, what: String, _ body: (inout ByteBuffer, Bool) throws -> Value?
    ) async throws -> Value {
        let clock = ContinuousClock()
        let end = clock.now + deadline
        while true {
            let (value, ended, rest) = try received.state.withLock {
                (try body(&$0.buffer, $0.isEnded), $0.isEnded, String(buffer: $0.buffer))
            }
            if let value { return value }
            if ended { throw Broken(description: "the connection ended before \(what); left: \(rest.prefix(300))") }
            if clock.now > end {
                throw Broken(description: "no \(what) within \(deadline); so far: \(rest.prefix(300))")
            }
            try await clock.sleep(for: .milliseconds(1))
        }
    }

    private static func parse(_ buffer: inout ByteBuffer, toHead: Bool, ended: Bool) throws -> Response? {
        var copy = buffer
        guard let head = readHead(&copy) else { return nil }
        var lines = head.components(separatedBy: "\r\n")
        var response = Response()
        let words = lines.removeFirst().split(separator: " ")
        guard words.count >= 2, words[0] == "HTTP/1.1", let status = Int(words[1]) else {
            throw Broken(description: "not a status line: \(head)")
        }
        response.status = status
        response.headers = fields(lines)
        if toHead || status < 200 || status == 204 || status == 304 {
        } else if response["transfer-encoding"] == "chunked" {
            while true {
                guard let line = readLine(&copy) else { return nil }
                guard let size = Int(line, radix: 16) else { throw Broken(description: "not a chunk size: \(line)") }
                if size == 0 { break }
                guard let data = copy.readString(length: size), copy.readString(length: 2) == "\r\n" else { return nil }
                response.body += data
            }
            var trailers: [String] = []
            while true {
                guard let line = readLine(&copy) else { return nil }
                if line.isEmpty { break }
                trailers.append(line)
            }
            response.trailers = fields(trailers)
        } else if let length = response["content-length"].flatMap({ Int($0) }) {
            guard let data = copy.readString(length: length) else { return nil }
            response.body = data
        } else {
            guard ended else { return nil }
            response.body = copy.readString(length: copy.readableBytes) ?? ""
        }
        buffer = copy
        return response
    }

    private static func fields(_ lines: [String]) -> [(name: String, value: String)] {
        lines.filter { !$0.isEmpty }.map { line in
            let parts = line.split(separator: ":", maxSplits: 1)
            return (parts[0].lowercased(), parts.count > 1 ? String(parts[1].drop { $0 == " " }) : "")
        }
    }

    private static func readHead(_ buffer: inout ByteBuffer) -> String? {
        let view = buffer.readableBytesView
        guard view.count >= 4 else { return nil }
        var index = view.startIndex
        while index + 3 < view.endIndex {
            if view[index] == 13, view[index + 1] == 10, view[index + 2] == 13, view[index + 3] == 10 {
                let head = buffer.readString(length: index - view.startIndex)
                buffer.moveReaderIndex(forwardBy: 4)
                return head
            }
            index += 1
        }
        return nil
    }

    private static func readLine(_ buffer: inout ByteBuffer) -> String? {
        guard let feed = buffer.readableBytesView.firstIndex(of: 10) else { return nil }
        let line = buffer.readString(length: feed - buffer.readerIndex - 1)
        buffer.moveReaderIndex(forwardBy: 2)
        return line
    }
}

private final class Received: Sendable {
    struct State {
        var buffer = ByteBuffer()
        var total = 0
        var isEnded = false
        var isReset = false
    }

    let state = Mutex(State())
}

private final class Collector: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer

    private let received: Received

    init(received: Received) { self.received = received }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        var data = unwrapInboundIn(data)
        received.state.withLock {
            $0.total += data.readableBytes
            $0.buffer.writeBuffer(&data)
        }
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if case ChannelEvent.inputClosed = event { received.state.withLock { $0.isEnded = true } }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        if (error as? IOError)?.errnoCode == ECONNRESET { received.state.withLock { $0.isReset = true } }
        context.close(promise: nil)
    }

    func channelInactive(context: ChannelHandlerContext) { received.state.withLock { $0.isEnded = true } }
}

struct Unmet: Error, CustomStringConvertible {
    var description: String
}

/// Polls a condition that other threads bring about.
func eventually(
    _ what: String, within deadline: Duration = .seconds(60), _ condition: () async throws -> Bool
) async throws {
    let clock = ContinuousClock()
    let end = clock.now + deadline
    while try await !condition() {
        if clock.now > end { throw Unmet(description: "not within \(deadline): \(what)") }
        try await clock.sleep(for: .milliseconds(2))
    }
}

extension String {
    func components(separatedBy separator: String) -> [String] {
        var parts: [String] = []
        var rest = self[...]
        while let range = rest.range(ofText: separator) {
            parts.append(String(rest[..<range.lowerBound]))
            rest = rest[range.upperBound...]
        }
        return parts + [String(rest)]
    }
}

extension Substring {
    func range(ofText text: String) -> Range<Index>? {
        var index = startIndex
        while index < endIndex {
            if self[index...].hasPrefix(text) { return index..<self.index(index, offsetBy: text.count) }
            index = self.index(after: index)
        }
        return nil
    }
}
