import FrontDoor
import Glibc
import NIOCore
import Synchronization
import Testing

@Suite("TLS", .timeLimit(.minutes(2)))
struct TLSTests {
    typealias Configuration = FrontDoorConfiguration

    @Test(
        "a service behind TLS 1.3 and 1.2 sees the request as over https, and the client the HSTS field (RFC 6797 §6.1)"
    )
    func served() async throws {
        let folder = try CertificateFolder()
        defer { folder.remove() }
        let pair = try await folder.make("a", for: "a.test")
        let service = try await TestService.start()
        try await DoorFixture.secured(
            [pair], hsts: .init(maxAgeSeconds: 600, includeSubDomains: true, preload: true),
            services: ["api": DoorFixture.service("r1", service.port)]
        ) { fixture in
            for version in [["--tlsv1.3"], ["--tls-max", "1.2"]] {
                let result = try await Tool.run(
                    ["curl", "-sSi", "--http1.1", "--cacert", pair.certificate, "--resolve"]
                        + ["a.test:\(fixture.port):127.0.0.1"] + version + ["https://a.test:\(fixture.port)/x"])
                #expect(result.status == 0, "\(result.errors)")
                #expect(result.output.hasPrefix("HTTP/1.1 200 OK\r\n"))
                let hsts = "\r\nStrict-Transport-Security: max-age=600; includeSubDomains; preload\r\n"
                #expect(result.output.components(separatedBy: hsts).count == 2)
                #expect(result.output.hasSuffix("\r\n\r\none"))
            }
            #expect(service.seen.map { $0.header("X-Forwarded-Proto") } == ["https", "https"])
            #expect(service.seen.last?.header("X-Forwarded-For") == "127.0.0.1")
            let metrics = await fixture.door.metrics()
            #expect(metrics.contains("hauban_tls_handshakes_total{protocol=\"http/1.1\"} 2\n"))
            #expect(metrics.contains("hauban_certificate_days_left{certificate=\"\(pair.certificate)\"} 29\n"))
        }
        await service.kill()
    }

    @Test("a service's own HSTS field stays the only one (RFC 6797 §6.1), and answers over http have none (§7.2)")
    func ownTransportSecurity() async throws {
        let folder = try CertificateFolder()
        defer { folder.remove() }
        let pair = try await folder.make("a", for: "a.test")
        let service = try await ScriptedService.start { _, _ in
            [.send("HTTP/1.1 200 OK\r\nstrict-transport-security: max-age=1\r\nContent-Length: 0\r\n\r\n")]
        }
        try await DoorFixture.secured(
            [pair], hsts: .init(), services: ["api": DoorFixture.service("r1", service.port)]
        ) { fixture in
            let result = try await fixture.curl("/", "-i", "--http1.1", trust: pair.certificate)
            let fields = result.output.lowercased().components(separatedBy: "strict-transport-security:")
            #expect(fields.count == 2)
            #expect(fields.last?.hasPrefix(" max-age=1\r\n") == true)
        }
    }

    @Test("versions before the minimum and suites without forward secrecy are refused (RFC 8996, RFC 9113 §9.2.2)")
    func versions() async throws {
        let folder = try CertificateFolder()
        defer { folder.remove() }
        let pair = try await folder.make("a", for: "a.test")
        func handshake(_ port: Int, _ options: String...) async throws -> Bool {
            let result = try await Tool.run(
                ["openssl", "s_client", "-connect", "127.0.0.1:\(port)", "-servername", "a.test"] + options)
            return result.output.contains("Cipher is TLS_") || result.output.contains("Cipher is ECDHE")
        }
        try await DoorFixture.secured([pair], services: [:]) { (fixture) async throws -> Void in
            #expect(try await handshake(fixture.port, "-tls1_3"))
            #expect(try await handshake(fixture.port, "-tls1_2"))
            #expect(try await !handshake(fixture.port, "-tls1_1", "-cipher", "ALL:@SECLEVEL=0"))
            #expect(try await !handshake(fixture.port, "-tls1_2", "-cipher", "AES128-SHA:AES128-GCM-SHA256"))
            #expect(try await !handshake(fixture.port, "-tls1_2", "-cipher", "ECDHE-ECDSA-AES128-SHA"))
            let offered = try await Tool.run(
                "openssl", "s_client", "-connect", "127.0.0.1:\(fixture.port)", "-alpn", "h2,http/1.1")
            #expect(offered.output.contains("ALPN protocol: h2"))
            try await eventually("failed handshakes are counted") {
                await fixture.door.metrics().contains("hauban_tls_handshake_failures_total 3\n")
            }
        }
        try await DoorFixture.secured([pair], minimum: .v13, services: [:]) { (fixture) async throws -> Void in
            #expect(try await handshake(fixture.port, "-tls1_3"))
            #expect(try await !handshake(fixture.port, "-tls1_2"))
        }
    }

    @Test("a session is resumed (RFC 8446 §2.2)")
    func resumed() async throws {
        let folder = try CertificateFolder()
        defer { folder.remove() }
        let pair = try await folder.make("a", for: "a.test")
        let service = try await TestService.start()
        try await DoorFixture.secured([pair], services: ["api": DoorFixture.service("r1", service.port)]) { fixture in
            let connect = ["openssl", "s_client", "-connect", "127.0.0.1:\(fixture.port)", "-servername", "a.test"]
            let request = "GET / HTTP/1.1\r\nHost: a.test\r\nConnection: close\r\n\r\n"
            let session = folder.path + "/session"
            let first = try await Tool.run(
                connect + ["-sess_out", session, "-ign_eof", "-quiet"], input: request)
            #expect(first.output.contains("200 OK"))
            let second = try await Tool.run(connect + ["-sess_in", session, "-ign_eof"], input: request)
            #expect(second.output.contains("Reused, TLSv1.3"))
        }
        await service.kill()
    }

    @Test("the name that a client asks for chooses: exact, then wildcard, else the first (RFC 6066 §3)")
    func serverName() async throws {
        let folder = try CertificateFolder()
        defer { folder.remove() }
        let first = try await folder.make("first", for: "a.test")
        let wild = try await folder.make("wild", for: "*.b.test")
        let exact = try await folder.make("exact", for: "x.b.test")
        var named = try await folder.make("named", for: "other.test")
        named.names = ["named.test"]
        try await DoorFixture.secured([first, wild, exact, named], services: [:]) { (fixture) async throws -> Void in
            #expect(try await fixture.subject(asking: "a.test") == "subject=CN = first")
            #expect(try await fixture.subject(asking: "www.b.test") == "subject=CN = wild")
            #expect(try await fixture.subject(asking: "X.B.test") == "subject=CN = exact")
            #expect(try await fixture.subject(asking: "deep.www.b.test") == "subject=CN = first")
            #expect(try await fixture.subject(asking: "b.test") == "subject=CN = first")
            #expect(try await fixture.subject(asking: "named.test") == "subject=CN = named")
            #expect(try await fixture.subject(asking: "other.test") == "subject=CN = first")
            #expect(try await fixture.subject(asking: nil) == "subject=CN = first")
        }
    }

    @Test("a changed certificate serves new connections; those that are open go on")
    func reloaded() async throws {
        let folder = try CertificateFolder()
        defer { folder.remove() }
        let pair = try await folder.make("one", for: "a.test")
        let service = try await TestService.start()
        let lines = Mutex<[String]>([])
        try await DoorFixture.secured(
            [pair], services: ["api": DoorFixture.service("r1", service.port)],
            report: { line in lines.withLock { $0.append(line) } }
        ) { fixture in
            let open = try await RawClient.connect(fixture.port, secure: .init(name: "a.test"))
            #expect(try await open.get("/").body == "one")
            #expect(try await fixture.subject(asking: "a.test") == "subject=CN = one")
            try await folder.replace(pair, with: folder.make("two", for: "a.test"))
            try await eventually("the new one is served", within: .seconds(60)) {
                try await fixture.subject(asking: "a.test") == "subject=CN = two"
            }
            #expect(try await open.get("/").body == "one")
            // On a busy machine half of the change may be seen first, and is not taken.
            let taken = lines.withLock { $0.filter { $0.hasPrefix("certificate taken: \(pair.certificate), ") } }
            #expect(taken.count == 1)
            #expect(await fixture.door.metrics().contains("hauban_certificate_reloads_total{result=\"taken\"} 1\n"))
            #expect(await fixture.door.certificates().map(\.state) == [.current])
            await open.close()
        }
        await service.kill()
    }

    @Test("an unsound pair leaves the one before in use, and says so", arguments: ["mismatch", "garbage", "missing"])
    func kept(_ what: String) async throws {
        let folder = try CertificateFolder()
        defer { folder.remove() }
        let pair = try await folder.make("one", for: "a.test")
        let other = try await folder.make("two", for: "a.test")
        let lines = Mutex<[String]>([])
        try await DoorFixture.secured(
            [pair], services: [:], report: { line in lines.withLock { $0.append(line) } }
        ) { fixture in
            switch what {
            case "mismatch": _ = try await Tool.run("cp", other.key, pair.key)
            case "garbage": _ = try await Tool.run("cp", "/etc/hostname", pair.certificate)
            default: _ = try await Tool.run("rm", pair.certificate)
            }
            try await eventually("it is seen", within: .seconds(60)) {
                await fixture.door.certificates().first?.state == .kept
            }
            let status = try #require(await fixture.door.certificates().first)
            let reason =
                switch what {
                case "mismatch": "the key is not the certificate's"
                case "garbage": "it holds no PEM certificate"
                default: "No such file or directory"
                }
            #expect(status.problem?.contains(reason) == true)
            #expect(status.daysLeft == 29)
            #expect(try await fixture.subject(asking: "a.test") == "subject=CN = one")
            let metrics = await fixture.door.metrics()
            #expect(metrics.contains("hauban_certificate_problem{certificate=\"\(pair.certificate)\"} 1\n"))
            #expect(lines.withLock { $0.count == 1 && $0[0].hasSuffix("The one before stays in use.") })
            // And a configuration that comes meanwhile is taken, with the pair that is in use.
            var next = await fixture.door.configuration
            next.generation += 1
            try await fixture.door.apply(next)
            #expect(try await fixture.subject(asking: "a.test") == "subject=CN = one")
        }
    }

    @Test("a configuration whose certificate cannot be used is refused, and nothing changes")
    func refused() async throws {
        let folder = try CertificateFolder()
        defer { folder.remove() }
        let good = try await folder.make("good", for: "a.test")
        let old = try await folder.make("old", for: "a.test", days: -1)
        var mixed = good
        mixed.key = old.key
        var locked = good
        locked.key = "/nonexistent/key.pem"
        try await DoorFixture.secured([good], services: [:]) { (fixture) async throws -> Void in
            for (certificate, says) in [
                (old, "it expired on"), (mixed, "the key is not the certificate's"), (locked, "No such file"),
            ] {
                var next = await fixture.door.configuration
                next.generation += 1
                next.listeners[0].tls?.certificates = [certificate]
                let error = await #expect(throws: FrontDoorError.self) { try await fixture.door.apply(next) }
                #expect(error?.code == .certificateInvalid)
                #expect(error?.underlying.contains(says) == true)
            }
            #expect(await fixture.door.configuration.generation == 1)
            #expect(try await fixture.subject(asking: "a.test") == "subject=CN = good")
        }
    }

    @Test("a process that starts again serves what it can, and takes the certificate once it is sound")
    func startsWithoutCertificate() async throws {
        let folder = try CertificateFolder()
        defer { folder.remove() }
        let service = try await TestService.start()
        let made = try await folder.make("made", for: "a.test")
        var configuration = DoorFixture.configuration(1, ["api": DoorFixture.service("r1", service.port)])
        configuration.listeners.append(.init(name: "secure", host: "127.0.0.1", port: 0, scope: .public))
        configuration.listeners[1].tls = .init(
            certificates: [.init(certificate: folder.path + "/late.pem", key: folder.path + "/late.key")])
        await #expect(throws: FrontDoorError.self) { try await FrontDoor.start(configuration, threads: 1) }
        let door = try await FrontDoor.start(configuration, threads: 1, isRestart: true)
        let listeners = await door.configuration.listeners
        let client = try await RawClient.connect(listeners[0].port)
        #expect(try await client.get("/").body == "one")
        await client.close()
        let fixture = DoorFixture(door: door, port: listeners[1].port)
        #expect(try await !fixture.subject(asking: "a.test").hasPrefix("subject="))
        #expect(await door.certificates().map(\.state) == [.missing])
        _ = try await Tool.run("cp", made.certificate, folder.path + "/late.pem")
        _ = try await Tool.run("cp", made.key, folder.path + "/late.key")
        try await eventually("it is served", within: .seconds(60)) {
            try await fixture.subject(asking: "a.test") == "subject=CN = made"
        }
        await door.stop(deadline: .zero)
        await service.kill()
    }

    @Test("a key that every user can read is warned of")
    func readableKey() async throws {
        let folder = try CertificateFolder()
        defer { folder.remove() }
        let pair = try await folder.make("one", for: "a.test")
        let closed = try CertificatePair.load(certificate: pair.certificate, key: pair.key, now: now())
        #expect(closed.warnings == [])
        _ = try await Tool.run("chmod", "644", pair.key)
        let open = try CertificatePair.load(certificate: pair.certificate, key: pair.key, now: now())
        #expect(open.warnings.count == 1)
        #expect(open.names == ["a.test"])
    }

    @Test("a client that does not end its handshake, or speaks no TLS, is let go of")
    func handshakeDeadline() async throws {
        let folder = try CertificateFolder()
        defer { folder.remove() }
        let pair = try await folder.make("one", for: "a.test")
        try await DoorFixture.secured(
            [pair], services: [:], timeouts: .init(headerReadMilliseconds: 200)
        ) { fixture in
            let silent = try await fixture.client()
            let begun = try await fixture.client()
            // A record of a ClientHello that never comes whole.
            try await begun.send(ByteBuffer(bytes: [0x16, 0x03, 0x01, 0x02, 0x00, 0x01, 0x00]))
            let plain = try await fixture.client()
            try await plain.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n")
            for client in [silent, begun, plain] { try await client.waitForEnd(within: .seconds(60)) }
            #expect(plain.receivedBytes < 100)
            try await eventually("none is held") {
                await fixture.door.metrics().contains("hauban_client_connections 0\n")
            }
        }
    }

    @Test("a listener that was plain speaks TLS from the next connection on; the open one goes on")
    func turned() async throws {
        let folder = try CertificateFolder()
        defer { folder.remove() }
        let pair = try await folder.make("one", for: "a.test")
        let service = try await TestService.start()
        try await DoorFixture.with(["api": DoorFixture.service("r1", service.port)]) { fixture in
            let open = try await fixture.client()
            #expect(try await open.get("/").body == "one")
            var next = await fixture.door.configuration
            next.generation += 1
            next.listeners[0].tls = .init(certificates: [pair])
            try await fixture.door.apply(next)
            #expect(try await fixture.curl("/", trust: pair.certificate).output == "one")
            #expect(try await open.get("/").body == "one")
            await open.close()
        }
        await service.kill()
    }

    @Test("a tunnel passes bytes both ways over TLS")
    func tunnel() async throws {
        let folder = try CertificateFolder()
        defer { folder.remove() }
        let pair = try await folder.make("one", for: "a.test")
        let service = try await ScriptedService.start { _, _ in
            [.send("HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: chat\r\n\r\nhello"), .echo]
        }
        try await DoorFixture.secured([pair], services: ["api": DoorFixture.service("r1", service.port)]) { fixture in
            let client = try await RawClient.connect(fixture.port, secure: .init(name: "a.test"))
            let answer = try await client.get("/", headers: "Connection: Upgrade\r\nUpgrade: chat\r\n")
            #expect(answer.status == 101)
            #expect(try await client.read(5) == "hello")
            try await client.send("ping")
            #expect(try await client.read(4) == "ping")
            await client.close()
        }
    }

    private func now() -> Int { Int(time(nil)) }
}
