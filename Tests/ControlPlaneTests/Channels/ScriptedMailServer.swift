import NIOCore
import NIOPosix
import Synchronization

/// A mail server that answers as the test says, right or wrong, without TLS.
final class ScriptedMailServer: Sendable {
    enum Reply: Sendable {
        case say(String)
        /// The same, one byte after the other.
        case dribble(String)
        case silence
        case hangUp
        /// The last words.
        case end(String)
    }

    let port: Int
    private let channel: any Channel
    private let heard: Heard

    fileprivate final class Heard: Sendable {
        let lines = Mutex<[String]>([])
        let reply: @Sendable (String) -> Reply

        init(_ reply: @escaping @Sendable (String) -> Reply) { self.reply = reply }
    }

    /// - Parameter reply: given a line of the client's; `""` for the connection itself, `.` for the end of a message.
    init(_ reply: @escaping @Sendable (String) -> Reply) async throws {
        let heard = Heard(reply)
        self.heard = heard
        channel = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .childChannelOption(.tcpOption(.tcp_nodelay), value: 1)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(Handler(heard))
                }
            }
            .bind(host: "127.0.0.1", port: 0).get()
        port = channel.localAddress?.port ?? 0
    }

    /// Every line that came.
    var lines: [String] { heard.lines.withLock { $0 } }

    static func with(
        _ reply: @escaping @Sendable (String) -> Reply, _ body: (ScriptedMailServer) async throws -> Void
    ) async throws {
        let server = try await ScriptedMailServer(reply)
        do {
            try await body(server)
        } catch {
            await server.stop()
            throw error
        }
        await server.stop()
    }

    func stop() async { try? await channel.close() }

    /// What a server answers that takes everything.
    static func usual(_ line: String, offers: [String] = []) -> Reply {
        switch line.prefix(4) {
        case "": .say("220 mx.test ESMTP\r\n")
        case "EHLO":
            .say((["mx.test"] + offers + ["8BITMIME"]).map { "250-\($0)\r\n" }.joined() + "250 HELP\r\n")
        case "MAIL", "RCPT": .say("250 2.1.0 fine\r\n")
        case "DATA": .say("354 go ahead\r\n")
        case ".": .say("250 2.0.0 queued\r\n")
        case "QUIT": .say("221 bye\r\n")
        default: .say("500 what?\r\n")
        }
    }

    private final class Handler: ChannelInboundHandler {
        typealias InboundIn = ByteBuffer
        typealias OutboundOut = ByteBuffer

        private let heard: Heard
        private var bytes: [UInt8] = []
        private var isInData = false

        init(_ heard: Heard) { self.heard = heard }

        func channelActive(context: ChannelHandlerContext) { answer("", context) }

        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            bytes += unwrapInboundIn(data).readableBytesView
            while let end = bytes.firstRange(of: [0x0d, 0x0a]) {
                let line = String(decoding: bytes[..<end.lowerBound], as: UTF8.self)
                bytes.removeSubrange(..<end.upperBound)
                heard.lines.withLock { $0.append(line) }
                guard !isInData || line == "." else { continue }
                isInData = false
                answer(line, context)
            }
        }

        func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }

        private func answer(_ line: String, _ context: ChannelHandlerContext) {
            switch heard.reply(line) {
            case .say(let text):
                isInData = text.hasPrefix("354")
                context.writeAndFlush(wrapOutboundOut(ByteBuffer(string: text)), promise: nil)
            case .dribble(let text):
                isInData = text.hasPrefix("354")
                for byte in text.utf8 {
                    context.writeAndFlush(wrapOutboundOut(ByteBuffer(bytes: [byte])), promise: nil)
                }
            case .silence: break
            case .hangUp: context.close(promise: nil)
            case .end(let text):
                context.writeAndFlush(wrapOutboundOut(ByteBuffer(string: text)), promise: nil)
                context.close(promise: nil)
            }
        }
    }
}
