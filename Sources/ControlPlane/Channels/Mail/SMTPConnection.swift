import NIOCore
import NIOSSL
import Response

/// One connection to a mail server: carries an ``SMTPConversation`` to its end, each answer within its time.
final class SMTPConnection: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    private var conversation: SMTPConversation
    private let letter: SMTPConversation.Letter
    private let secure: ((ChannelHandlerContext) throws -> Void)?
    private let patience: MailPatience
    private let server: String
    private let outcome: EventLoopPromise<DeliveryAnswer>
    private var reader = SMTPReplyReader()
    private var timer: Scheduled<Void>?
    private var isOver = false

    /// - Parameters:
    ///   - secure: puts TLS before this handler.
    init(
        _ conversation: SMTPConversation, letter: SMTPConversation.Letter, server: String, patience: MailPatience,
        outcome: EventLoopPromise<DeliveryAnswer>, secure: ((ChannelHandlerContext) throws -> Void)?
    ) {
        self.conversation = conversation
        self.letter = letter
        self.server = server
        self.patience = patience
        self.outcome = outcome
        self.secure = secure
    }

    func handlerAdded(context: ChannelHandlerContext) {
        arm(context, patience.command)
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        timer?.cancel()
        finish(.failed("the mail server \(server) closed the connection", retryAfter: nil))
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        // What is said after the outcome is of no interest: the reply to QUIT.
        guard !isOver else { return context.close(promise: nil) }
        reader.append(unwrapInboundIn(data).readableBytesView)
        do {
            while !isOver, let reply = try reader.next() { take(conversation.reply(reply), context) }
        } catch {
            give(
                .failed(
                    "the mail server \(server) answered \(conversation.words) with \(error.reason)", retryAfter: nil),
                context)
        }
    }

    func channelInactive(context: ChannelHandlerContext) {
        finish(
            .failed(
                "the mail server \(server) closed the connection instead of answering \(conversation.words)",
                retryAfter: nil))
        context.fireChannelInactive()
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        give(
            .failed("the connection to the mail server \(server) failed: \(MailCourier.words(error))", retryAfter: nil),
            context)
    }

    private func take(_ step: SMTPConversation.Step, _ context: ChannelHandlerContext) {
        switch step {
        case .send(let line):
            arm(context, patience.command)
            write(Array((line + "\r\n").utf8), context)
        case .sendData:
            arm(context, patience.message)
            write(letter.data, context)
        case .startTLS:
            // What came before TLS and is read after it could be anybody's (RFC 3207 §6; CVE-2011-0411).
            guard reader.isEmpty else {
                return give(
                    .failed("the mail server \(server) said more than its answer to STARTTLS", retryAfter: nil), context
                )
            }
            do {
                try secure?(context)
                take(conversation.secured(), context)
            } catch {
                give(.failed("TLS with the mail server \(server) cannot begin: \(error)", retryAfter: nil), context)
            }
        case .end(let answer): give(answer, context)
        }
    }

    private func write(_ bytes: [UInt8], _ context: ChannelHandlerContext) {
        context.writeAndFlush(wrapOutboundOut(ByteBuffer(bytes: bytes)), promise: nil)
    }

    /// Tells the outcome and takes leave; the server has a moment to say good-bye.
    private func give(_ answer: DeliveryAnswer, _ context: ChannelHandlerContext) {
        guard !isOver else { return context.close(promise: nil) }
        finish(answer)
        write(Array("QUIT\r\n".utf8), context)
        let loopBound = NIOLoopBound(context, eventLoop: context.eventLoop)
        timer = context.eventLoop.scheduleTask(in: .seconds(2)) { loopBound.value.close(promise: nil) }
    }

    private func finish(_ answer: DeliveryAnswer) {
        guard !isOver else { return }
        isOver = true
        timer?.cancel()
        outcome.succeed(answer)
    }

    private func arm(_ context: ChannelHandlerContext, _ time: Duration) {
        timer?.cancel()
        let bound = NIOLoopBound((self, context), eventLoop: context.eventLoop)
        timer = context.eventLoop.scheduleTask(in: .nanoseconds(Int64(time / .nanoseconds(1)))) {
            let (connection, context) = bound.value
            connection.finish(
                .failed(
                    "the mail server \(connection.server) did not answer \(connection.conversation.words) within "
                        + time.short, retryAfter: nil))
            context.close(promise: nil)
        }
    }
}
