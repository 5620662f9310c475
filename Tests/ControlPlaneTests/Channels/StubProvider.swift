import NIOCore
import NIOPosix
import Synchronization

/// A server of HTTP/1.1 in this process that keeps what it was sent and answers as the test says.
final class StubProvider: Sendable {
    struct Request: Sendable {
        var method: String
        var target: String
        /// By names in lower case.
        var fields: [String: String]
        var body: String
    }

    enum Reply: Sendable {
        case http(Int, fields: [String: String] = [:], _ body: String = "")
        /// Bytes that are not HTTP.
        case raw(String)
        /// Status and fields at once, and never an end.
        case endless
        case silence
        case hangUp
    }

    fileprivate struct Record {
        var requests: [Request] = []
        var connections = 0
    }

    let port: Int
    private let channel: any Channel
    private let record: Recorder

    fileprivate final class Recorder: Sendable {
        let record = Mutex(Record())
        let reply: @Sendable (Request, Int) -> Reply

        init(_ reply: @escaping @Sendable (Request, Int) -> Reply) { self.reply = reply }

        func connected() { record.withLock { $0.connections += 1 } }

        func take(_ request: Request) -> Reply {
            let number = record.withLock { record in
                record.requests.append(request)
                return record.requests.count
            }
            return reply(request, number)
        }
    }

    /// - Parameter reply: given the request and its number, from 1.
    init(_ reply: @escaping @Sendable (Request, Int) -> Reply) async throws {
        let record = Recorder(reply)
        self.record = record
        channel = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(Handler(record))
                }
            }
            .bind(host: "127.0.0.1", port: 0).get()
        port = channel.localAddress?.port ?? 0
    }

    var url: String { "http://127.0.0.1:\(port)" }
    var requests: [Request] { record.record.withLock { $0.requests } }
    var connections: Int { record.record.withLock { $0.connections } }

    func stop() async { try? await channel.close() }

    static func with(
        _ reply: @escaping @Sendable (Request, Int) -> Reply, _ body: (StubProvider) async throws -> Void
    ) async throws {
        let provider = try await StubProvider(reply)
        do {
            try await body(provider)
        } catch {
            await provider.stop()
            throw error
        }
        await provider.stop()
    }

    private final class Handler: ChannelInboundHandler {
        typealias InboundIn = ByteBuffer
        typealias OutboundOut = ByteBuffer

        private let record: Recorder
        private var bytes: [UInt8] = []

        init(_ record: Recorder) { self.record = record }

        func channelActive(context: ChannelHandlerContext) { record.connected() }

        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            bytes += unwrapInboundIn(data).readableBytesView
            while let request = next() { answer(record.take(request), context) }
        }

        func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }

        private func next() -> Request? {
            guard let end = bytes.firstRange(of: Array("\r\n\r\n".utf8)) else { return nil }
            let lines = String(decoding: bytes[..<end.lowerBound], as: UTF8.self).split(separator: "\r\n")
            var fields: [String: String] = [:]
            for line in lines.dropFirst() {
                guard let colon = line.firstIndex(of: ":") else { continue }
                fields[line[..<colon].lowercased()] = line[line.index(after: colon)...].drop { $0 == " " }.description
            }
            let length = Int(fields["content-length"] ?? "0") ?? 0
            guard bytes.count >= end.upperBound + length else { return nil }
            let body = String(decoding: bytes[end.upperBound..<end.upperBound + length], as: UTF8.self)
            bytes.removeFirst(end.upperBound + length)
            let words = lines.first.map { $0.split(separator: " ").map(String.init) } ?? []
            guard words.count == 3 else { return nil }
            return Request(method: words[0], target: words[1], fields: fields, body: body)
        }

        private func answer(_ reply: Reply, _ context: ChannelHandlerContext) {
            switch reply {
            case .http(let status, let fields, let body):
                let head = fields.sorted { $0.key < $1.key }.map { "\($0.key): \($0.value)\r\n" }.joined()
                write("HTTP/1.1 \(status) Stub\r\n\(head)Content-Length: \(body.utf8.count)\r\n\r\n\(body)", context)
            case .raw(let text):
                write(text, context)
                context.close(promise: nil)
            case .endless: write("HTTP/1.1 200 Stub\r\nContent-Length: 100\r\n\r\n{", context)
            case .silence: break
            case .hangUp: context.close(promise: nil)
            }
        }

        private func write(_ text: String, _ context: ChannelHandlerContext) {
            context.writeAndFlush(wrapOutboundOut(ByteBuffer(string: text)), promise: nil)
        }
    }
}
