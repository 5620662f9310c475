import FoundationEssentials
import Response
import World

/// What a client of a mail server says next (RFC 5321 §3): a state machine without a connection.
struct SMTPConversation {
    struct Letter: Sendable {
        /// The addresses of MAIL and RCPT, without brackets.
        var sender: String
        var recipient: String
        /// As DATA takes it: dots doubled, ended by a dot.
        var data: [UInt8]
        /// What the message is called.
        var identity: String
    }

    struct Credentials: Sendable {
        var user: String
        var password: Secret
    }

    enum Step: Equatable {
        case send(String)
        /// Begin TLS, and go on with ``SMTPConversation/secured()``.
        case startTLS
        case sendData
        /// The outcome is known; what is left is to take leave.
        case end(DeliveryAnswer)
    }

    enum State: Equatable {
        case greeting, hello, startTLS, securedHello, authPlain, authLogin, authUser, authPassword
        case mail, recipient, data, message, ended
    }

    private(set) var state = State.greeting
    private let server: String
    private let name: String
    private let security: ChannelSettings.Mail.Security
    private let credentials: Credentials?
    private let letter: Letter
    private var offersSize = false

    /// - Parameters:
    ///   - server: as people know it.
    ///   - name: what this machine calls itself.
    init(
        server: String, name: String, security: ChannelSettings.Mail.Security, credentials: Credentials?,
        letter: Letter
    ) {
        self.server = server
        self.name = name
        self.security = security
        self.credentials = credentials
        self.letter = letter
    }

    /// The first thing to say inside of TLS that was begun by STARTTLS: what was learned before does not count (RFC 3207 §4.2).
    mutating func secured() -> Step {
        state = .securedHello
        return .send("EHLO \(name)")
    }

    mutating func reply(_ reply: SMTPReply) -> Step {
        let expected =
            switch state {
            case .authLogin, .authUser: 334
            case .data: 354
            case .authPlain, .authPassword: 235
            case .greeting, .startTLS: 220
            case .hello, .securedHello, .mail, .recipient, .message, .ended: 250
            }
        // 251: the server forwards.
        guard reply.code == expected || state == .recipient && reply.code == 251 else { return refusal(reply) }
        switch state {
        case .greeting: return go(.hello, "EHLO \(name)")
        case .hello: return security == .startTLS ? secure(reply) : introduce(reply)
        case .securedHello: return introduce(reply)
        case .startTLS: return .startTLS
        case .authLogin: return go(.authUser, Self.encoded(credentials?.user ?? ""))
        case .authUser: return go(.authPassword, Self.encoded(credentials?.password.exposed ?? ""))
        case .authPlain, .authPassword: return mail()
        case .mail: return go(.recipient, "RCPT TO:<\(letter.recipient)>")
        case .recipient: return go(.data, "DATA")
        case .data:
            state = .message
            return .sendData
        case .message: return end(.accepted(reference: letter.identity))
        case .ended: return .end(.failed("the server spoke after the end", retryAfter: nil))
        }
    }

    private mutating func go(_ next: State, _ line: String) -> Step {
        state = next
        return .send(line)
    }

    private mutating func end(_ answer: DeliveryAnswer) -> Step {
        state = .ended
        return .end(answer)
    }

    private mutating func secure(_ hello: SMTPReply) -> Step {
        guard keyword("STARTTLS", of: hello) != nil else {
            return end(.refused("the mail server \(server) offers no STARTTLS, and nothing is sent without TLS"))
        }
        return go(.startTLS, "STARTTLS")
    }

    private mutating func introduce(_ hello: SMTPReply) -> Step {
        offersSize = keyword("SIZE", of: hello) != nil
        guard let credentials else { return mail() }
        // A password is said inside of TLS or not at all.
        guard security != .none else {
            return end(.refused("the password for \(server) is not sent without TLS"))
        }
        let ways = (keyword("AUTH", of: hello) ?? []).map { $0.uppercased() }
        if ways.contains("PLAIN") {
            return go(
                .authPlain, "AUTH PLAIN " + Self.encoded("\0\(credentials.user)\0\(credentials.password.exposed)"))
        }
        if ways.contains("LOGIN") { return go(.authLogin, "AUTH LOGIN") }
        return end(.refused("the mail server \(server) offers neither AUTH PLAIN nor AUTH LOGIN"))
    }

    private mutating func mail() -> Step {
        go(.mail, "MAIL FROM:<\(letter.sender)>" + (offersSize ? " SIZE=\(letter.data.count)" : ""))
    }

    /// The words after a keyword of an answer to EHLO (RFC 5321 §4.1.1.1).
    private func keyword(_ name: String, of hello: SMTPReply) -> [String]? {
        for line in hello.lines.dropFirst() {
            // Some servers write `AUTH=LOGIN`.
            let words = line.split { $0 == " " || $0 == "=" }.map(String.init)
            if words.first?.uppercased() == name { return Array(words.dropFirst()) }
        }
        return nil
    }

    /// 4yz may pass, 5yz will not (RFC 5321 §4.2.1); what was not asked for may be anything.
    private mutating func refusal(_ reply: SMTPReply) -> Step {
        let text = "the mail server \(server) answered \(words) with \(reply.text)"
        return end((500..<600).contains(reply.code) ? .refused(text) : .failed(text, retryAfter: nil))
    }

    /// What was said last, without anything secret.
    var words: String {
        switch state {
        case .greeting: "the connection"
        case .hello, .securedHello: "EHLO"
        case .startTLS: "STARTTLS"
        case .authPlain, .authLogin, .authUser, .authPassword: "AUTH"
        case .mail: "MAIL"
        case .recipient: "RCPT"
        case .data: "DATA"
        case .message: "the message"
        case .ended: "QUIT"
        }
    }

    private static func encoded(_ text: String) -> String { Data(text.utf8).base64EncodedString() }
}
