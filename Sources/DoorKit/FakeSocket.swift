import NIOCore
import NIOEmbedded

/// A channel in memory that behaves as a socket does where `EmbeddedChannel` does not: it delivers only when it was asked to
/// read, and each direction ends by itself.
final class FakeSocket {
    let channel: EmbeddedChannel
    private let gate = Gate()
    private var waiting: [[UInt8]] = []
    private var isInputEnding = false
    private(set) var isInputEnded = false
    /// Everything that was written and flushed.
    private(set) var received: [UInt8] = []

    init(_ loop: EmbeddedEventLoop) throws {
        channel = EmbeddedChannel(loop: loop)
        try channel.pipeline.syncOperations.addHandler(gate)
    }

    /// The connection is up. Handlers must be in place.
    func connect() throws {
        let address = try SocketAddress(ipAddress: "192.0.2.7", port: 4_000)
        channel.connect(to: address, promise: nil)
        channel.pipeline.read()
        settle()
    }

    var isOpen: Bool { channel.isActive }
    /// Segments that the peer has sent and nobody has asked for.
    var unread: Int { waiting.count }
    /// Nothing more will come from the front door.
    var isOutputEnded: Bool { !channel.isActive || gate.isOutputClosed }

    /// The peer sends a segment.
    func send(_ bytes: [UInt8]) {
        guard !isInputEnding, isOpen else { return }
        waiting.append(bytes)
        settle()
    }

    /// The peer ends its sending side.
    func endInput() {
        isInputEnding = true
        settle()
    }

    /// The peer is gone, or resets the connection.
    func abort() {
        if isOpen { channel.close(promise: nil) }
        settle()
    }

    /// Whether the peer takes what is written.
    func setTaking(_ isTaking: Bool) {
        guard isOpen, channel.isWritable != isTaking else { return }
        channel.isWritable = isTaking
        channel.pipeline.fireChannelWritabilityChanged()
        settle()
    }

    /// Delivers what the other side asks for, as an event loop would.
    func settle() {
        channel.embeddedEventLoop.run()
        while isOpen, gate.wantsRead {
            if !waiting.isEmpty {
                gate.wantsRead = false
                let bytes = waiting.removeFirst()
                channel.pipeline.fireChannelRead(ByteBuffer(bytes: bytes))
                channel.pipeline.fireChannelReadComplete()
                channel.pipeline.read()
            } else if isInputEnding, !isInputEnded {
                isInputEnded = true
                // As the channel of a socket does: it ends as a whole unless it was told otherwise.
                if (try? channel.syncOptions?.getOption(.allowRemoteHalfClosure)) == true {
                    channel.pipeline.fireUserInboundEventTriggered(ChannelEvent.inputClosed)
                } else {
                    channel.close(promise: nil)
                }
            } else {
                break
            }
            channel.embeddedEventLoop.run()
        }
        collect()
    }

    private func collect() {
        while let data = try? channel.readOutbound(as: ByteBuffer.self) { received += Array(data.readableBytesView) }
    }

    private final class Gate: ChannelOutboundHandler {
        typealias OutboundIn = ByteBuffer

        var wantsRead = false
        var isOutputClosed = false

        func read(context: ChannelHandlerContext) { wantsRead = true }

        func close(context: ChannelHandlerContext, mode: CloseMode, promise: EventLoopPromise<Void>?) {
            switch mode {
            case .output:
                isOutputClosed = true
                promise?.succeed()
            case .input, .all: context.close(mode: mode, promise: promise)
            }
        }
    }
}
