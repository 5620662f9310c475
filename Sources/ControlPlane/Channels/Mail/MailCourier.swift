import NIOCore
import NIOPosix
import NIOSSL
package import Response
import Synchronization
import World

/// How long a mail server may take; RFC 5321 §4.5.3.2 grants minutes, a page does not have them.
package struct MailPatience: Sendable, Hashable {
    package var connecting: Duration
    /// For the greeting and for each command.
    package var command: Duration
    /// For the answer to the whole message.
    package var message: Duration
    /// For everything together: less than ``Backoff/patience``.
    package var whole: Duration

    package init(
        connecting: Duration = .seconds(10), command: Duration = .seconds(15), message: Duration = .seconds(30),
        whole: Duration = .seconds(50)
    ) {
        self.connecting = connecting
        self.command = command
        self.message = message
        self.whole = whole
    }
}

/// E-mail by a submission server: SMTP with STARTTLS or TLS (RFC 5321, 3207, 4954, 8314).
///
/// A connection for each message. A second delivery has the same Message-ID.
package struct MailCourier: Courier {
    private let settings: ChannelSettings.Mail
    private let patience: MailPatience
    private let filter: SecretFilter
    private let group: any EventLoopGroup
    private let trust = Trust()

    package init(_ settings: ChannelSettings.Mail, patience: MailPatience = MailPatience()) {
        self.settings = settings
        self.patience = patience
        group = MultiThreadedEventLoopGroup.singleton
        var secrets = [settings.password].compactMap { $0 }
        if let user = settings.user, let password = settings.password {
            secrets.append(Secret("\0\(user)\0\(password.exposed)"))
        }
        filter = SecretFilter(secrets)
    }

    /// The certificates that are trusted, read once.
    private final class Trust: Sendable {
        private let context = Mutex<NIOSSLContext?>(nil)

        func context(_ file: String?) throws -> NIOSSLContext {
            try context.withLock { known in
                if let known { return known }
                var configuration = TLSConfiguration.makeClientConfiguration()
                configuration.minimumTLSVersion = .tlsv12
                if let file { configuration.trustRoots = .file(file) }
                let made = try NIOSSLContext(configuration: configuration)
                known = made
                return made
            }
        }
    }

    package func deliver(_ dispatch: Dispatch) async -> DeliveryAnswer {
        guard let sender = MailAddress(settings.from) else {
            return .refused("\(settings.from) is no address that mail can be sent from")
        }
        guard let recipient = MailAddress(dispatch.contact.address) else {
            return .refused("\(dispatch.contact.address) is no address of e-mail")
        }
        // The message's identity is the dispatch's key at this machine's mail domain.
        var message = dispatch.message
        message.key = dispatch.key
        let text = MailText.text(message, from: settings.from, to: dispatch.contact.address, host: sender.domain)
        let letter = SMTPConversation.Letter(
            sender: sender.text, recipient: recipient.text, data: MailData.bytes(text),
            identity: Self.identity(in: text))
        var credentials: SMTPConversation.Credentials?
        if let user = settings.user {
            credentials = .init(user: user, password: settings.password ?? Secret(""))
        }
        let conversation = SMTPConversation(
            server: settings.host, name: settings.name ?? sender.domain, security: settings.security,
            credentials: credentials, letter: letter)
        return filter.clean(await carry(conversation, letter))
    }

    private func carry(
        _ conversation: SMTPConversation, _ letter: SMTPConversation.Letter
    ) async -> DeliveryAnswer {
        let tls: NIOSSLContext?
        do {
            tls = settings.security == .none ? nil : try trust.context(settings.trustedCertificates)
        } catch {
            return .failed("the certificates to trust cannot be read: \(error)", retryAfter: nil)
        }
        let (settings, patience) = (settings, patience)
        let loop = group.next()
        let outcome = loop.makePromise(of: DeliveryAnswer.self)
        let late = loop.scheduleTask(in: TimeAmount(patience.whole)) {
            outcome.succeed(
                .failed(
                    "the mail server \(settings.host) did not take the message within \(patience.whole.short)",
                    retryAfter: nil))
        }
        ClientBootstrap(group: loop)
            .connectTimeout(TimeAmount(patience.connecting))
            .channelOption(.tcpOption(.tcp_nodelay), value: 1)
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    if settings.security == .implicit, let tls {
                        try channel.pipeline.syncOperations.addHandler(Self.handler(tls, settings.host))
                    }
                    try channel.pipeline.syncOperations.addHandler(
                        SMTPConnection(
                            conversation, letter: letter, server: settings.host, patience: patience, outcome: outcome
                        ) { context in
                            guard let tls else { return }
                            try context.pipeline.syncOperations.addHandler(
                                Self.handler(tls, settings.host), position: .first)
                        })
                }
            }
            .connect(host: settings.host, port: settings.port)
            .whenComplete { result in
                switch result {
                case .success(let channel):
                    // Whatever the outcome came from, nothing stays open.
                    outcome.futureResult.whenComplete { _ in
                        loop.scheduleTask(in: .seconds(3)) { channel.close(promise: nil) }
                    }
                case .failure(let error):
                    outcome.succeed(
                        .failed(
                            "the mail server \(settings.host) cannot be reached: \(Self.words(error))", retryAfter: nil)
                    )
                }
            }
        let answer = (try? await outcome.futureResult.get()) ?? .failed("broken off", retryAfter: nil)
        late.cancel()
        return answer
    }

    private static func handler(_ tls: NIOSSLContext, _ host: String) throws -> NIOSSLClientHandler {
        // An IP address is no name to ask for (RFC 6066 §3); the certificate is compared with the address then.
        let isAddress = (try? SocketAddress(ipAddress: host, port: 0)) != nil
        return try NIOSSLClientHandler(context: tls, serverHostname: isAddress ? nil : host)
    }

    /// The Message-ID of a text.
    private static func identity(in text: String) -> String {
        let mark = "\r\nMessage-ID: "
        guard let start = text.firstRange(of: mark) else { return "" }
        return String(text[start.upperBound...].prefix { $0 != "\r\n" })
    }

    /// An error of the connection in few words.
    static func words(_ error: any Error) -> String {
        switch error {
        case let error as NIOConnectionError:
            if let first = error.connectionErrors.first { return words(first.error) }
            return "its name is not known"
        case ChannelError.connectTimeout: return "no connection in time"
        case NIOSSLError.uncleanShutdown: return "it was cut off"
        case is NIOSSLExtraError: return "its certificate is not for this name"
        default: return HTTPCaller.words(connection: "\(error)")
        }
    }
}

/// An address as SMTP takes it in MAIL and RCPT (RFC 5321 §4.1.2), ASCII only.
struct MailAddress: Hashable, Sendable {
    let text: String

    /// Reads `name@host` or `Somebody <name@host>`.
    init?(_ text: String) {
        var address = text[...]
        if text.hasSuffix(">"), let start = text.lastIndex(of: "<") {
            address = text[text.index(after: start)...].dropLast()
        }
        let isPlain = address.utf8.allSatisfy { (0x21...0x7e).contains($0) && $0 != 0x3c && $0 != 0x3e }
        guard isPlain, address.utf8.count <= 254, let at = address.lastIndex(of: "@"), at != address.startIndex,
            address.index(after: at) != address.endIndex
        else { return nil }
        self.text = String(address)
    }

    var domain: String { String(text[text.index(after: text.lastIndex(of: "@") ?? text.startIndex)...]) }
}

extension TimeAmount {
    fileprivate init(_ duration: Duration) { self = .nanoseconds(Int64(duration / .nanoseconds(1))) }
}
