import NIOCore
import NIOHPACK
import NIOHTTP2

/// One HTTP/2 stream in the shape of a connection that carries a single request, so that everything behind it is shared
/// with HTTP/1: how a request is judged, routed, counted, limited, retried, forwarded and logged.
///
/// Towards the client's connection a request's fields become a head in the text of HTTP/1.1, which is judged again as such,
/// and DATA becomes its bytes. The other way heads become field sections and bytes become DATA. What has no form in text,
/// where a body ends and how a stream is broken off, the two sides tell each other directly.
final class HTTP2Stream: ChannelDuplexHandler {
    typealias InboundIn = HTTP2Frame.FramePayload
    typealias InboundOut = ByteBuffer
    typealias OutboundIn = ByteBuffer
    typealias OutboundOut = HTTP2Frame.FramePayload

    /// The address at the other end, as every stream of the connection has it.
    let peer: ByteBuffer
    private var client: ClientConnection?
    private var context: ChannelHandlerContext?
    private var hasBegun = false
    private var isRequestEnded = false
    private var isRequestEndTold = false
    private var requestTrailers: HPACKHeaders?
    private var isHead = false
    /// Held until something follows it, so that an answer without a body is one frame.
    private var pendingHead: HPACKHeaders?
    private var isAnswerEnded = false

    init(peer: ByteBuffer) { self.peer = peer }

    /// The handler that serves the request; it comes behind this one in the pipeline.
    func serve(by client: ClientConnection) { self.client = client }

    func handlerAdded(context: ChannelHandlerContext) { self.context = context }

    func handlerRemoved(context: ChannelHandlerContext) {
        self.context = nil
        client = nil
    }

    // MARK: From the client

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch unwrapInboundIn(data) {
        case .headers(let part) where !hasBegun:
            hasBegun = true
            isRequestEnded = part.endStream
            begin(part.headers, context)
        case .headers(let part):
            requestTrailers = part.headers
            end()
        case .data(let part):
            if case .byteBuffer(let bytes) = part.data, bytes.readableBytes > 0 {
                context.fireChannelRead(wrapInboundOut(bytes))
            }
            if part.endStream { end() }
        case .priority, .rstStream, .settings, .pushPromise, .ping, .goAway, .windowUpdate, .alternativeService,
            .origin:
            break
        }
    }

    private func begin(_ fields: HPACKHeaders, _ context: ChannelHandlerContext) {
        isHead = fields.first(name: ":method") == "HEAD"
        do throws(Reason) {
            let head = try HTTP2Fields.request(fields, hasBody: !isRequestEnded)
            context.fireChannelRead(wrapInboundOut(head))
        } catch {
            client?.refuse(error)
        }
    }

    private func end() {
        isRequestEnded = true
        client?.advance()
    }

    /// The end of the request's body, once, after its last byte was taken.
    func requestEnd(
        limits: FrontDoorConfiguration.Limits, isDrained: Bool
    ) throws(Reason) -> BodyDecoder.Piece? {
        guard isRequestEnded, isDrained, !isRequestEndTold else { return nil }
        isRequestEndTold = true
        guard let requestTrailers else { return .end(trailers: nil) }
        let lines = try HTTP2Fields.trailers(requestTrailers)
        return .end(trailers: try BodyDecoder.trailers(lines, limits: limits))
    }

    // MARK: To the client

    /// Takes the head of an answer in the text of HTTP/1.1.
    func writeHead(_ head: ByteBuffer) {
        if let context { sendHead(context) }
        pendingHead = HTTP2Fields.answer(head)
    }

    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        let bytes = unwrapOutboundIn(data)
        sendHead(context)
        // An answer to HEAD has no DATA, whoever gives it (RFC 9110 §9.3.2).
        guard !isHead, bytes.readableBytes > 0 else {
            promise?.succeed()
            return
        }
        context.write(wrapOutboundOut(.data(.init(data: .byteBuffer(bytes)))), promise: promise)
    }

    func flush(context: ChannelHandlerContext) {
        sendHead(context)
        context.flush()
    }

    private func sendHead(_ context: ChannelHandlerContext) {
        guard let head = pendingHead else { return }
        pendingHead = nil
        context.write(wrapOutboundOut(.headers(.init(headers: head, endStream: false))), promise: nil)
    }

    /// Ends the answer.
    ///
    /// A client that is still sending then is told to stop without an error (RFC 9113 §8.1), once the answer is out: what a
    /// reset finds waiting for the client's window is lost.
    func end(_ last: ByteBuffer?, trailers: ByteBuffer?) {
        guard let context, !isAnswerEnded else { return }
        isAnswerEnded = true
        let written = isRequestEnded ? nil : context.eventLoop.makePromise(of: Void.self)
        let body = isHead ? nil : last
        if let trailers, !isHead {
            sendHead(context)
            if let body { context.write(wrapOutboundOut(.data(.init(data: .byteBuffer(body)))), promise: nil) }
            let fields = HTTP2Fields.fields(trailers)
            context.write(wrapOutboundOut(.headers(.init(headers: fields, endStream: true))), promise: written)
        } else if let head = pendingHead, body == nil {
            pendingHead = nil
            context.write(wrapOutboundOut(.headers(.init(headers: head, endStream: true))), promise: written)
        } else {
            sendHead(context)
            let data = body ?? ByteBuffer()
            context.write(
                wrapOutboundOut(.data(.init(data: .byteBuffer(data), endStream: true))), promise: written)
        }
        context.flush()
        written?.futureResult.assumeIsolated().whenSuccess {
            if !self.isRequestEnded { self.reset(.noError) }
        }
    }

    /// Breaks the stream off: the client has no whole answer, or does not take it.
    func reset() { reset(isAnswerEnded ? .cancel : .internalError) }

    private func reset(_ code: HTTP2ErrorCode) {
        pendingHead = nil
        guard let context, context.channel.isActive else { return }
        context.writeAndFlush(wrapOutboundOut(.rstStream(code)), promise: nil)
    }
}
