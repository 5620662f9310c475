import NIOCore
import NIOHTTP2
import NIOSSL
import NIOTLS
import Synchronization

/// A connection over TLS before and beside its requests: counts it, bounds its handshake, chooses the certificate and the
/// version of HTTP, and for HTTP/2 ends it when it rests too long or the front door stops.
final class SecureConnection: ChannelInboundHandler {
    typealias InboundIn = HTTP2Frame

    private enum Phase {
        case handshake
        case http1
        case http2(streams: Int)
        /// GOAWAY is out (RFC 9113 §6.8); streams that are open may end.
        case leaving(streams: Int)
        case closed
    }

    private let loop: LoopContext
    private let listener: Int
    private let secure: SecureListener
    private var context: ChannelHandlerContext?
    private var phase = Phase.handshake
    private var deadline = NIODeadline.distantFuture
    private var peer = ByteBuffer()
    /// What the handshake agreed on.
    private var version: StaticString = "?"
    /// Place in the loop's list.
    var slot = -1

    private init(loop: LoopContext, listener: Int, secure: SecureListener) {
        self.loop = loop
        self.listener = listener
        self.secure = secure
    }

    /// Puts a new channel under TLS. What the client asks for by name is read before the handshake begins, so that each
    /// certificate has a context, and so sessions to resume, of its own.
    static func install(on channel: any Channel, loop: LoopContext, listener: Int, secure: SecureListener) throws {
        let connection = SecureConnection(loop: loop, listener: listener, secure: secure)
        let names = SNIHandler { result in
            connection.choose(result, on: channel)
        }
        // A greeting is one record of at most 16 KiB.
        try channel.pipeline.syncOperations.addHandler(ByteToMessageHandler(names, maximumBufferSize: 32 * 1024))
        try channel.pipeline.syncOperations.addHandler(connection)
    }

    private func choose(_ asked: SNIResult, on channel: any Channel) -> EventLoopFuture<Void> {
        let name: String? = if case .hostname(let name) = asked { name } else { nil }
        guard let context = secure.shelf.context(for: name) else {
            loop.secure.failures += 1
            channel.close(promise: nil)
            return channel.eventLoop.makeFailedFuture(ChannelError.ioOnClosedChannel)
        }
        return channel.eventLoop.makeCompletedFuture {
            try channel.pipeline.syncOperations.addHandler(
                NIOSSLServerHandler(context: context), position: .before(self))
        }
    }

    // MARK: Channel events

    func handlerAdded(context: ChannelHandlerContext) { self.context = context }

    func handlerRemoved(context: ChannelHandlerContext) { self.context = nil }

    func channelActive(context: ChannelHandlerContext) {
        peer = ByteBuffer(string: context.remoteAddress?.ipAddress ?? "unknown")
        loop.add(self)
        let open = loop.traffic.connections.add(1, ordering: .relaxed).newValue
        if open > loop.snapshot.configuration.limits.connections {
            // An answer would cost a handshake, which is what there is too little of.
            loop.refusals[.connectionLimit, default: 0] += 1
            close()
            return
        }
        deadline = .now() + loop.snapshot.timeouts.headerRead
        context.fireChannelActive()
    }

    func channelInactive(context: ChannelHandlerContext) {
        if case .handshake = phase { loop.secure.failures += 1 }
        phase = .closed
        loop.traffic.connections.subtract(1, ordering: .relaxed)
        loop.remove(self)
        context.fireChannelInactive()
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch phase {
        case .http1: context.fireChannelRead(data)
        // What belongs to no stream (settings, pings, priorities) was dealt with on its way here.
        case .handshake, .http2, .leaving, .closed: break
        }
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if case TLSUserEvent.handshakeCompleted(let negotiated) = event, case .handshake = phase {
            begin(negotiated, context)
        }
        context.fireUserInboundEventTriggered(event)
    }

    private func begin(_ negotiated: String?, _ context: ChannelHandlerContext) {
        do {
            version = Self.name(try context.pipeline.syncOperations.nioSSL_tlsVersion())
            if negotiated == "h2" {
                loop.secure.http2 += 1
                phase = .http2(streams: 0)
                deadline = .now() + loop.snapshot.timeouts.keepAlive
                try beginHTTP2(context)
            } else {
                loop.secure.http1 += 1
                phase = .http1
                deadline = .distantFuture
                loop.remove(self)
                try context.pipeline.syncOperations.addHandler(
                    ClientConnection(loop: loop, listener: listener, tls: version), position: .after(self))
            }
        } catch {
            close()
        }
    }

    /// Named as in the configuration; what is older is never spoken (RFC 8996).
    private static func name(_ version: TLSVersion?) -> StaticString {
        switch version {
        case .tlsv13: "1.3"
        case .tlsv12: "1.2"
        case .tlsv11, .tlsv1, nil: "?"
        }
    }

    private func beginHTTP2(_ context: ChannelHandlerContext) throws {
        let limits = loop.snapshot.configuration.limits
        var connection = NIOHTTP2Handler.ConnectionConfiguration()
        connection.initialSettings = [
            HTTP2Setting(parameter: .maxConcurrentStreams, value: limits.concurrentStreams),
            // Twice what is taken, so that most who send too much get an answer, 431, instead of the connection's end.
            HTTP2Setting(parameter: .maxHeaderListSize, value: 2 * limits.headerBytes),
        ]
        connection.targetWindowSize = 1024 * 1024
        var streams = NIOHTTP2Handler.StreamConfiguration()
        streams.outboundBufferSizeHighWatermark = 64 * 1024
        streams.outboundBufferSizeLowWatermark = 16 * 1024
        let lifecycle = NIOHTTP2ServerConnectionManagementHandler(
            eventLoop: context.eventLoop,
            configuration: .init(maxIdleTime: nil, maxAge: nil, maxGraceTime: nil, keepalive: nil))
        let bound = NIOLoopBound(self, eventLoop: context.eventLoop)
        let handler = NIOHTTP2Handler(
            mode: .server, eventLoop: context.eventLoop, connectionConfiguration: connection,
            streamConfiguration: streams,
            streamDelegate: StreamCounter(connection: bound, lifecycle: lifecycle.http2StreamDelegate)
        ) { channel in
            channel.eventLoop.makeCompletedFuture { try bound.value.begin(stream: channel) }
        }
        try context.pipeline.syncOperations.addHandlers([handler, lifecycle], position: .before(self))
    }

    private func begin(stream channel: any Channel) throws {
        let stream = HTTP2Stream(peer: peer)
        let client = ClientConnection(loop: loop, listener: listener, tls: version, stream: stream)
        stream.serve(by: client)
        try channel.pipeline.syncOperations.addHandlers([stream, client])
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        switch phase {
        case .http1:
            context.fireErrorCaught(error)
        case .handshake, .closed:
            close()
        case .http2, .leaving:
            if error is any NIOHTTP2Error {
                loop.secure.http2Errors += 1
                // Errors of single streams come by here too; those of the connection were told to the client in a GOAWAY.
                if Self.endsConnection(error) { close() }
            } else {
                close()
            }
        }
    }

    private static func endsConnection(_ error: any Error) -> Bool {
        switch error {
        case is NIOHTTP2Errors.BadClientMagic, is NIOHTTP2Errors.UnableToParseFrame, is NIOHTTP2Errors.MissingPreface,
            is NIOHTTP2Errors.ReceivedBadSettings, is NIOHTTP2Errors.InvalidSetting,
            is NIOHTTP2Errors.MaxStreamsViolation, is NIOHTTP2Errors.StreamIDTooSmall,
            is NIOHTTP2Errors.InvalidStreamIDForPeer, is NIOHTTP2Errors.ExcessivelyLargeHeaderBlock,
            is NIOHTTP2Errors.ExcessiveRSTFrames, is NIOHTTP2Errors.ExcessiveControlFrames,
            is NIOHTTP2Errors.ExcessiveContinuationFrames, is NIOHTTP2Errors.ExcessiveEmptyDataFrames,
            is NIOHTTP2Errors.ExcessiveNumberOfGlitches, is NIOHTTP2Errors.ExcessiveStreamErrors,
            is NIOHTTP2Errors.ExcessiveOutboundFrameBuffering, is NIOHTTP2Errors.ActivationError:
            true
        default: false
        }
    }

    private func close() {
        if case .closed = phase { return }
        context?.close(promise: nil)
    }

    // MARK: Time

    func tick(now: NIODeadline, stopping: Bool) {
        switch phase {
        case .http1, .closed: return
        case .handshake:
            if deadline <= now || stopping { close() }
        case .http2(let streams):
            let isLeaving = stopping || loop.snapshot.listeners[listener] == nil
            if isLeaving || streams == 0 && deadline <= now { leave(streams) }
        case .leaving(let streams):
            if streams == 0, deadline <= now { close() }
        }
    }

    /// Tells the client to open no more streams; the connection ends with the last one.
    private func leave(_ streams: Int) {
        phase = .leaving(streams: streams)
        deadline = .now() + .seconds(2)
        context?.channel.pipeline.fireUserInboundEventTriggered(ChannelShouldQuiesceEvent())
    }

    fileprivate func streamBegan() {
        switch phase {
        case .http2(let streams): phase = .http2(streams: streams + 1)
        case .leaving(let streams): phase = .leaving(streams: streams + 1)
        case .handshake, .http1, .closed: break
        }
    }

    fileprivate func streamEnded() {
        switch phase {
        case .http2(let streams):
            phase = .http2(streams: streams - 1)
            if streams == 1 { deadline = .now() + loop.snapshot.timeouts.keepAlive }
        case .leaving(let streams):
            phase = .leaving(streams: streams - 1)
            if streams == 1 { deadline = .now() + .seconds(2) }
        case .handshake, .http1, .closed: break
        }
    }
}

/// Tells the connection of its streams, and NIO's handler that ends it of them as well.
private struct StreamCounter: NIOHTTP2StreamDelegate {
    let connection: NIOLoopBound<SecureConnection>
    let lifecycle: NIOHTTP2ServerConnectionManagementHandler.HTTP2StreamDelegate

    func streamCreated(_ id: HTTP2StreamID, channel: any Channel) {
        connection.value.streamBegan()
        lifecycle.streamCreated(id, channel: channel)
    }

    func streamClosed(_ id: HTTP2StreamID, channel: any Channel) {
        connection.value.streamEnded()
        lifecycle.streamClosed(id, channel: channel)
    }
}

/// What an event loop counts of its connections over TLS.
struct SecureFigures: Sendable {
    /// Handshakes that ended in HTTP/1.
    var http1: UInt64 = 0
    /// Handshakes that ended in HTTP/2.
    var http2: UInt64 = 0
    /// Handshakes that ended in nothing.
    var failures: UInt64 = 0
    /// Streams and connections of HTTP/2 that broke its rules.
    var http2Errors: UInt64 = 0

    static func += (left: inout SecureFigures, right: SecureFigures) {
        left.http1 += right.http1
        left.http2 += right.http2
        left.failures += right.failures
        left.http2Errors += right.http2Errors
    }
}
