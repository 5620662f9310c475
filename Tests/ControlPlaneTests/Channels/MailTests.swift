import ControlPlane
import Response
import Spec
import TestKit
import Testing
import World

@Suite("Mail")
struct MailTests {
    private let ana = Contact(.email, "ana@shop.example")

    private func courier(
        _ port: Int, _ security: ChannelSettings.Mail.Security = .none, host: String = "localhost",
        user: String? = nil, password: String = MailSink.password, from: String = "Hauban <pager@shop.example>",
        trusting certificate: String? = nil, patience: MailPatience = .init(command: .seconds(60), whole: .seconds(120))
    ) -> MailCourier {
        MailCourier(
            .init(
                host: host, port: port, security: security, user: user, password: user == nil ? nil : Secret(password),
                from: from, trustedCertificates: certificate), patience: patience)
    }

    private func refusal(_ answer: DeliveryAnswer) -> String {
        if case .refused(let detail) = answer { return detail }
        Issue.record("not refused for good: \(answer)")
        return ""
    }

    private func failure(_ answer: DeliveryAnswer) -> String {
        if case .failed(let detail, nil) = answer { return detail }
        Issue.record("not to be tried again: \(answer)")
        return ""
    }

    // MARK: A real server

    @Test("what is sent is read by a real server as it was written, lines of dots included")
    func real() async throws {
        try await MailSink.with { sink in
            let courier = courier(sink.port, .startTLS, user: MailSink.user, trusting: sink.certificate)
            let page = try PageFixture.page(to: ana, title: "...three dots, é and a line\r\n.\r\nof one")
            #expect(await courier.deliver(page) == .accepted(reference: "<\(page.key)@shop.example>"))
            let letter = try #require(sink.letters.first)
            #expect(
                letter.text
                    == MailText.text(
                        page.message, from: "Hauban <pager@shop.example>", to: "ana@shop.example", host: "shop.example")
            )
            #expect(letter.header("Message-ID") == "<\(page.key)@shop.example>")
            #expect(letter.recipients == ["ana@shop.example"] && letter.isEncrypted)
        }
    }

    @Test(
        "AUTH PLAIN is used where it is offered, LOGIN where it is not", arguments: [("", "PLAIN"), ("PLAIN", "LOGIN")])
    func mechanisms(without: String, expected: String) async throws {
        try await MailSink.with(without: without) { sink in
            let courier = courier(sink.port, .startTLS, user: MailSink.user, trusting: sink.certificate)
            guard case .accepted = await courier.deliver(try PageFixture.page(to: ana)) else {
                Issue.record("not accepted")
                return
            }
            #expect(sink.letters.map(\.mechanism) == [expected])
            #expect(sink.letters.map(\.user) == [MailSink.user])
        }
    }

    @Test("a wrong password is refused for good, by LOGIN too", arguments: ["", "PLAIN"])
    func wrongPassword(without: String) async throws {
        try await MailSink.with(without: without) { sink in
            let courier = courier(
                sink.port, .startTLS, user: MailSink.user, password: "wrong", trusting: sink.certificate)
            let detail = refusal(await courier.deliver(try PageFixture.page(to: ana)))
            #expect(detail.contains("AUTH with 535 5.7.8"), "\(detail)")
            #expect(sink.letters.isEmpty)
        }
    }

    @Test("a certificate that is not trusted gets neither password nor message")
    func untrusted() async throws {
        try await MailSink.with { sink in
            let courier = courier(sink.port, .startTLS, user: MailSink.user)
            let detail = failure(await courier.deliver(try PageFixture.page(to: ana)))
            #expect(detail.contains("certificate"), "\(detail)")
            #expect(sink.signIns == 0 && sink.letters.isEmpty)
        }
    }

    @Test(
        "a certificate for another name gets neither password nor message",
        arguments: [MailSink.Security.startTLS, .implicit])
    func otherName(security: MailSink.Security) async throws {
        try await MailSink.with(security, certified: "other.test") { sink in
            let courier = courier(
                sink.port, security == .startTLS ? .startTLS : .implicit, user: MailSink.user,
                trusting: sink.certificate)
            let detail = failure(await courier.deliver(try PageFixture.page(to: ana)))
            #expect(detail.contains("certificate"), "\(detail)")
            #expect(sink.signIns == 0 && sink.letters.isEmpty)
        }
    }

    @Test(
        "a server that is named by its address is compared with the address in its certificate",
        arguments: [true, false])
    func byAddress(isRight: Bool) async throws {
        try await MailSink.with(certified: isRight ? "127.0.0.1" : "127.0.0.2") { sink in
            let courier = courier(
                sink.port, .startTLS, host: "127.0.0.1", user: MailSink.user, trusting: sink.certificate)
            let answer = await courier.deliver(try PageFixture.page(to: ana))
            if isRight {
                #expect(sink.letters.count == 1, "\(answer)")
            } else {
                #expect(failure(answer).contains("certificate"))
                #expect(sink.signIns == 0 && sink.letters.isEmpty)
            }
        }
    }

    @Test("a sender's name in any alphabet arrives in ASCII, as the same name")
    func senderName() async throws {
        try await MailSink.with { sink in
            let courier = courier(
                sink.port, .startTLS, user: MailSink.user, from: "Équipe d'astreinte, été <pager@shop.example>",
                trusting: sink.certificate)
            guard case .accepted = await courier.deliver(try PageFixture.page(to: ana)) else {
                Issue.record("not accepted")
                return
            }
            let letter = try #require(sink.letters.first)
            #expect(MailRules.complaints(letter) == [])
            let read = try PythonJudge().run(
                """
                import email, email.policy
                message = email.message_from_string(open("letter", newline="").read(), policy=email.policy.default)
                sender = message["From"].addresses[0]
                print(sender.display_name + "|" + sender.addr_spec)
                """, files: ["letter": letter.text])
            #expect(read == "Équipe d'astreinte, été|pager@shop.example\n")
        }
    }

    // MARK: TLS or nothing

    @Test("a server without STARTTLS gets nothing, even if it asks for a password")
    func noTLS() async throws {
        try await ScriptedMailServer.with({ ScriptedMailServer.usual($0, offers: ["AUTH PLAIN LOGIN"]) }) { server in
            let courier = courier(server.port, .startTLS, user: "pager")
            let detail = refusal(await courier.deliver(try PageFixture.page(to: ana)))
            #expect(detail.contains("no STARTTLS"), "\(detail)")
            #expect(!server.lines.contains { $0.hasPrefix("AUTH") || $0.hasPrefix("MAIL") })
        }
    }

    @Test("a password is not sent without TLS")
    func noPlainPassword() async throws {
        try await ScriptedMailServer.with({ ScriptedMailServer.usual($0, offers: ["AUTH PLAIN LOGIN"]) }) { server in
            let courier = courier(server.port, .none, user: "pager")
            let detail = refusal(await courier.deliver(try PageFixture.page(to: ana)))
            #expect(detail.contains("not sent without TLS"), "\(detail)")
            #expect(!server.lines.contains { $0.hasPrefix("AUTH") || $0.hasPrefix("MAIL") })
        }
    }

    @Test("what somebody puts behind the answer to STARTTLS is not believed")
    func injection() async throws {
        try await ScriptedMailServer.with { line in
            line == "STARTTLS"
                ? .say("220 go ahead\r\n250 injected\r\n")
                : ScriptedMailServer.usual(line, offers: ["STARTTLS"])
        } _: { server in
            let detail = failure(await courier(server.port, .startTLS).deliver(try PageFixture.page(to: ana)))
            #expect(detail.contains("said more"), "\(detail)")
        }
    }

    // MARK: The conversation

    @Test(
        "a relay is told who, to whom and what, in order, with the size where it asks for it", arguments: [true, false])
    func conversation(asksForSize: Bool) async throws {
        try await ScriptedMailServer.with({
            ScriptedMailServer.usual($0, offers: asksForSize ? ["SIZE 10240000"] : [])
        }) { server in
            let page = try PageFixture.page(to: ana)
            #expect(await courier(server.port).deliver(page) == .accepted(reference: "<\(page.key)@shop.example>"))
            let commands = server.lines.filter { line in
                ["EHLO", "MAIL", "RCPT", "DATA"].contains { line.hasPrefix($0) }
            }
            #expect(commands.count == 4)
            #expect(
                commands.first == "EHLO shop.example" && commands.dropFirst(2).first == "RCPT TO:<ana@shop.example>")
            let mail = commands.dropFirst().first ?? ""
            #expect(mail.hasPrefix("MAIL FROM:<pager@shop.example>") && mail.contains(" SIZE=") == asksForSize)
        }
    }

    @Test("replies in many lines, one byte at a time, and 251 are understood")
    func lines() async throws {
        try await ScriptedMailServer.with { line in
            switch line.prefix(4) {
            case "": .dribble("220-first\r\n220-second\r\n220 third\r\n")
            case "RCPT": .say("251 user not local; will forward\r\n")
            case ".": .dribble("250-2.0.0 queued\r\n250\r\n")
            default: ScriptedMailServer.usual(line)
            }
        } _: { server in
            guard case .accepted = await courier(server.port).deliver(try PageFixture.page(to: ana)) else {
                Issue.record("not accepted")
                return
            }
        }
    }

    @Test(
        "4yz is tried again and 5yz is not, whatever it answers",
        arguments: ["", "EHLO", "MAIL", "RCPT", "DATA", "."], [421, 450, 500, 554])
    func codes(command: String, code: Int) async throws {
        try await ScriptedMailServer.with { line in
            line.prefix(4) == command ? .say("\(code) no\r\n") : ScriptedMailServer.usual(line)
        } _: { server in
            let answer = await courier(server.port).deliver(try PageFixture.page(to: ana))
            let detail = code < 500 ? failure(answer) : refusal(answer)
            #expect(detail.contains("\(code) no"), "\(detail)")
        }
    }

    @Test(
        "what is no reply, or one out of turn, is tried again",
        arguments: [
            "25O fine\r\n", "250_fine\r\n", "250-one\r\n251 two\r\n", "99 x\r\n", "\r\n", "354 go ahead\r\n",
            "250 " + String(repeating: "x", count: 5000) + "\r\n", String(repeating: "x", count: 9000),
            String(repeating: "250-x\r\n", count: 200),
        ])
    func nonsense(reply: String) async throws {
        try await ScriptedMailServer.with { line in
            line.hasPrefix("MAIL") ? .say(reply) : ScriptedMailServer.usual(line)
        } _: { server in
            let detail = failure(await courier(server.port).deliver(try PageFixture.page(to: ana)))
            #expect(detail.contains("answered MAIL with"), "\(detail)")
        }
    }

    @Test("each command has its time", arguments: ["", "EHLO", "MAIL", "RCPT", "DATA", "."])
    func silence(command: String) async throws {
        try await ScriptedMailServer.with { line in
            line.prefix(4) == command ? .silence : ScriptedMailServer.usual(line)
        } _: { server in
            let patience = MailPatience(command: .milliseconds(400), message: .milliseconds(400))
            let detail = failure(await courier(server.port, patience: patience).deliver(try PageFixture.page(to: ana)))
            #expect(detail.contains("did not answer"), "\(detail)")
        }
    }

    @Test("a server that answers each command late takes no longer than the whole may take")
    func whole() async throws {
        try await ScriptedMailServer.with { _ in
            .silence
        } _: { server in
            let patience = MailPatience(command: .seconds(600), whole: .milliseconds(300))
            let detail = failure(await courier(server.port, patience: patience).deliver(try PageFixture.page(to: ana)))
            #expect(detail.contains("did not take the message"), "\(detail)")
        }
    }

    @Test(
        "a connection that ends after a command is tried again", arguments: ["", "EHLO", "MAIL", "RCPT", "DATA", "."])
    func hangsUp(command: String) async throws {
        try await ScriptedMailServer.with { line in
            line.prefix(4) == command ? .hangUp : ScriptedMailServer.usual(line)
        } _: { server in
            _ = failure(await courier(server.port).deliver(try PageFixture.page(to: ana)))
        }
    }

    @Test("whatever a server says, there is an answer, and none that was not given", arguments: 1...60)
    func anything(seed: UInt64) async throws {
        let pieces = [
            "220", "250", "354", "451", "550", "421", "-", " ", "\r\n", "\n", "x", "\u{0}", "é", "STARTTLS", "SIZE",
            "AUTH PLAIN", "220 a\r\n", "250 b\r\n", "250-c\r\n", "354 d\r\n", "999 e\r\n",
        ]
        try await ScriptedMailServer.with { line in
            var generator = SeededGenerator(seed: seed &* 1000 &+ UInt64(line.utf8.count))
            // Half of the answers are right, so that every state is reached.
            if Bool.random(using: &generator) { return ScriptedMailServer.usual(line) }
            return .end((0..<8).map { _ in pieces.randomElement(using: &generator) ?? "" }.joined())
        } _: { server in
            let answer = await courier(server.port).deliver(try PageFixture.page(to: ana))
            if case .accepted = answer { #expect(server.lines.contains("."), "\(answer)") }
        }
    }

    @Test(
        "a dot that begins a line is doubled, and one alone ends the message",
        arguments: [
            ("a\r\n", "a\r\n.\r\n"), (".\r\n", "..\r\n.\r\n"), ("..a\r\nb.\r\n.c\r\n", "...a\r\nb.\r\n..c\r\n.\r\n"),
            ("no end", "no end\r\n.\r\n"), ("", ".\r\n"), ("\r\n.\r\n", "\r\n..\r\n.\r\n"),
        ])
    func dots(text: String, expected: String) {
        #expect(String(decoding: MailData.bytes(text), as: UTF8.self) == expected)
    }

    // MARK: Addresses

    @Test(
        "an address that would say more than an address is refused before anything is sent",
        arguments: [
            "ana", "ana@", "@shop.example", "ana@shop.example>\r\nRCPT TO:<eve@evil.example", "a na@shop.example",
            "élise@shop.example", "<ana@shop.example", "",
        ])
    func addresses(address: String) async throws {
        try await ScriptedMailServer.with({ ScriptedMailServer.usual($0) }) { server in
            var page = try PageFixture.page(to: ana)
            page.contact = Contact(.email, address)
            #expect(refusal(await courier(server.port).deliver(page)).contains("no address"))
            #expect(server.lines.isEmpty)
        }
    }

    @Test("what is said about one incident is one conversation, each message with its own identity")
    func conversationOfMessages() async throws {
        try await MailSink.with { sink in
            let courier = courier(sink.port, .startTLS, user: MailSink.user, trusting: sink.certificate)
            for page in try PageFixture.pages(to: ana) { _ = await courier.deliver(page) }
            let letters = sink.letters
            #expect(letters.count == 2)
            #expect(Set(letters.map { $0.header("References") }).count == 1)
            #expect(Set(letters.map { $0.header("Message-ID") }).count == 2)
        }
    }
}
