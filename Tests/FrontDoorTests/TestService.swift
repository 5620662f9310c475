import NIOCore
import NIOHTTP1
import NIOPosix
import Synchronization

/// A service behind the front door, on NIO's own HTTP codec: an independent judge of what the front door sends.
final class TestService: Sendable {
    struct Seen: Sendable {
        var method: String
        var uri: String
        var headers: HTTPHeaders
        var body: String
        var trailers: HTTPHeaders?

        func header(_ name: String) -> String? { headers.first(name: name) }
    }

    struct Book: Sendable {
        var seen: [Seen] = []
        var requests = 0
        var connections = 0
        var bodyBytes = 0
        var isReleased = false
        var isStopped = false
        var requestsAfterStop = 0
    }

    let name: String
    let port: Int
    fileprivate let book: BookKeeper
    private let channel: any Channel
    private let children: ServerQuiescing

    private init(name: String, port: Int, book: BookKeeper, channel: any Channel, children: ServerQuiescing) {
        self.name = name
        self.port = port
        self.book = book
        self.channel = channel
        self.children = children
    }

    var seen: [Seen] { book.state.withLock { $0.seen } }
    var requests: Int { book.state.withLock { $0.requests } }
    var connections: Int { book.state.withLock { $0.connections } }
    var bodyBytes: Int { book.state.withLock { $0.bodyBytes } }
    var requestsAfterStop: Int { book.state.withLock { $0.requestsAfterStop } }

    static func start(_ name: String = "one", host: String = "127.0.0.1", port: Int = 0) async throws -> TestService {
        let book = BookKeeper()
        let children = ServerQuiescing()
        let channel = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .childChannelOption(.tcpOption(.tcp_nodelay), value: 1)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    children.add(channel)
                    try channel.pipeline.syncOperations.configureHTTPServerPipeline(withPipeliningAssistance: false)
                    try channel.pipeline.syncOperations.addHandler(ServiceConnection(name: name, book: book))
                }
            }
            .bind(host: host, port: port).get()
        guard let port = channel.localAddress?.port else { throw Unmet(description: "no port") }
        return TestService(name: name, port: port, book: book, channel: channel, children: children)
    }

    /// Lets requests to `/held` have their answer.
    func release() { book.state.withLock { $0.isReleased = true } }

    /// From here on a request is a fault of the front door.
    func markStopped() { book.state.withLock { $0.isStopped = true } }

    /// Closes the listener and every connection, as a killed process would.
    func kill() async {
        await leave()
        // A process that another test starts at this moment inherits the socket until it closes it.
        try? await eventually("nobody listens on \(port)") { await RawClient.refuses(port) }
    }

    /// Ends at once, for a port that somebody else is waiting for.
    func leave() async {
        try? await channel.close()
        await children.closeAll()
    }

    /// Closes the connections and goes on listening.
    func dropConnections() async { await children.closeAll() }
}

final class ServerQuiescing: Sendable {
    private let channels = Mutex<[any Channel]>([])

    func add(_ channel: any Channel) { channels.withLock { $0.append(channel) } }

    func closeAll() async {
        let all = channels.withLock { channels in
            defer { channels = [] }
            return channels
        }
        for channel in all { try? await channel.close() }
    }
}

private final class BookKeeper: Sendable {
    let state = Mutex(TestService.Book())
}

private final class ServiceConnection: ChannelInboundHandler {
    typealias InboundIn = HTTPServerRequestPart
    typealias OutboundOut = HTTPServerResponsePart

    private let name: String
    private let book: BookKeeper
    private var head: HTTPRequestHead?
    private var body = ByteBuffer()
    private var streams = false

    init(name: String, book: BookKeeper) {
        self.name = name
        self.book = book
    }

    func channelActive(context: ChannelHandlerContext) { book.state.withLock { $0.connections += 1 } }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch unwrapInboundIn(data) {
        case .head(let head):
            self.head = head
            body = ByteBuffer()
            book.state.withLock {
                $0.requests += 1
                if $0.isStopped { $0.requestsAfterStop += 1 }
            }
            begin(head, context)
        case .body(var part):
            book.state.withLock { $0.bodyBytes += part.readableBytes }
            if streams {
                context.writeAndFlush(wrapOutboundOut(.body(.byteBuffer(part))), promise: nil)
            } else if head?.uri != "/swallow" {
                body.writeBuffer(&part)
            }
        case .end(let trailers):
            guard let head else { return }
            book.state.withLock {
                $0.seen.append(
                    TestService.Seen(
                        method: head.method.rawValue, uri: head.uri, headers: head.headers, body: String(buffer: body),
                        trailers: trailers))
            }
            answer(head, trailers, context)
        }
    }

    private func begin(_ head: HTTPRequestHead, _ context: ChannelHandlerContext) {
        streams = head.uri == "/stream-echo"
        if streams {
            write(context, 200, ["Transfer-Encoding": "chunked"], nil)
            context.flush()
        }
        if head.uri == "/early" {
            write(context, 413, ["Content-Length": "4"], "full")
            end(context)
        }
        if head.headers.first(name: "Expect") == "100-continue", head.uri == "/continue" {
            context.writeAndFlush(
                wrapOutboundOut(.head(HTTPResponseHead(version: .http1_1, status: .continue))), promise: nil)
        }
    }

    private func answer(_ head: HTTPRequestHead, _ trailers: HTTPHeaders?, _ context: ChannelHandlerContext) {
        let path = String(head.uri.prefix { $0 != "?" })
        let query = String(head.uri.dropFirst(path.count + 1))
        switch path {
        case "/stream-echo":
            context.writeAndFlush(wrapOutboundOut(.end(trailers)), promise: nil)
        case "/early": break
        case "/echo", "/continue":
            reply(context, 200, [:], String(buffer: body))
        case "/chunked":
            write(context, 200, ["Transfer-Encoding": "chunked", "Trailer": "X-Sum"], "part one,")
            context.write(wrapOutboundOut(.body(.byteBuffer(ByteBuffer(string: "part two")))), promise: nil)
            context.writeAndFlush(wrapOutboundOut(.end(["X-Sum": "17", "Set-Cookie": "no"])), promise: nil)
        case "/until-close":
            write(context, 200, ["Connection": "close"], "to the end")
            context.flush()
            context.close(promise: nil)
        case "/big":
            let count = Int(query) ?? 0
            write(context, 200, ["Content-Length": "\(count)"], nil)
            context.write(wrapOutboundOut(.body(.byteBuffer(ByteBuffer(repeating: 0x61, count: count)))), promise: nil)
            end(context)
        case "/slow":
            let isKeptAlive = head.isKeepAlive
            context.eventLoop.assumeIsolated().scheduleTask(in: .milliseconds(Int64(query) ?? 0)) {
                self.reply(context, 200, isKeptAlive ? [:] : ["Connection": "close"], "slow \(self.name)")
            }
        case "/held":
            if book.state.withLock({ $0.isReleased }) {
                reply(context, 200, [:], "held \(name)")
            } else {
                context.eventLoop.assumeIsolated().scheduleTask(in: .milliseconds(2)) {
                    if context.channel.isActive { self.answer(head, trailers, context) }
                }
            }
        case "/never": break
        case "/hop":
            reply(
                context, 200,
                ["Connection": "X-Private", "X-Private": "1", "Keep-Alive": "timeout=5", "X-Public": "2"], "hop")
        case "/close":
            context.close(promise: nil)
        case "/no-content":
            write(context, 204, [:], nil)
            end(context)
        case let path where path.hasPrefix("/status/"):
            reply(context, Int(path.dropFirst(8)) ?? 500, [:], "status")
        default:
            reply(context, 200, ["X-Service": name], name)
        }
    }

    private func reply(
        _ context: ChannelHandlerContext, _ status: Int, _ headers: HTTPHeaders, _ body: String
    ) {
        var headers = headers
        headers.add(name: "Content-Length", value: "\(body.utf8.count)")
        write(context, status, headers, head?.method == .HEAD ? nil : body)
        end(context)
    }

    private func write(_ context: ChannelHandlerContext, _ status: Int, _ headers: HTTPHeaders, _ body: String?) {
        let head = HTTPResponseHead(version: .http1_1, status: .init(statusCode: status), headers: headers)
        context.write(wrapOutboundOut(.head(head)), promise: nil)
        if let body { context.write(wrapOutboundOut(.body(.byteBuffer(ByteBuffer(string: body)))), promise: nil) }
    }

    private func end(_ context: ChannelHandlerContext) {
        context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: nil)
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {}

    func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }
}
