import FrontDoor
import Glibc
import Testing

/// What the front door answers in a service's stead: maintenance, and pages for people.
@Suite("Answers of its own", .timeLimit(.minutes(3)))
struct OwnAnswerTests {
    private static let token = "0123456789abcdef0123456789abcdef"
    private static let browser = "Accept: text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8\r\n"

    private static func maintenance(until: Int? = nil, message: String? = nil, page: String? = nil)
        -> FrontDoorConfiguration.Maintenance
    {
        .init(since: time(nil), until: until, message: message, token: token, page: page)
    }

    /// A front door before `api` (`/api`) and `web` (everything else), with a listener of its own for `api`.
    private static func with(
        _ change: (inout FrontDoorConfiguration) -> Void, _ body: (FrontDoor, RawClient) async throws -> Void
    ) async throws {
        let service = try await TestService.start()
        var configuration = DoorFixture.configuration(
            1,
            [
                "api": DoorFixture.service("r1", service.port), "web": DoorFixture.service("r1", service.port),
                "gone": .init(releases: []),
            ],
            routes: [
                .init(path: "/api", service: "api"), .init(service: "web"), .init(path: "/gone", service: "gone"),
            ])
        configuration.listeners.append(.init(name: "api", host: "127.0.0.1", port: 0, scope: .service("api")))
        change(&configuration)
        let door = try await FrontDoor.start(configuration, threads: 2)
        let client = try await RawClient.connect(await door.configuration.listeners[0].port)
        do {
            try await body(door, client)
            await door.stop(deadline: .milliseconds(100))
        } catch {
            await door.stop(deadline: .milliseconds(100))
            throw error
        }
        await service.kill()
    }

    @Test("maintenance answers programs JSON and people a page in their language, on every route")
    func maintenance() async throws {
        try await Self.with({ $0.maintenance = Self.maintenance(until: time(nil) + 3_600) }) { door, client in
            let json = try await client.get("/api/orders")
            #expect(json.status == 503)
            #expect(json["content-type"] == "application/json")
            #expect(json["x-hauban-reason"] == "maintenance")
            #expect((3_400...3_600).contains(Int(json["retry-after"] ?? "") ?? 0))
            #expect(json.body.contains("\"until\":\"20"))
            let english = try await client.get("/", headers: Self.browser)
            #expect(english.status == 503)
            #expect(english["content-type"] == "text/html; charset=utf-8")
            #expect(english["cache-control"] == "no-store")
            #expect(english["vary"] == "Accept, Accept-Language")
            #expect(english.body.contains("<html lang=\"en\">") && english.body.contains("<h1>Back soon</h1>"))
            let french = try await client.get("/", headers: Self.browser + "Accept-Language: fr-CH, en;q=0.8\r\n")
            #expect(french["content-language"] == "fr")
            #expect(french.body.contains("<h1>De retour bientôt</h1>"))
            #expect(try await client.get("/nowhere", headers: Self.browser).status == 503, "without a route too")
            let head = try await client.get("/", headers: Self.browser, method: "HEAD")
            #expect(head.status == 503 && head.body.isEmpty)
            #expect(await door.signals().refused["maintenance"] == 5)
            #expect(await door.signals().releases.allSatisfy { $0.requests == 0 }, "no release is judged by it")
        }
    }

    @Test("the maintenance of a service leaves the others and its own listener alone")
    func oneService() async throws {
        try await Self.with({ $0.services["api"]?.maintenance = Self.maintenance() }) { door, client in
            #expect(try await client.get("/api").status == 503)
            #expect(try await client.get("/api")["retry-after"] == "300")
            #expect(try await client.get("/").status == 200)
            let inner = try await RawClient.connect(await door.configuration.listeners[1].port)
            #expect(try await inner.get("/").status == 200, "services still reach each other")
        }
    }

    @Test("the token passes in a field or a cookie, and the link gives the cookie")
    func bypass() async throws {
        try await Self.with({ $0.maintenance = Self.maintenance() }) { _, client in
            #expect(try await client.get("/", headers: "X-Hauban-Bypass: \(Self.token)\r\n").status == 200)
            #expect(try await client.get("/", headers: "X-Hauban-Bypass: \(Self.token)0\r\n").status == 503)
            #expect(
                try await client.get("/", headers: "Cookie: a=b; hauban-bypass=\(Self.token); c=d\r\n").status == 200)
            #expect(try await client.get("/", headers: "Cookie: hauban-bypass=\r\n").status == 503)
            #expect(try await client.get("/", headers: "Cookie: xhauban-bypass=\(Self.token)\r\n").status == 503)
            let link = try await client.get("/.well-known/hauban/bypass/\(Self.token)")
            #expect(link.status == 303)
            #expect(link["location"] == "/")
            let cookie = try #require(link["set-cookie"])
            #expect(cookie.hasPrefix("hauban-bypass=\(Self.token); Path=/;"))
            #expect(cookie.contains("HttpOnly") && cookie.contains("SameSite=Lax"))
            #expect(try await client.get("/.well-known/hauban/bypass/\(String(Self.token.reversed()))").status == 503)
        }
    }

    @Test("the link of one service's maintenance gives the cookie though another service has the path")
    func linkOfService() async throws {
        try await Self.with({ $0.services["api"]?.maintenance = Self.maintenance() }) { _, client in
            let link = try await client.get("/.well-known/hauban/bypass/\(Self.token)")
            #expect(link.status == 303)
            #expect(link["set-cookie"]?.hasPrefix("hauban-bypass=\(Self.token); Path=/;") == true)
            #expect(try await client.get("/api", headers: "Cookie: hauban-bypass=\(Self.token)\r\n").status == 200)
            let wrong = try await client.get("/.well-known/hauban/bypass/\(String(Self.token.reversed()))")
            #expect(wrong.status == 200, "any other path leads where it leads")
        }
    }

    @Test("over HTTP/2 the page comes whole in one answer, and the cookie of the link is for https only")
    func streams() async throws {
        try await HTTP2Tests.with({ $0.maintenance = Self.maintenance() }) { fixture, service, _ in
            let client = try await FrameClient.connect(fixture.port)
            try await client.headers(1, FrameClient.request("/", [("accept", "text/html"), ("accept-language", "fr")]))
            let page = try await client.answer(1)
            #expect(page.status == 503 && page.reset == nil)
            #expect(page["retry-after"] == "300" && page["content-language"] == "fr")
            #expect(page.body.hasSuffix("</html>\n"))
            #expect(Int(page["content-length"] ?? "") == page.body.utf8.count)
            try await client.headers(3, FrameClient.request("/", method: "POST"), ends: false)
            try await client.data(3, "half of it", ends: false)
            let json = try await client.answer(3)
            #expect(json.status == 503 && json["content-type"] == "application/json")
            var after = try await client.next()
            while after.type == FrameClient.Frame.windowUpdate { after = try await client.next() }
            #expect(after.type == FrameClient.Frame.reset && after.stream == 3 && after.code == 0, "\(after)")
            try await client.headers(5, FrameClient.request("/.well-known/hauban/bypass/\(Self.token)"))
            let link = try await client.answer(5)
            #expect(link.status == 303 && link.body.isEmpty)
            #expect(link["set-cookie"]?.hasSuffix("; Secure") == true)
            // Cookies may come in crumbs (RFC 9113 §8.2.3).
            try await client.headers(
                7, FrameClient.request("/", [("cookie", "a=1"), ("cookie", "hauban-bypass=\(Self.token)")]))
            #expect(try await client.answer(7).body == "one")
            #expect(service.requests == 1)
            #expect(await fixture.door.signals().refused["maintenance"] == 2)
            await client.close()
        }
    }

    @Test("it ends by itself")
    func expires() async throws {
        try await Self.with({ $0.maintenance = Self.maintenance() }) { door, client in
            #expect(try await client.get("/").status == 503)
            var next = await door.configuration
            next.generation += 1
            next.maintenance = Self.maintenance(until: time(nil) + 1)
            try await door.apply(next)
            try await eventually("it is over") { try await client.get("/").status == 200 }
        }
    }

    @Test("the team's message is shown as text, its page as it is; programs still get JSON")
    func ownWords() async throws {
        try await Self.with({ $0.maintenance = Self.maintenance(message: "Back at <b>9</b> & \"later\"") }) {
            _, client in
            let page = try await client.get("/", headers: Self.browser)
            #expect(page.body.contains("Back at &lt;b&gt;9&lt;/b&gt; &amp; &quot;later&quot;"))
            let json = try await client.get("/")
            #expect(json.body.contains("\"message\":\"Back at <b>9</b> & \\\"later\\\"\""))
        }
        try await Self.with({ $0.maintenance = Self.maintenance(page: "<!doctype html><title>Ours</title>") }) {
            _, client in
            let page = try await client.get("/", headers: Self.browser)
            #expect(page.body == "<!doctype html><title>Ours</title>")
            #expect(page["content-security-policy"] == nil, "the team's page may load what it likes")
            #expect(try await client.get("/")["content-type"] == "application/json")
        }
    }

    @Test(
        "a token that no cookie can hold is refused",
        arguments: ["short", "has space has space", "semi;colon;semi;colon"])
    func token(_ token: String) {
        var configuration = FrontDoorConfiguration(generation: 1)
        configuration.maintenance = .init(since: 0, token: token)
        #expect(configuration.validate().count == 1)
    }

    @Test("a service without a release, or that does not answer, shows people a page and programs JSON")
    func failures() async throws {
        try await Self.with({ _ in }) { _, client in
            let none = try await client.get("/gone", headers: Self.browser)
            #expect(none.status == 503)
            #expect(none["x-hauban-reason"] == "no-release")
            #expect(none["retry-after"] == "1")
            #expect(none.body.contains("Not available right now"))
            #expect(none.body.contains(try #require(none["x-request-id"])), "the id helps who asks for help")
            let closed = try await client.get(
                "/close", headers: Self.browser + "Accept-Language: fr\r\n", method: "POST")
            #expect(closed.status == 502)
            #expect(closed.body.contains("Un problème est survenu"))
            let api = try await client.get("/gone", headers: "Accept: application/json\r\n")
            #expect(api["content-type"] == "application/json")
            let curl = try await client.get("/gone", headers: "Accept: */*\r\n")
            #expect(curl["content-type"] == "application/json")
            #expect(curl["vary"] == "Accept, Accept-Language")
        }
    }

    @Test(
        "who asks for HTML by name, and not less than for JSON, gets a page",
        arguments: [
            ("text/html", true), ("text/html;q=0.9, application/json", false), ("*/*", false), ("", false),
            ("application/json;q=0.5, text/html;q=0.5", true), ("text/html;q=0", false), ("TEXT/HTML ; Q=1", true),
            ("text/html;q=nonsense", false), (String(repeating: ",", count: 3_000), false),
        ])
    func accept(_ field: String, _ wantsPage: Bool) {
        #expect(Wishes(accept: field, acceptLanguage: "").wantsPage == wantsPage)
    }

    @Test(
        "the language is the best one that there is",
        arguments: [
            ("", Wishes.Language.english), ("fr", .french), ("fr-FR,fr;q=0.9,en;q=0.8", .french),
            ("en, fr;q=0.9", .english),
            ("de, fr;q=0.5, en;q=0.1", .french), ("de", .english), ("fr;q=0", .english), ("*", .english),
        ])
    func language(_ field: String, _ language: Wishes.Language) {
        #expect(Wishes(accept: "", acceptLanguage: field).language == language)
    }
}
