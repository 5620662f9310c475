import Glibc
import NIOCore
import Synchronization

/// One client's connection: takes its requests one after another, passes each to a release, and brings the answer back.
///
/// A request is not begun before the answer to the one before it is complete, so pipelined requests are answered in order
/// and each chooses its release when its turn comes. Reading from the client stops while the service cannot take more.
final class ClientConnection: ChannelDuplexHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    enum Phase {
        /// Between requests, or within a request's head.
        case waiting
        case exchange
        case tunnel
        /// The answer is out and the sending side is closed; what still arrives is thrown away, so that the client reads
        /// the answer instead of a reset (RFC 9112 §9.6).
        case lingering
        case closed
    }

    /// What happens when `deadline` passes.
    enum Wait {
        case keepAlive
        case head
        case requestBody
        case answerHead
        case answerBody
        case tunnel
        case lingering
    }

    let loop: LoopContext
    let listener: Int
    /// The version of TLS that the connection is over, as the access log names it; who set that up counts the connection.
    let tls: StaticString?
    /// The HTTP/2 stream that stands for this connection and carries one request; `nil` is HTTP/1.
    let stream: HTTP2Stream?
    var context: ChannelHandlerContext?
    var phase = Phase.waiting
    var exchange = Exchange()
    var input = ByteBuffer()
    var parser = HeadParser()
    var deadline = NIODeadline.distantFuture
    var wait = Wait.keepAlive
    /// Place in the loop's list of connections.
    var slot = -1
    var peer = ByteBuffer()
    /// Who the peer is to a limited route.
    private(set) lazy var peerAddress = ClientAddress(Substring(String(buffer: peer)))
    /// Counts the exchanges, so that a connection that comes up late finds its request gone.
    var serial = 0
    var gather = WriteGather()
    private var isAdvancing = false
    private var heldRead = false
    private var tunnelEnds = (client: false, service: false)
    /// Where the service stands among its frames, of a tunnel that is a WebSocket.
    private var frames: WebSocketFrames?
    /// What the client had not taken when its time was last up.
    private var lastWaiting = Int.max

    init(loop: LoopContext, listener: Int, tls: StaticString? = nil, stream: HTTP2Stream? = nil) {
        self.loop = loop
        self.listener = listener
        self.tls = tls
        self.stream = stream
    }

    var isSecure: Bool { tls != nil }
    var isWritable: Bool { context?.channel.isWritable ?? false }
    var exchangeMethod: Method { exchange.head.method }

    // MARK: Channel events

    func handlerAdded(context: ChannelHandlerContext) {
        self.context = context
        // Behind TLS the connection is up long before it is known to speak HTTP/1.
        if context.channel.isActive { start(context) }
    }

    func handlerRemoved(context: ChannelHandlerContext) { self.context = nil }

    func channelActive(context: ChannelHandlerContext) {
        start(context)
        context.fireChannelActive()
    }

    private func start(_ context: ChannelHandlerContext) {
        guard slot < 0 else { return }
        peer = stream?.peer ?? ByteBuffer(string: context.remoteAddress?.ipAddress ?? "unknown")
        loop.add(self)
        arm(.keepAlive, loop.snapshot.timeouts.keepAlive)
        if isSecure { return }
        let open = loop.traffic.connections.add(1, ordering: .relaxed).newValue
        if open > loop.snapshot.configuration.limits.connections { refuse(.connectionLimit) }
    }

    func channelInactive(context: ChannelHandlerContext) {
        if !isSecure { loop.traffic.connections.subtract(1, ordering: .relaxed) }
        loop.remove(self)
        if exchange.release != nil || exchange.answer == .underway { abandonExchange(clientLeft: true) }
        phase = .closed
        context.fireChannelInactive()
    }

    func read(context: ChannelHandlerContext) {
        if mayRead { context.read() } else { heldRead = true }
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        let buffer = unwrapInboundIn(data)
        switch phase {
        case .waiting, .exchange:
            input.append(received: buffer)
            advance()
        case .tunnel:
            arm(.tunnel, loop.snapshot.timeouts.idle)
            exchange.tunnelIn += buffer.readableBytes
            exchange.connection?.write(buffer)
        case .lingering, .closed:
            break
        }
    }

    func channelReadComplete(context: ChannelHandlerContext) {
        if phase == .tunnel { exchange.connection?.flush() }
        context.fireChannelReadComplete()
    }

    func channelWritabilityChanged(context: ChannelHandlerContext) {
        if context.channel.isWritable {
            exchange.connection?.resumeReading()
            continueFile()
        }
        context.fireChannelWritabilityChanged()
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if case ChannelEvent.inputClosed = event, phase == .tunnel {
            tunnelEnds.client = true
            if tunnelEnds.service { close() } else { exchange.connection?.closeOutput() }
        }
        context.fireUserInboundEventTriggered(event)
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        context.close(promise: nil)
    }

    // MARK: Reading

    private var mayRead: Bool {
        switch phase {
        case .waiting, .lingering, .closed: true
        case .exchange:
            exchange.isRequestComplete
                ? input.readableBytes == 0 : exchange.connection?.isWritable ?? (input.readableBytes == 0)
        case .tunnel: exchange.connection?.isWritable ?? true
        }
    }

    func resumeReading() {
        if heldRead, mayRead {
            heldRead = false
            context?.read()
        }
    }

    /// Does what the received bytes allow: begins the next request, or passes on more of the present one's body.
    func advance() {
        if isAdvancing { return }
        isAdvancing = true
        defer { isAdvancing = false }
        while true {
            switch phase {
            case .waiting:
                guard input.readableBytes > 0, beginRequest() else {
                    resumeReading()
                    return
                }
            case .exchange:
                let before = serial
                if !exchange.isRequestComplete { passRequestBody() }
                if phase != .waiting, before == serial {
                    resumeReading()
                    return
                }
            case .tunnel, .lingering, .closed:
                return
            }
        }
    }

    func arm(_ wait: Wait, _ time: TimeAmount) {
        lastWaiting = .max
        self.wait = wait
        deadline = .now() + time
    }

    // MARK: Deadlines

    func tick(now: NIODeadline, stopping: Bool) {
        switch phase {
        case .waiting:
            let isUnserved = stopping || loop.snapshot.listeners[listener] == nil
            if isUnserved, input.readableBytes == 0 {
                closeAfterWrites(lingers: false)
                return
            }
        case .exchange, .tunnel:
            if let cutAt = exchange.release?.runtime.cutAt.load(ordering: .relaxed), cutAt != 0,
                cutAt <= now.uptimeNanoseconds
            {
                cut(now)
                return
            }
        case .lingering, .closed: break
        }
        if deadline <= now { expire() }
    }

    private func expire() {
        if isTaking() { return }
        deadline = .distantFuture
        switch wait {
        case .keepAlive, .lingering, .tunnel: close()
        case .head: refuse(.headerTimeout)
        case .requestBody:
            if exchange.connection?.isWritable == false {
                countReplicaFailure(.timeout)
                fail(.responseTimeout)
            } else {
                fail(.bodyTimeout)
            }
        case .answerHead:
            countReplicaFailure(.timeout)
            countUpstreamFailure()
            fail(.responseTimeout)
        case .answerBody:
            // Whoever does not move is at fault: a client that takes nothing, or a service that sends nothing.
            if isWritable {
                exchange.reason = .responseTimeout
                countReplicaFailure(.timeout)
                countUpstreamFailure()
            } else {
                exchange.release?.meter.recordClientAborted(second: Self.second(.now()))
            }
            close()
        }
    }

    /// Gives a client that is behind the same time again as long as it goes on taking what waits for it: neither the wait
    /// for its next request nor that for the end of its answer may throw away what is already written.
    private func isTaking() -> Bool {
        switch wait {
        case .keepAlive, .lingering, .answerBody: break
        case .head, .requestBody, .answerHead, .tunnel: return false
        }
        // Only sockets can tell.
        guard let channel = context?.channel, channel is any SocketOptionProvider,
            let waiting = try? channel.syncOptions?.getOption(.bufferedWritableBytes), waiting > 0,
            waiting < lastWaiting
        else { return false }
        arm(wait, loop.snapshot.timeouts.idle)
        lastWaiting = waiting
        return true
    }

    /// Ends what a release that is gone still holds, after its drain time.
    private func cut(_ now: NIODeadline) {
        if let release = exchange.release {
            release.meter.recordCut(second: Self.second(now))
            release.runtime.cut.withLock { counts in
                if phase != .tunnel {
                    counts.requests += 1
                } else if exchange.head.asksForWebSocket {
                    counts.webSockets += 1
                } else {
                    counts.tunnels += 1
                }
            }
        }
        if phase == .tunnel {
            exchange.reason = .drainDeadline
            cutTunnel()
        } else if exchange.answer == .awaited {
            fail(.drainDeadline)
        } else {
            exchange.reason = .drainDeadline
            close()
        }
    }

    /// Says goodbye in the protocol's own words where they fit, then ends the connection with what was written before.
    private func cutTunnel() {
        dropUpstream()
        leaveRelease()
        if let frames, frames.isBetweenFrames { write(WebSocketFrames.goingAway) }
        closeAfterWrites()
    }

    static func second(_ now: NIODeadline) -> Int { Int(now.uptimeNanoseconds / 1_000_000_000) }

    // MARK: Writing

    /// Writes the head of an answer, which HTTP/2 codes in its own way.
    func writeHead(_ head: ByteBuffer) {
        if let stream {
            exchange.bytesOut &+= head.readableBytes
            stream.writeHead(head)
        } else {
            write(head)
        }
    }

    func write(_ data: ByteBuffer) {
        exchange.bytesOut &+= data.readableBytes
        if let due = gather.due(before: data) { context?.write(wrapOutboundOut(due), promise: nil) }
        if let now = gather.keep(data) { context?.write(wrapOutboundOut(now), promise: nil) }
    }

    func flush() {
        if let held = gather.take() { context?.write(wrapOutboundOut(held), promise: nil) }
        context?.flush()
    }

    func close() {
        guard phase != .closed else { return }
        if exchange.answer == .underway, exchange.framing == .untilClose {
            // An ordinary end would make the part that the client has look whole (RFC 9112 §8); a reset does not.
            let abort = Glibc.linger(l_onoff: 1, l_linger: 0)
            (context?.channel as? any SocketOptionProvider)?.setSoLinger(abort).whenFailure { _ in }
        }
        if exchange.release != nil { abandonExchange(clientLeft: false) }
        phase = .closed
        if let stream { stream.reset() } else { context?.close(promise: nil) }
    }

    /// Closes after an answer to a client that may still be sending.
    func linger() {
        phase = .lingering
        input = ByteBuffer()
        arm(.lingering, .seconds(2))
        context?.channel.setOption(.allowRemoteHalfClosure, value: false).whenFailure { _ in }
        context?.close(mode: .output, promise: nil)
        resumeReading()
    }

    // MARK: Tunnel

    /// The service agreed to another protocol: from here on bytes pass both ways unread, and each side may end its half.
    func beginTunnel(_ connection: UpstreamConnection) {
        phase = .tunnel
        frames = exchange.head.asksForWebSocket ? WebSocketFrames() : nil
        arm(.tunnel, loop.snapshot.timeouts.idle)
        context?.channel.setOption(.allowRemoteHalfClosure, value: true).whenFailure { _ in }
        if input.readableBytes > 0 {
            connection.write(input)
            connection.flush()
            input = ByteBuffer()
        }
        resumeReading()
    }

    func tunnelData(_ data: ByteBuffer) {
        arm(.tunnel, loop.snapshot.timeouts.idle)
        frames?.pass(data)
        write(data)
    }

    func tunnelEnded() {
        tunnelEnds.service = true
        flush()
        // Behind the service's half of a WebSocket comes nothing more (RFC 6455 §7.1.1); its client need not be waited for.
        guard tunnelEnds.client || exchange.head.asksForWebSocket else {
            context?.close(mode: .output, promise: nil)
            return
        }
        dropUpstream()
        leaveRelease()
        closeAfterWrites()
    }
}
