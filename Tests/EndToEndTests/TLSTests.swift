import Glibc
import Testing
import World

/// A platform of this machine that is served over TLS, asked by curl and h2load.
@Suite("TLS on this machine", .serialized, .timeLimit(.minutes(10)))
struct TLSTests {
    private static let platform = """
        hauban: 1
        platform: shop
        services:
          api:
            source: api
            run: exec python3 server.py
            port: 8080
            health: {ready: /ready, start: 6s}
            expose: {path: /api}
            smoke: [{get: /api/version}]
            stop: 3s
          site:
            source: site
            site: {output: .}
            expose: {path: /}
            smoke: [{get: /}]
        release: {watch: 1s, requests: 1}
        environments:
          dev:
            target: local
            tls: {issuer: files, certificate: dev.pem, key: dev.key, minimum: "1.3", hsts: 1h}

        """

    @Test("files of a certificate give https on HTTP/2 and TLS 1.3, a redirect, and a change of both without a failure")
    func story() async throws {
        try await PlatformFixture.with { shop in
            try shop.write("hauban.yaml", Self.platform)

            // Nothing is touched while the files are not there, do not belong together, or are over.
            try await refused(shop, "No such file or directory")
            try await certificate(shop, "dev", days: -1)
            try await refused(shop, "it expired on")
            try await certificate(shop, "dev")
            try await certificate(shop, "other")
            let key = try text(shop, "dev.key")
            try shop.write("dev.key", try text(shop, "other.key"))
            try await refused(shop, "the key is not the certificate's")
            try shop.write("dev.key", key)
            #expect(shop.processes().isEmpty, "no process was started")

            let outcome = try await shop.hauban("deploy", "dev", "--port", "0", "--https-port", "0", "--json")
            #expect(outcome.code == 0, "\(outcome.output)\(outcome.errors)")
            #expect(outcome.errors.contains("can be read by every user"), "\(outcome.errors)")
            let address = try #require(outcome.json?["address"]?.string)
            #expect(address.hasPrefix("https://localhost:"))
            let status = try await shop.hauban("status", "dev")
            #expect(status.output.contains(address))
            #expect(status.output.contains("dev.pem for localhost: 29 days left"), "\(status.output)")

            let answer = try await run(shop, "curl", "-sSi", "--cacert", "dev.pem", "--http2", address + "/api/version")
            #expect(answer.output.hasPrefix("HTTP/2 200"), "\(answer.errors)")
            #expect(answer.output.contains("strict-transport-security: max-age=3600"))
            let old = try await run(shop, "curl", "-sS", "--cacert", "dev.pem", "--tls-max", "1.2", address)
            #expect(!old.isSuccess, "TLS 1.2 is refused")
            let site = try await run(shop, "curl", "-sS", "--cacert", "dev.pem", address + "/")
            #expect(site.output.contains("<title>Shop</title>"))
            let plain = try #require(try await listener(shop, "public"))
            let sent = try await run(shop, "curl", "-sSi", "http://127.0.0.1:\(plain)/api/version?x=1")
            #expect(sent.output.hasPrefix("HTTP/1.1 308"))
            let port = address.split(separator: ":").last ?? ""
            #expect(sent.output.contains("Location: https://127.0.0.1:\(port)/api/version?x=1\r\n"))
            #expect(try await shop.hauban("plan", "dev").code == 0, "nothing is left to do")

            let closed = try await shop.hauban("maintenance", "on", "--json")
            let link = try #require(closed.json?["link"]?.string)
            #expect(link.hasPrefix(address + "/.well-known/hauban/bypass/"))
            let passed = try await run(shop, "curl", "-sSi", "--cacert", "dev.pem", "--http2", link)
            #expect(passed.output.hasPrefix("HTTP/2 303"), "\(passed.output)\(passed.errors)")
            #expect(passed.output.contains("; Secure\r\n"))
            #expect(try await shop.hauban("maintenance", "off").code == 0)

            try await replaced(shop, address)

            // Without `tls` the same address is plain again.
            try shop.write(
                "hauban.yaml",
                Self.platform.split(separator: "\n").filter { !$0.contains("tls:") }.joined(separator: "\n"))
            let back = try await shop.hauban("deploy", "dev", "--json")
            #expect(back.code == 0, "\(back.output)\(back.errors)")
            #expect(back.json?["address"]?.string == "http://127.0.0.1:\(plain)")
            let again = try await run(shop, "curl", "-sS", "http://127.0.0.1:\(plain)/api/version")
            #expect(again.output == "1")
        }
    }

    /// Waits until `ask.sh` has had two more answers: one of them was asked for after this call.
    private func answered(_ shop: PlatformFixture) async throws {
        func count() -> Int { (SmallFile.text(shop.root + "/answers.txt") ?? "").split(separator: "\n").count }
        let before = count()
        try await shop.eventually("two more answers") { count() >= before + 2 }
    }

    /// Replaces the certificate while new connections come all the time and while others stay open.
    private func replaced(_ shop: PlatformFixture, _ address: String) async throws {
        try await certificate(shop, "next")
        async let kept = run(shop, "h2load", "-D", "4", "-c", "2", "-m", "4", address + "/api/version")
        // Trusts both, so that only a failure of the change itself counts.
        try shop.write("both.pem", try text(shop, "dev.pem") + (try text(shop, "next.pem")))
        try shop.write(
            "ask.sh",
            """
            while [ ! -e over.txt ] && [ $SECONDS -lt 100 ]; do
                curl -sS -o /dev/null --cacert both.pem -w '%{http_code} %{http_version} %{ssl_verify_result}\\n' "$1" || echo failed
            done >answers.txt
            """)
        async let asked = run(shop, "bash", "ask.sh", address + "/api/version")
        try await answered(shop)
        try shop.write("dev.pem", try text(shop, "next.pem"))
        // Connections are made while certificate and key do not fit.
        try await answered(shop)
        try shop.write("dev.key", try text(shop, "next.key"))
        try await shop.eventually("the new one is served") {
            try await run(shop, "curl", "-sS", "--cacert", "next.pem", address + "/api/version").output == "1"
        }
        try await answered(shop)
        try shop.write("over.txt", "")
        _ = try await asked
        let answers = try text(shop, "answers.txt").split(separator: "\n")
        #expect(Set(answers) == ["200 2 0"], "\(Set(answers))")
        let streams = try await kept.output
        #expect(streams.contains(" 0 failed, 0 errored, 0 timeout"), "\(streams)")
        let log = try await shop.hauban("logs", "dev", "front-door", "--last", "50")
        #expect(log.output.contains("certificate taken"), "\(log.output)")
    }

    // MARK: Steps

    private func refused(_ shop: PlatformFixture, _ why: String) async throws {
        let outcome = try await shop.hauban("deploy", "dev")
        #expect(outcome.code == 1)
        #expect(outcome.errors.contains(why), "\(outcome.errors)")
        #expect(outcome.errors.contains("Nothing was changed."), "\(outcome.errors)")
    }

    private func certificate(_ shop: PlatformFixture, _ name: String, days: Int = 30) async throws {
        let request = try await run(
            shop, "openssl", "req", "-new", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes",
            "-subj",
            "/CN=\(name)", "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1", "-keyout", "\(name).key", "-out",
            "\(name).csr")
        try #require(request.isSuccess, "\(request.errors)")
        let signed = try await run(
            shop, "openssl", "x509", "-req", "-in", "\(name).csr", "-signkey", "\(name).key", "-days", "\(days)",
            "-copy_extensions", "copy", "-out", "\(name).pem")
        try #require(signed.isSuccess, "\(signed.errors)")
    }

    private func text(_ shop: PlatformFixture, _ path: String) throws -> String {
        try #require(SmallFile.text("\(shop.root)/\(path)"))
    }

    private func run(_ shop: PlatformFixture, _ words: String...) async throws -> CommandResult {
        try await CommandRunner.live(
            Command(
                arguments: words, environment: shop.environment, workingDirectory: shop.root, deadline: .seconds(60)))
    }

    private func listener(_ shop: PlatformFixture, _ name: String) async throws -> Int? {
        let found = try await run(
            shop, "bash", "-c", "jq '.listeners[] | select(.name == \"\(name)\").port' state/*/dev/front-door.json")
        return Int(found.output.filter(\.isNumber))
    }
}
