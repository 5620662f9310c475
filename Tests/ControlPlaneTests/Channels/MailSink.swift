import FoundationEssentials
import Glibc
import TestKit
import Testing
import World

/// A real mail server (aiosmtpd), with a certificate made for it, that keeps what it is given.
struct MailSink: Sendable {
    struct Letter: Sendable {
        var sender: String
        var recipients: [String]
        /// As it arrived, dots undone.
        var text: String
        var isEncrypted: Bool
        var user: String?
        var mechanism: String?

        /// The value of a header's line.
        func header(_ name: String) -> String? {
            text.split(separator: "\r\n", omittingEmptySubsequences: false).prefix { !$0.isEmpty }
                .first { $0.lowercased().hasPrefix(name.lowercased() + ": ") }
                .map { String($0.dropFirst(name.count + 2)) }
        }
    }

    struct Failed: Error, CustomStringConvertible {
        var description: String
    }

    enum Security: String {
        case startTLS, implicit
    }

    static let user = "pager"
    static let password = "correct-horse-battery"

    let folder: TemporaryFolder
    let port: Int
    private let record: ProcessRecord

    /// Certificate authority and server in one: signed by itself.
    var certificate: String { folder.path + "/server.pem" }

    /// - Parameters:
    ///   - without: a mechanism of AUTH that is not offered.
    ///   - certified: the name in its certificate.
    static func start(
        _ security: Security = .startTLS, without: String = "", certified: String = "localhost"
    ) async throws -> MailSink {
        guard let python = ProcessInfo.processInfo.environment["HAUBAN_TEST_PYTHON"] else {
            throw Failed(description: "HAUBAN_TEST_PYTHON is not set: run `make test`")
        }
        let folder = TemporaryFolder()
        let kind = certified.allSatisfy { $0.isNumber || $0 == "." } ? "IP" : "DNS"
        let made = try await RealServer.run(
            [
                "openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes",
                "-subj",
                "/CN=\(certified)", "-addext", "subjectAltName=\(kind):\(certified)", "-days", "2", "-keyout",
                folder.path + "/server.key", "-out", folder.path + "/server.pem",
            ], in: folder.path)
        try #require(made.status.isSuccess, "\(made)")
        try folder.write("sink.py", script)
        let record = try ChildProcess(
            command: [python, "sink.py", security.rawValue, without], environment: RealServer.environment,
            workingDirectory: folder.path, standardOutput: folder.path + "/sink.log",
            standardError: folder.path + "/sink.log"
        ).launch()
        let end = ContinuousClock.now + .seconds(90)
        while ContinuousClock.now < end, record.isAlive {
            if let port = Int(folder.read("port")) { return MailSink(folder: folder, port: port, record: record) }
            try await Task.sleep(for: .milliseconds(20))
        }
        kill(record.pid, SIGKILL)
        _ = await ProcessExit.wait(for: record, timeout: .seconds(60))
        throw Failed(description: "the mail server does not start: \(folder.read("sink.log"))")
    }

    func stop() async {
        kill(record.pid, SIGKILL)
        _ = await ProcessExit.wait(for: record, timeout: .seconds(60))
    }

    static func with(
        _ security: Security = .startTLS, without: String = "", certified: String = "localhost",
        _ body: (MailSink) async throws -> Void
    ) async throws {
        let sink = try await start(security, without: without, certified: certified)
        do {
            try await body(sink)
        } catch {
            await sink.stop()
            throw error
        }
        await sink.stop()
    }

    /// What was taken, in order.
    var letters: [Letter] {
        folder.read("letters").split(separator: "\n").compactMap { line in
            guard let value = JSONValue(parsing: Array(line.utf8)), let text = value["text"]?.string else { return nil }
            var recipients: [String] = []
            if case .array(let list)? = value["to"] { recipients = list.compactMap(\.string) }
            return Letter(
                sender: value["from"]?.string ?? "", recipients: recipients, text: text,
                isEncrypted: value["tls"] == .bool(true), user: value["user"]?.string,
                mechanism: value["mechanism"]?.string)
        }
    }

    /// Each attempt to sign in: the mechanism.
    var signIns: Int { folder.read("signins").split(separator: "\n").count }

    /// `refuse@…` and `defer@…` are answered so; a wrong password is answered with itself.
    private static let script = """
        import asyncio, json, os, ssl, sys
        from aiosmtpd.smtp import SMTP, AuthResult, LoginPassword

        security, without = sys.argv[1], sys.argv[2]
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain("server.pem", "server.key")

        class Handler:
            async def handle_RCPT(self, server, session, envelope, address, options):
                if address.startswith("refuse@"):
                    return "550 5.1.1 no such mailbox"
                if address.startswith("defer@"):
                    return "451 4.7.1 greylisted, come back later"
                envelope.rcpt_tos.append(address)
                return "250 OK"

            async def handle_DATA(self, server, session, envelope):
                login = session.auth_data
                with open("letters", "a") as file:
                    file.write(json.dumps({
                        "from": envelope.mail_from, "to": envelope.rcpt_tos,
                        "text": envelope.original_content.decode(), "tls": session.ssl is not None or security == "implicit",
                        "user": login.login.decode() if login else None,
                        "mechanism": getattr(session, "mechanism", None)}) + "\\n")
                    file.flush()
                return "250 2.0.0 queued as 4Xyz"

        def authenticate(server, session, envelope, mechanism, data):
            with open("signins", "a") as file:
                file.write(mechanism + "\\n")
            session.mechanism = mechanism
            if isinstance(data, LoginPassword) and data.login == b"pager" and data.password == b"correct-horse-battery":
                return AuthResult(success=True, auth_data=data)
            return AuthResult(success=False, handled=False, message="535 5.7.8 wrong: " + data.password.decode())

        def session():
            return SMTP(
                Handler(), hostname="sink.test", enable_SMTPUTF8=False, loop=asyncio.get_running_loop(),
                tls_context=context if security == "startTLS" else None, require_starttls=security == "startTLS",
                auth_require_tls=security == "startTLS", auth_required=True, authenticator=authenticate,
                auth_exclude_mechanism=[without] if without else None)

        async def main():
            server = await asyncio.get_running_loop().create_server(
                session, "127.0.0.1", 0, ssl=context if security == "implicit" else None)
            with open("port.new", "w") as file:
                file.write(str(server.sockets[0].getsockname()[1]))
            os.rename("port.new", "port")
            await server.serve_forever()

        asyncio.run(main())
        """
}
