import Testing
import World

@Suite("Requests over connections that stay open")
struct HTTPCallerTests {
    private func with(
        limits: HTTPCaller.Limits = .init(),
        _ reply: @escaping @Sendable (StubProvider.Request, Int) -> StubProvider.Reply,
        _ body: (HTTPCaller, StubProvider) async throws -> Void
    ) async throws {
        let caller = HTTPCaller(limits)
        do {
            try await StubProvider.with(reply) { try await body(caller, $0) }
        } catch {
            await caller.close()
            throw error
        }
        await caller.close()
    }

    private func failure(_ body: () async throws -> HTTPRequest.Answer) async -> WorldError? {
        do {
            Issue.record("answered: \(try await body())")
            return nil
        } catch {
            return error as? WorldError
        }
    }

    @Test("one connection carries request after request, and fields come back")
    func pooled() async throws {
        try await with { _, number in
            .http(200, fields: ["Retry-After": "\(number)"], "number \(number)")
        } _: { caller, stub in
            for number in 1...20 {
                let request = HTTPRequest(method: "POST", url: stub.url + "/x", body: "hello")
                let answer = try await caller.send(request, within: .seconds(60))
                #expect(answer.status == 200 && answer.body == "number \(number)")
                #expect(answer.fields["retry-after"] == "\(number)")
            }
            #expect(stub.connections == 1)
            #expect(stub.requests.allSatisfy { $0.body == "hello" })
        }
    }

    @Test("a single request still works by itself")
    func single() async throws {
        try await StubProvider.with { _, _ in
            .http(418, "teapot")
        } _: { stub in
            let answer = try await HTTPRequest(url: stub.url).send(within: .seconds(60))
            #expect(answer.status == 418 && answer.body == "teapot")
        }
    }

    @Test("a redirect is an answer")
    func redirect() async throws {
        try await with({ _, _ in .http(302, fields: ["Location": "/elsewhere"]) }) { caller, stub in
            let answer = try await caller.send(HTTPRequest(url: stub.url), within: .seconds(60))
            #expect(answer.status == 302)
            #expect(stub.requests.count == 1)
        }
    }

    @Test("of a long answer only the beginning is kept")
    func long() async throws {
        try await with(limits: .init(answerBytes: 1000), { _, _ in .http(200, String(repeating: "x", count: 1 << 20)) })
        {
            caller, stub in
            let answer = try await caller.send(HTTPRequest(url: stub.url), within: .seconds(60))
            #expect(answer.status == 200 && answer.body.utf8.count == 1000)
            // The next request is not disturbed by what was left.
            let next = try await caller.send(HTTPRequest(url: stub.url), within: .seconds(60))
            #expect(next.status == 200)
        }
    }

    @Test("an answer that never begins, or never ends, is late", arguments: [true, false])
    func late(begins: Bool) async throws {
        try await with({ _, _ in begins ? .endless : .silence }) { caller, stub in
            let error = await failure {
                try await caller.send(HTTPRequest(url: stub.url + "/secret?key=1"), within: .milliseconds(300))
            }
            #expect(error?.code == "timed-out" && error?.operation == "GET \(stub.url)")
        }
    }

    @Test("what went wrong is said in few words, without the address's path")
    func wrong() async throws {
        try await with({ _, _ in .silence }) { caller, stub in
            await stub.stop()
            let error = await failure {
                try await caller.send(HTTPRequest(url: stub.url + "/secret"), within: .seconds(60))
            }
            #expect(error?.code == "request-failed" && error?.underlying == "connection refused")
            #expect("\(error.map { "\($0)" } ?? "")".contains("secret") == false)
        }
    }

    @Test(
        "a connection that ends when it is used again is a failure: whoever asks decides, and writes down, what comes twice"
    )
    func staleConnection() async throws {
        try await with({ _, number in number == 2 ? .hangUp : .http(200) }) { caller, stub in
            let request = HTTPRequest(method: "POST", url: stub.url, body: "x")
            _ = try await caller.send(request, within: .seconds(60))
            let error = await failure { try await caller.send(request, within: .seconds(60)) }
            #expect(error?.code == "request-failed" && stub.requests.count == 2)
        }
    }

    @Test("a field that cannot be sent is not repeated")
    func badField() async throws {
        try await with({ _, _ in .http(200) }) { caller, stub in
            let error = await failure {
                try await caller.send(
                    HTTPRequest(url: stub.url, headers: ["Authorization": "secret\r\nX: y"]), within: .seconds(60))
            }
            #expect("\(error.map { "\($0)" } ?? "")".contains("secret") == false)
            #expect(stub.requests.isEmpty)
        }
    }

    @Test(
        "what the libraries say of a connection is told in few words, without where they were built",
        arguments: [
            (
                "IOError(errnoCode: 111, reason: connection reset (error set): Connection refused) (errno: 111)",
                "connection refused"
            ),
            ("connection reset by peer (errno: 104)", "connection reset by peer"),
            (
                "DNS error: SocketAddressError.UnknownHost: Name or service not known (error -2)",
                "its name is not known"
            ),
            (
                "[Error: 1 error:100000f7:SSL routines:OPENSSL_internal:WRONG_VERSION_NUMBER at /x/y.cc:127]",
                "TLS cannot begin: WRONG_VERSION_NUMBER"
            ),
            ("SSL routines:OPENSSL_internal:CERTIFICATE_VERIFY_FAILED at /x/y.cc:1]", "its certificate is not trusted"),
            ("something else", "something else"),
        ])
    func words(text: String, expected: String) { #expect(HTTPCaller.words(connection: text) == expected) }

    @Test("of an address, scheme, host and port are told")
    func servers() {
        #expect(
            HTTPCaller.server(of: "https://user:password@api.example:8443/path?key=1") == "https://api.example:8443")
        #expect(HTTPCaller.server(of: "https://api.example?key=1") == "https://api.example")
        #expect(HTTPCaller.server(of: "api.example/secret") == "an address without a scheme")
    }
}
