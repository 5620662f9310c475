import NIOCore
import NIOPosix
import Synchronization

/// A service that answers with given bytes, valid HTTP or not.
final class ScriptedService: Sendable {
    enum Act: Sendable {
        case send(String)
        case close
        /// Sends back what comes from now on.
        case echo
    }

    let port: Int
    private let channel: any Channel

    private init(port: Int, channel: any Channel) {
        self.port = port
        self.channel = channel
    }

    /// - Parameter script: what to do about a request, by its head and its number on this service, from 0.
    static func start(_ script: @escaping @Sendable (String, Int) -> [Act]) async throws -> ScriptedService {
        let count = Counter()
        let channel = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .childChannelOption(.allowRemoteHalfClosure, value: true)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(ScriptedConnection(script: script, count: count))
                }
            }
            .bind(host: "127.0.0.1", port: 0).get()
        guard let port = channel.localAddress?.port else { throw Unmet(description: "no port") }
        return ScriptedService(port: port, channel: channel)
    }
}

private final class Counter: Sendable {
    let value = Atomic<Int>(0)
}

private final class ScriptedConnection: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    private let script: @Sendable (String, Int) -> [ScriptedService.Act]
    private let count: Counter
    private var input = ""
    private var echoes = false

    init(script: @escaping @Sendable (String, Int) -> [ScriptedService.Act], count: Counter) {
        self.script = script
        self.count = count
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        let data = unwrapInboundIn(data)
        if echoes {
            context.writeAndFlush(wrapOutboundOut(data), promise: nil)
            return
        }
        input += String(buffer: data)
        while let end = input[...].range(ofText: "\r\n\r\n"), !echoes {
            let head = String(input[..<end.upperBound])
            input = String(input[end.upperBound...])
            for act in script(head, count.value.add(1, ordering: .relaxed).oldValue) {
                switch act {
                case .send(let text): context.writeAndFlush(wrapOutboundOut(ByteBuffer(string: text)), promise: nil)
                case .close: context.close(promise: nil)
                case .echo: echoes = true
                }
            }
        }
        if echoes, !input.isEmpty {
            context.writeAndFlush(wrapOutboundOut(ByteBuffer(string: input)), promise: nil)
            input = ""
        }
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if case ChannelEvent.inputClosed = event {
            if echoes { context.close(mode: .output, promise: nil) } else { context.close(promise: nil) }
        }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }
}
