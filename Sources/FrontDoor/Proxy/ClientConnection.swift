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
    private var gather = WriteGather()
    private var isAdvancing = false
    private var heldRead = false
    private var tunnelEnds = (client: false, service: false)

    init(loop: LoopContext, listener: Int) {
        self.loop = loop
        self.listener = listener
    }

    var isWritable: Bool { context?.channel.isWritable ?? false }
    var exchangeMethod: Method { exchange.head.method }

    // MARK: Channel events

    func handlerAdded(context: ChannelHandlerContext) { self.context = context }

    func handlerRemoved(context: ChannelHandlerContext) { self.context = nil }

    func channelActive(context: ChannelHandlerContext) {
        peer = ByteBuffer(string: context.remoteAddress?.ipAddress ?? "unknown")
        loop.add(self)
        let open = loop.traffic.connections.add(1, ordering: .relaxed).newValue
        if open > loop.snapshot.configuration.limits.connections {
            refuse(.connectionLimit)
        } else {
            arm(.keepAlive, loop.snapshot.timeouts.keepAlive)
        }
        context.fireChannelActive()
    }

    func channelInactive(context: ChannelHandlerContext) {
        loop.traffic.connections.subtract(1, ordering: .relaxed)
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

    /// Ends what a release that is gone still holds, after its drain time.
    private func cut(_ now: NIODeadline) {
        exchange.release?.meter.recordCut(second: Self.second(now))
        if exchange.answer == .awaited {
            fail(.drainDeadline)
        } else {
            exchange.reason = .drainDeadline
            close()
        }
    }

    static func second(_ now: NIODeadline) -> Int { Int(now.uptimeNanoseconds / 1_000_000_000) }

    // MARK: Writing

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
        if exchange.release != nil { abandonExchange(clientLeft: false) }
        phase = .closed
        context?.close(promise: nil)
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
        write(data)
    }

    func tunnelEnded() {
        tunnelEnds.service = true
        flush()
        guard tunnelEnds.client else {
            context?.close(mode: .output, promise: nil)
            return
        }
        dropUpstream()
        leaveRelease()
        closeAfterWrites()
    }
}
