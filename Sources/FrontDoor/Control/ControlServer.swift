import Glibc
import NIOCore
import NIOHTTP1
import NIOPosix

/// Serves the control API on a Unix-domain socket, on a thread of its own so that no request waits for it.
package struct ControlServer: Sendable {
    private let channel: any Channel
    private let group: MultiThreadedEventLoopGroup
    private let path: String

    /// Opens the socket for the user of this process only. A socket file that nobody answers on is replaced.
    ///
    /// - Parameter onStop: told when a caller asks for a stop, with the time that requests in flight may take.
    /// - Throws: `FrontDoorError` with `bind-failed`, or `already-running` when another front door answers there.
    package static func start(
        path: String, door: FrontDoor, onStop: @escaping @Sendable (Duration) -> Void
    ) async throws -> ControlServer {
        guard path.utf8.count < 108 else {
            throw FrontDoorError(
                code: .bindFailed, operation: "bind \(path)",
                underlying: "the path has \(path.utf8.count) bytes and a socket's path at most 107",
                hint: "Give a control socket in a folder with a shorter name.")
        }
        if let health = try? await FrontDoorClient(socket: path).health(deadline: .seconds(3)) {
            throw FrontDoorError(
                code: .alreadyRunning, operation: "bind \(path)",
                underlying: "process \(health.processIdentifier) answers there",
                hint: "Stop it, or use another control socket.")
        }
        let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
        let api = ControlAPI(door: door, onStop: onStop)
        do {
            let channel = try await ServerBootstrap(group: group)
                .serverChannelOption(.backlog, value: 64)
                .childChannelInitializer { channel in
                    channel.eventLoop.makeCompletedFuture {
                        try channel.pipeline.syncOperations.configureHTTPServerPipeline()
                        try channel.pipeline.syncOperations.addHandler(ControlConnection(api: api))
                    }
                }
                .bind(unixDomainSocketPath: path, cleanupExistingSocketFile: true).get()
            chmod(path, 0o600)
            return ControlServer(channel: channel, group: group, path: path)
        } catch {
            try? await group.shutdownGracefully()
            throw FrontDoorError(
                code: .bindFailed, operation: "bind \(path)", underlying: String(describing: error),
                hint: "Make sure that the folder exists, is writable, and that no file of that name is in the way.")
        }
    }

    /// Takes no more calls and removes the socket.
    package func stop() async {
        try? await channel.close()
        unlink(path)
        try? await group.shutdownGracefully()
    }
}

/// One caller's connection: collects a request, has it answered, answers.
private final class ControlConnection: ChannelInboundHandler {
    typealias InboundIn = HTTPServerRequestPart
    typealias OutboundOut = HTTPServerResponsePart

    /// A configuration of 500 services is about 200 KiB.
    private static let bodyLimit = 16 * 1024 * 1024

    private let api: ControlAPI
    private var head: HTTPRequestHead?
    private var body = ByteBuffer()

    init(api: ControlAPI) { self.api = api }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch unwrapInboundIn(data) {
        case .head(let head):
            self.head = head
            body = ByteBuffer()
        case .body(var part):
            body.writeBuffer(&part)
            if body.readableBytes > Self.bodyLimit { context.close(promise: nil) }
        case .end:
            guard let head else { return }
            let request = ControlRequest(method: head.method, uri: head.uri, body: body)
            let api = api
            let answered = context.eventLoop.makePromise(of: ControlResponse.self)
            answered.completeWithTask { await api.answer(request) }
            let isKeptAlive = head.isKeepAlive
            answered.futureResult.assumeIsolated().whenSuccess { response in
                self.write(response, isKeptAlive: isKeptAlive, context: context)
            }
        }
    }

    private func write(_ response: ControlResponse, isKeptAlive: Bool, context: ChannelHandlerContext) {
        var headers = HTTPHeaders()
        headers.add(name: "Content-Type", value: response.contentType)
        headers.add(name: "Content-Length", value: String(response.body.readableBytes))
        if !isKeptAlive { headers.add(name: "Connection", value: "close") }
        context.write(
            wrapOutboundOut(.head(HTTPResponseHead(version: .http1_1, status: response.status, headers: headers))),
            promise: nil)
        context.write(wrapOutboundOut(.body(.byteBuffer(response.body))), promise: nil)
        let written = context.eventLoop.makePromise(of: Void.self)
        context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: written)
        guard !isKeptAlive else { return }
        written.futureResult.assumeIsolated().whenComplete { _ in context.close(promise: nil) }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }
}
