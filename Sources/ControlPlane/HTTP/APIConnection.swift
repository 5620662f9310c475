import FrontDoor
import NIOCore

/// One client's connection: takes its requests one after another and has each answered.
///
/// Straight on the bytes: NIO's own HTTP pipeline costs a third more of a request than all of this (ADR 15).
final class APIConnection: ChannelDuplexHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    private let server: APIServer
    private var reader: RequestReader
    private var context: ChannelHandlerContext?
    private var isAnswering = false
    private var keepAlive = true
    private var withBody = true
    private var isClosing = false
    private var isAdvancing = false
    private var heldRead = false
    private var counted = 0
    private var relaying: Task<Void, Never>?
    /// When the client has waited, or kept us waiting, for too long.
    private(set) var deadline = NIODeadline.distantFuture

    init(server: APIServer) {
        self.server = server
        reader = RequestReader(bodyBytes: server.limits.bodyBytes)
    }

    func channelActive(context: ChannelHandlerContext) {
        self.context = context
        deadline = .now() + server.idleTime
        if !server.add(self) { refuse(.tryLater("too many connections", status: 503)) }
        context.fireChannelActive()
    }

    func channelInactive(context: ChannelHandlerContext) {
        server.remove(self)
        server.live.remove(self)
        server.receiving -= counted
        counted = 0
        isClosing = true
        self.context = nil
        relaying?.cancel()
        context.fireChannelInactive()
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }

    func close() {
        isClosing = true
        context?.close(promise: nil)
    }

    // MARK: Requests

    /// A client that sends on while its answer is being made is read no further: its requests wait with it.
    func read(context: ChannelHandlerContext) {
        if isAnswering || !context.channel.isWritable, reader.waitingBytes > 256 << 10 {
            heldRead = true
        } else {
            context.read()
        }
    }

    /// The client reads its answers again.
    func channelWritabilityChanged(context: ChannelHandlerContext) {
        if context.channel.isWritable, !isAnswering, !isClosing {
            advance()
            count()
            goOnReading(context)
        }
        context.fireChannelWritabilityChanged()
    }

    private func goOnReading(_ context: ChannelHandlerContext) {
        guard heldRead else { return }
        heldRead = false
        context.read()
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        guard !isClosing else { return }
        let buffer = unwrapInboundIn(data)
        if reader.isIdle, !isAnswering { deadline = .now() + server.requestTime }
        reader.append(buffer)
        advance()
        count()
    }

    private func count() {
        let waiting = isClosing ? 0 : reader.waitingBytes
        server.receiving += waiting - counted
        counted = waiting
        if server.receiving > server.limits.receivingBytes, waiting > 0, !isAnswering {
            refuse(.tryLater("too many requests are arriving at once"))
        }
    }

    private func advance() {
        guard !isAdvancing else { return }
        isAdvancing = true
        defer { isAdvancing = false }
        // Who asks and does not read is asked to wait: answers are held for nobody.
        while !isAnswering, !isClosing, context?.channel.isWritable ?? false {
            switch reader.next() {
            case .incomplete:
                return
            case .awaitsLeave:
                guard let context else { return }
                context.writeAndFlush(
                    wrapOutboundOut(ByteBuffer(string: "HTTP/1.1 100 Continue\r\n\r\n")), promise: nil)
                return
            case .refused(let reason):
                refuse(.refusal(reason.status, reason.sentence))
            case .request(let request):
                isAnswering = true
                keepAlive = request.keepAlive && !server.isStopping
                withBody = request.method != .head
                deadline = .distantFuture
                server.handle(request, self, peer: context?.remoteAddress?.ipAddress ?? "")
            }
        }
    }

    // MARK: Answers

    /// Answers the request under way; once for each.
    func answer(_ answer: Answer) {
        guard isAnswering, let context else { return }
        if case .live = answer.body { return listen(answer, context) }
        if case .relay(let relay) = answer.body, withBody { return pass(relay, answer, context) }
        if case .none = answer.body, answer.status == 200, answer.fields.isEmpty, keepAlive {
            context.writeAndFlush(wrapOutboundOut(server.plainOK), promise: nil)
        } else {
            var buffer = context.channel.allocator.buffer(capacity: 512)
            answer.write(to: &buffer, date: server.dateLine, keepAlive: keepAlive, withBody: withBody)
            context.writeAndFlush(wrapOutboundOut(buffer), promise: nil)
        }
        isAnswering = false
        if !keepAlive { return linger() }
        deadline = .now() + (reader.isIdle ? server.idleTime : server.requestTime)
        advance()
        count()
        goOnReading(context)
    }

    /// From now on it only hears what changes.
    private func listen(_ answer: Answer, _ context: ChannelHandlerContext) {
        guard withBody, server.live.add(self) else {
            return self.answer(.tryLater("too many listen", status: 503, seconds: 10))
        }
        deadline = .distantFuture
        var buffer = context.channel.allocator.buffer(capacity: 256)
        answer.write(to: &buffer, date: server.dateLine, keepAlive: false, withBody: true)
        context.writeAndFlush(wrapOutboundOut(buffer), promise: nil)
    }

    /// From now on it only hears what somebody else says.
    private func pass(_ relay: Relay, _ answer: Answer, _ context: ChannelHandlerContext) {
        deadline = .distantFuture
        var buffer = context.channel.allocator.buffer(capacity: 256)
        answer.write(to: &buffer, date: server.dateLine, keepAlive: false, withBody: true)
        context.writeAndFlush(wrapOutboundOut(buffer), promise: nil)
        let loop = context.eventLoop
        let connection = NIOLoopBound(self, eventLoop: loop)
        relaying = Task {
            await relay.pass { bytes in
                loop.execute { connection.value.send(ByteBuffer(bytes: bytes)) }
            }
            if !Task.isCancelled { loop.execute { connection.value.close() } }
        }
    }

    /// Sends an event to who listens; one that does not read is let go.
    func send(_ event: ByteBuffer) {
        guard let context, !isClosing else { return }
        guard context.channel.isWritable else { return close() }
        context.writeAndFlush(wrapOutboundOut(event), promise: nil)
    }

    private func refuse(_ answer: Answer) {
        guard let context, !isClosing else { return }
        var buffer = context.channel.allocator.buffer(capacity: 512)
        answer.write(to: &buffer, date: server.dateLine, keepAlive: false, withBody: true)
        context.writeAndFlush(wrapOutboundOut(buffer), promise: nil)
        linger()
        count()
    }

    /// Sends no more and throws away what still arrives, so that the client reads the answer instead of a reset (RFC 9112 §9.6).
    private func linger() {
        isClosing = true
        // First of the answer, which may be long, then of what follows it.
        deadline = .now() + server.requestTime
        guard let context else { return }
        let sent = context.eventLoop.makePromise(of: Void.self)
        sent.futureResult.assumeIsolated().whenComplete { _ in self.deadline = .now() + self.server.lingerTime }
        context.close(mode: .output, promise: sent)
        if heldRead { context.read() }
    }

    /// What a client gets that kept its request for too long.
    func timeOut() {
        guard !isClosing, !reader.isIdle else { return close() }
        refuse(.refusal(408, Reason.headerTimeout.sentence))
    }
}
