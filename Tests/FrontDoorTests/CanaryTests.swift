import FoundationEssentials
import FrontDoor
import Glibc
import Testing

/// A service of which a new release takes a share.
@Suite("A canary")
struct CanaryTests {
    private typealias Sides = FrontDoorConfiguration.Sides

    private static let given = Sides.cookie("hauban-ticket", issuedSeconds: 3_600)

    /// `r1` keeps what `r2` does not take.
    private static func service(
        _ old: TestService, _ new: TestService, percent: Int, _ by: Sides = given
    ) -> FrontDoorConfiguration.Service {
        .init(
            releases: [
                DoorFixture.target("r1", weight: 100 - percent, [old.port]),
                DoorFixture.target("r2", weight: percent, [new.port]),
            ], canary: .init(release: "r2", by: by, force: "X-Canary"))
    }

    private static func with(_ body: (TestService, TestService) async throws -> Void) async throws {
        let old = try await TestService.start("old")
        let new = try await TestService.start("new")
        do {
            try await body(old, new)
        } catch {
            await old.kill()
            await new.kill()
            throw error
        }
        await old.kill()
        await new.kill()
    }

    /// `name=value` of an answer's Set-Cookie.
    private static func pair(_ response: RawClient.Response) -> String? {
        response["set-cookie"]?.split(separator: ";").first.map(String.init)
    }

    @Test("keeps each client on its side by a cookie, and a growing share gives nobody back")
    func cookie() async throws {
        try await Self.with { old, new in
            try await DoorFixture.with(["api": Self.service(old, new, percent: 10)]) { fixture in
                let client = try await fixture.client()
                var cookies: [String] = []
                var isNew: Set<String> = []
                for _ in 0..<300 {
                    let answer = try await client.get("/")
                    let cookie = try #require(Self.pair(answer))
                    cookies.append(cookie)
                    if answer.body == "new" { isNew.insert(cookie) }
                }
                #expect(Set(cookies).count == 300)
                #expect((27...33).contains(isNew.count), "\(isNew.count) of 300 at 10 %")
                for (step, percent) in [10, 25, 50, 99].enumerated() {
                    let service = Self.service(old, new, percent: percent)
                    try await fixture.door.apply(DoorFixture.configuration(step + 2, ["api": service]))
                    var next: Set<String> = []
                    for cookie in cookies {
                        let answer = try await client.get("/", headers: "Cookie: a=1; \(cookie);b=2\r\n")
                        #expect(answer["set-cookie"] == nil)
                        if answer.body == "new" { next.insert(cookie) }
                    }
                    #expect(isNew.isSubset(of: next))
                    #expect(abs(next.count - 3 * percent) <= 4, "\(next.count) of 300 at \(percent) %")
                    isNew = next
                }
            }
        }
    }

    @Test("gives a cookie that scripts cannot read and other sites do not send, and passes it on to the service")
    func attributes() async throws {
        try await Self.with { old, new in
            try await DoorFixture.with(["api": Self.service(old, new, percent: 50)]) { fixture in
                let client = try await fixture.client()
                let answer = try await client.get("/")
                let line = try #require(answer["set-cookie"])
                let cookie = try #require(Self.pair(answer))
                #expect(line == "\(cookie); Path=/; Max-Age=3600; HttpOnly; SameSite=Lax")
                #expect(cookie.hasPrefix("hauban-ticket=") && cookie.count == 30)
                _ = try await client.get("/", headers: "Cookie: \(cookie)\r\n")
                #expect((old.seen + new.seen).last?.header("Cookie") == cookie)
                let other = try await client.get("/", headers: "Cookie: hauban-ticket=mine\r\n")
                #expect(other["set-cookie"] != nil, "what is no ticket is replaced")
            }
        }
    }

    @Test("marks the cookie Secure when a trusted proxy says that the client came over TLS")
    func secure() async throws {
        try await Self.with { old, new in
            var configuration = DoorFixture.configuration(1, ["api": Self.service(old, new, percent: 50)])
            configuration.listeners[0].trustsForwarded = true
            let door = try await FrontDoor.start(configuration, threads: 1)
            let client = try await RawClient.connect(await door.configuration.listeners[0].port)
            let answer = try await client.get("/", headers: "X-Forwarded-Proto: https\r\n")
            #expect(answer["set-cookie"]?.hasSuffix("; SameSite=Lax; Secure") == true)
            #expect(try await client.get("/")["set-cookie"]?.hasSuffix("Lax") == true)
            await door.stop(deadline: .milliseconds(100))
        }
    }

    @Test("binds by failed answers too, by none that shared caches keep")
    func unbound() async throws {
        let service = try await ScriptedService.start { head, _ in
            let cached = head.contains("/cached") ? "Cache-Control: max-age=60, Public\r\n" : ""
            return [.send("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\(cached)\r\nok")]
        }
        try await Self.with { old, _ in
            let both = FrontDoorConfiguration.Service(
                releases: [DoorFixture.target("r1", [old.port]), DoorFixture.target("r2", [service.port])],
                canary: .init(release: "r2", by: Self.given, force: "X-Canary"))
            try await DoorFixture.with(["api": both]) { fixture in
                let client = try await fixture.client()
                var cached = 0
                for _ in 0..<20 {
                    let answer = try await client.get("/cached")
                    if answer.body == "ok" {
                        cached += 1
                        #expect(answer["set-cookie"] == nil)
                    }
                    let failed = try await client.get("/status/503")
                    #expect(failed["set-cookie"] != nil)
                }
                #expect(cached > 5)
                for wish in ["always", "never"] {
                    let forced = try await client.get("/", headers: "X-Canary: \(wish)\r\n")
                    #expect(forced["set-cookie"] == nil, "a tester is bound by the header alone")
                }
            }
        }
    }

    @Test("gives no cookie to services that call, and none when one release serves")
    func others() async throws {
        try await Self.with { old, new in
            var configuration = DoorFixture.configuration(1, ["api": Self.service(old, new, percent: 20)])
            configuration.listeners.append(
                .init(name: "service.api", host: "127.0.0.1", port: 0, scope: .service("api")))
            let door = try await FrontDoor.start(configuration, threads: 1)
            let listeners = await door.configuration.listeners
            let caller = try await RawClient.connect(listeners[1].port)
            var sides: [String] = []
            for _ in 0..<50 {
                let answer = try await caller.get("/")
                sides.append(answer.body)
                #expect(answer["set-cookie"] == nil)
            }
            #expect((9...11).contains(sides.count { $0 == "new" }))
            var whole = configuration
            whole.generation = 2
            whole.listeners = listeners
            whole.services["api"] = DoorFixture.service("r2", new.port)
            try await door.apply(whole)
            let client = try await RawClient.connect(listeners[0].port)
            let answer = try await client.get("/")
            #expect(answer.body == "new" && answer["set-cookie"] == nil)
            await door.stop(deadline: .milliseconds(100))
        }
    }

    @Test("lets a tester choose by the header, from the first share on")
    func force() async throws {
        try await Self.with { old, new in
            try await DoorFixture.with(["api": Self.service(old, new, percent: 1, .request)]) { fixture in
                let client = try await fixture.client()
                for _ in 0..<20 {
                    #expect(try await client.get("/", headers: "x-canary: ALWAYS\r\n").body == "new")
                    #expect(try await client.get("/", headers: "X-Canary: never\r\n").body == "old")
                }
                for _ in 0..<99 { _ = try await client.get("/", headers: "X-Canary: perhaps\r\n") }
                #expect((20...22).contains(new.requests), "any other word is no wish")
            }
        }
    }

    @Test("goes by the value of a header or of a cookie of the platform's own", arguments: [true, false])
    func value(_ isHeader: Bool) async throws {
        let by = isHeader ? Sides.header("X-User") : .cookie("session", issuedSeconds: nil)
        func field(_ user: Int) -> String {
            isHeader ? "X-User: user-\(user)\r\n" : "Cookie: theme=dark; session=\"user-\(user)\"\r\n"
        }
        try await Self.with { old, new in
            try await DoorFixture.with(["api": Self.service(old, new, percent: 20, by)]) { fixture in
                let client = try await fixture.client()
                var before: Set<Int> = []
                for (step, percent) in [20, 60].enumerated() {
                    let service = Self.service(old, new, percent: percent, by)
                    try await fixture.door.apply(DoorFixture.configuration(step + 2, ["api": service]))
                    var now: Set<Int> = []
                    for user in 0..<200 {
                        let answer = try await client.get("/", headers: field(user))
                        #expect(answer["set-cookie"] == nil)
                        if answer.body == "new" { now.insert(user) }
                    }
                    #expect(before.isSubset(of: now))
                    #expect(abs(now.count - 2 * percent) < 25, "\(now.count) of 200 at \(percent) %")
                    before = now
                }
                // A front door that was killed and started again knows the clients by the same values.
                let again = DoorFixture.configuration(9, ["api": Self.service(old, new, percent: 60, by)])
                let other = try await FrontDoor.start(again, threads: 1)
                let visitor = try await RawClient.connect(await other.configuration.listeners[0].port)
                for user in 0..<50 {
                    #expect(try await (visitor.get("/", headers: field(user)).body == "new") == before.contains(user))
                }
                await other.stop(deadline: .milliseconds(100))
                let count = new.requests
                for _ in 0..<100 { _ = try await client.get("/") }
                #expect((59...61).contains(new.requests - count), "without the value each request is for itself")
            }
        }
    }

    @Test("meets other clients first with each release")
    func salted() async throws {
        try await Self.with { old, new in
            var first: [Set<Int>] = []
            for release in ["r2", "r3"] {
                let service = FrontDoorConfiguration.Service(
                    releases: [
                        DoorFixture.target("r1", weight: 80, [old.port]),
                        DoorFixture.target(release, weight: 20, [new.port]),
                    ], canary: .init(release: release, by: .header("X-User")))
                try await DoorFixture.with(["api": service]) { fixture in
                    let client = try await fixture.client()
                    var sides: Set<Int> = []
                    for user in 0..<100 where try await client.get("/", headers: "X-User: \(user)\r\n").body == "new" {
                        sides.insert(user)
                    }
                    first.append(sides)
                }
            }
            #expect(first[0] != first[1])
        }
    }

    @Test("of a site keeps a client on the files of one release")
    func site() async throws {
        var template = Array("/tmp/front-door-site-XXXXXX".utf8CString)
        guard let made = mkdtemp(&template) else { throw Unmet(description: "no temporary folder") }
        let folder = String(cString: made)
        defer { removeTree(folder) }
        for release in ["r1", "r2"] {
            mkdir("\(folder)/\(release)", 0o755)
            for file in ["index.html", "app.3f9c2b1a.js"] {
                try SiteTests.write(release, to: "\(folder)/\(release)/\(file)")
            }
        }
        let service = FrontDoorConfiguration.Service(
            releases: ["r1", "r2"].map { .init(release: $0, weight: 50, site: .init(root: "\(folder)/\($0)")) },
            canary: .init(release: "r2", by: Self.given))
        try await DoorFixture.with(["api": service]) { fixture in
            let client = try await fixture.client()
            var seen: Set<String> = []
            for _ in 0..<6 {
                let answer = try await client.get("/")
                let cookie = try #require(Self.pair(answer))
                seen.insert(answer.body)
                let asset = try await client.get("/app.3f9c2b1a.js", headers: "Cookie: \(cookie)\r\n")
                #expect(asset.body == answer.body)
                #expect(try await client.get("/app.3f9c2b1a.js")["set-cookie"] == nil, "it is cached by everybody")
            }
            #expect(seen == ["r1", "r2"])
        }
    }

    @Test("sends everybody to the release that is left when the other has no replica")
    func halves() async throws {
        try await Self.with { old, new in
            var service = Self.service(old, new, percent: 50)
            service.releases[1].upstreams = []
            try await DoorFixture.with(["api": service]) { fixture in
                let client = try await fixture.client()
                for _ in 0..<4 {
                    #expect(try await client.get("/", headers: "X-Canary: always\r\n").body == "old")
                }
                service.releases = [service.releases[1], DoorFixture.target("r2x", [])]
                service.releases[0].upstreams = [.init(port: new.port, replica: "0")]
                try await fixture.door.apply(DoorFixture.configuration(2, ["api": service]))
                #expect(try await client.get("/", headers: "X-Canary: never\r\n").body == "new")
            }
        }
    }

    @Test("is written as JSON in three forms, and checked")
    func json() throws {
        let forms: [(String, Sides)] = [
            (#""request""#, .request), (#"{"header": "X-User"}"#, .header("X-User")),
            (#"{"cookie": "sid"}"#, .cookie("sid", issuedSeconds: nil)),
            (#"{"cookie": "t", "issuedSeconds": 60}"#, .cookie("t", issuedSeconds: 60)),
        ]
        for (text, by) in forms {
            let canary = try JSONDecoder().decode(
                FrontDoorConfiguration.Canary.self, from: Data(#"{"release": "r2", "by": \#(text)}"#.utf8))
            #expect(canary == .init(release: "r2", by: by))
            let again = try JSONDecoder().decode(
                FrontDoorConfiguration.Canary.self, from: try JSONEncoder().encode(canary))
            #expect(again == canary)
        }
        #expect(throws: DecodingError.self) {
            try JSONDecoder().decode(
                FrontDoorConfiguration.Canary.self, from: Data(#"{"release": "r2", "by": "moon"}"#.utf8))
        }
        let wrong = DoorFixture.configuration(
            1,
            [
                "api": .init(
                    releases: [DoorFixture.target("r1", [1])],
                    canary: .init(release: "r2", by: .cookie("a b", issuedSeconds: 0), force: ""))
            ])
        #expect(
            wrong.validate() == [
                "service \"api\": the canary's release \"r2\" is not among the service's releases",
                "service \"api\": the canary's cookie \"a b\" is not a name (RFC 9110 §5.6.2)",
                "service \"api\": the canary's issuedSeconds 0 is not positive",
                "service \"api\": the canary's force \"\" is not a name (RFC 9110 §5.6.2)",
            ])
    }
}
