import NIOCore
import NIOPosix

/// One connection to a replica, used by one request at a time and kept between them.
///
/// Lives on the event loop of the client that it serves, so both sides call each other directly. Reading from the replica
/// stops while the client cannot take more.
final class UpstreamConnection: ChannelDuplexHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    private enum Phase {
        case idle
        case head
        case body
        case tunnel
        case closed
    }

    let upstream: LoopUpstream
    private let loop: LoopContext
    private var context: ChannelHandlerContext?
    private var phase = Phase.idle
    private var client: ClientConnection?
    private var input = ByteBuffer()
    private var parser = HeadParser()
    private var body = BodyDecoder(.none)
    private var head = ResponseHead()
    private var gather = WriteGather()
    private var heldRead = false
    private var failed = false
    private var interimAnswers = 0
    /// Whether this request found the connection already open, and so perhaps dead.
    private(set) var isReused = false
    private(set) var idleDeadline = NIODeadline.distantFuture

    init(upstream: LoopUpstream, loop: LoopContext) {
        self.upstream = upstream
        self.loop = loop
    }

    /// Opens a connection on the loop; the result is told on the loop.
    static func connect(
        to upstream: LoopUpstream, loop: LoopContext, then: @escaping (Result<UpstreamConnection, any Error>) -> Void
    ) {
        if let dial = loop.dial {
            dial(upstream, then)
            return
        }
        let box = NIOLoopBound((loop, upstream), eventLoop: loop.eventLoop)
        let bootstrap = ClientBootstrap(group: loop.eventLoop)
            .connectTimeout(loop.snapshot.timeouts.connect)
            .channelOption(.tcpOption(.tcp_nodelay), value: 1)
            .channelOption(.writeBufferWaterMark, value: .init(low: 32 * 1024, high: 128 * 1024))
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    let (loop, upstream) = box.value
                    try channel.pipeline.syncOperations.addHandler(UpstreamConnection(upstream: upstream, loop: loop))
                }
            }
        let future =
            if let address = upstream.runtime.address {
                bootstrap.connect(to: address)
            } else {
                bootstrap.connect(host: upstream.runtime.upstream.host, port: upstream.runtime.upstream.port)
            }
        future.assumeIsolated().whenComplete { result in
            then(
                result.flatMap { channel in
                    Result { try channel.pipeline.syncOperations.handler(type: UpstreamConnection.self) }
                })
        }
    }

    // MARK: Used by the client's side

    var isUsable: Bool { phase == .idle && context?.channel.isActive == true }
    var isWritable: Bool { context?.channel.isWritable ?? false }

    /// Gives the connection to a request whose head is sent at once.
    func begin(_ client: ClientConnection, head: ByteBuffer, isReused: Bool) {
        self.client = client
        self.isReused = isReused
        phase = .head
        interimAnswers = 0
        parser.reset()
        write(head)
        resumeReading()
    }

    func write(_ data: ByteBuffer) {
        if let due = gather.due(before: data) { context?.write(wrapOutboundOut(due), promise: nil) }
        if let now = gather.keep(data) { context?.write(wrapOutboundOut(now), promise: nil) }
    }

    func flush() {
        if let held = gather.take() { context?.write(wrapOutboundOut(held), promise: nil) }
        context?.flush()
    }

    /// Parts with its request without looking back; the connection can serve no other.
    func abandon() {
        client = nil
        close()
    }

    func close() {
        guard phase != .closed else { return }
        phase = .closed
        context?.close(promise: nil)
    }

    func closeOutput() {
        flush()
        context?.close(mode: .output, promise: nil)
    }

    /// Goes on reading after the client has taken what it was sent.
    func resumeReading() {
        if heldRead, mayRead {
            heldRead = false
            context?.read()
        }
    }

    /// Puts the connection, whose answer is complete, aside for the next request.
    func rest() {
        guard phase == .idle, head.keepAlive, input.readableBytes == 0 else {
            close()
            return
        }
        let timeouts = loop.snapshot.timeouts
        idleDeadline = .now() + timeouts.upstreamKeepAlive
        upstream.keep(self, limit: loop.snapshot.configuration.limits.idleUpstreamConnections)
    }

    /// Interim answers to one request: without a bound a service could fill the memory of a client's connection with them.
    private static let interimLimit = 32

    private var mayRead: Bool {
        switch phase {
        case .idle, .head, .closed: true
        case .body, .tunnel: client?.isWritable ?? true
        }
    }

    // MARK: Channel events

    func handlerAdded(context: ChannelHandlerContext) { self.context = context }

    func handlerRemoved(context: ChannelHandlerContext) { self.context = nil }

    func read(context: ChannelHandlerContext) {
        if mayRead { context.read() } else { heldRead = true }
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        let buffer = unwrapInboundIn(data)
        switch phase {
        case .idle:
            // Nothing was asked: what comes now would be taken for the next request's answer.
            failed = true
            upstream.forget(self)
            close()
        case .closed:
            break
        case .tunnel:
            client?.tunnelData(buffer)
        case .head, .body:
            input.append(received: buffer)
            advance()
        }
    }

    func channelReadComplete(context: ChannelHandlerContext) {
        switch phase {
        case .body, .tunnel: client?.flush()
        case .idle, .head, .closed: break
        }
        context.fireChannelReadComplete()
    }

    func channelWritabilityChanged(context: ChannelHandlerContext) {
        if context.channel.isWritable { client?.upstreamWritable() }
        context.fireChannelWritabilityChanged()
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if case ChannelEvent.inputClosed = event, phase == .tunnel { client?.tunnelEnded() }
        context.fireUserInboundEventTriggered(event)
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        failed = true
        context.close(promise: nil)
    }

    func channelInactive(context: ChannelHandlerContext) {
        let ended = phase
        phase = .closed
        upstream.forget(self)
        if let client {
            self.client = nil
            switch ended {
            case .body where head.framing == .untilClose && !failed: client.upstreamEnded(self, trailers: nil)
            case .head: client.upstreamLost(self, untouched: input.readableBytes == 0)
            case .body, .tunnel, .idle, .closed: client.upstreamLost(self, untouched: false)
            }
        }
        context.fireChannelInactive()
    }

    // MARK: The answer

    private func advance() {
        while let client {
            switch phase {
            case .head:
                guard readHead(client) else { return }
            case .body:
                guard readBody(client) else { return }
            case .tunnel:
                if input.readableBytes > 0 {
                    client.tunnelData(input)
                    input = ByteBuffer()
                }
                return
            case .idle, .closed:
                return
            }
        }
    }

    /// Returns whether to go on.
    private func readHead(_ client: ClientConnection) -> Bool {
        let limits = loop.snapshot.configuration.limits
        let outcome = input.withUnsafeReadableBytes { parser.parse($0, limits: limits, skipsEmptyLines: false) }
        switch outcome {
        case .incomplete:
            return false
        case .refused:
            return invalid(client)
        case .complete(let length):
            guard let bytes = input.readSlice(length: length) else { return false }
            let analyzed = bytes.withUnsafeReadableBytes {
                ResponseHead.analyze($0, parser, method: client.exchangeMethod)
            }
            guard case .success(let head) = analyzed else { return invalid(client) }
            self.head = head
            if head.status == 101 {
                guard client.upstreamSwitched(self, bytes, head, parser.fields) else { return invalid(client) }
                phase = .tunnel
                context?.channel.setOption(.allowRemoteHalfClosure, value: true).whenFailure { _ in }
                return true
            }
            if head.status < 200 {
                interimAnswers += 1
                guard interimAnswers <= Self.interimLimit else { return invalid(client) }
                client.upstreamInformed(bytes, head, parser.fields)
                parser.reset()
                return true
            }
            body = BodyDecoder(head.framing)
            if !head.nominated.isEmpty { body.nominated = bytes.texts(head.nominated) }
            phase = .body
            client.upstreamAnswered(self, bytes, head, parser.fields)
            if body.isDone { end(client, trailers: nil) }
            return true
        }
    }

    private func readBody(_ client: ClientConnection) -> Bool {
        do throws(Reason) {
            switch try body.next(&input, limits: loop.snapshot.configuration.limits) {
            case .none: return false
            case .data(let data): client.upstreamData(data)
            case .end(let trailers): end(client, trailers: trailers)
            }
            return true
        } catch {
            return invalid(client)
        }
    }

    private func end(_ client: ClientConnection, trailers: ByteBuffer?) {
        self.client = nil
        phase = .idle
        client.upstreamEnded(self, trailers: trailers)
    }

    private func invalid(_ client: ClientConnection) -> Bool {
        self.client = nil
        close()
        client.upstreamInvalid(self)
        return false
    }
}
