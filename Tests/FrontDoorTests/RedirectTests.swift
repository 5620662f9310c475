import FrontDoor
import Glibc
import Testing

@Suite("Redirect to https")
struct RedirectTests {
    private static func door(
        _ redirect: FrontDoorConfiguration.Redirect?, challenges: String? = nil
    ) async throws -> DoorFixture {
        var configuration = DoorFixture.configuration(1, [:], routes: [])
        configuration.listeners[0].redirect = redirect
        configuration.listeners[0].challenges = challenges
        let door = try await FrontDoor.start(configuration, threads: 1)
        return DoorFixture(door: door, port: await door.configuration.listeners[0].port)
    }

    @Test("every method is sent to the same address by 308, which keeps it (RFC 9110 §15.4.9)")
    func redirected() async throws {
        let fixture = try await Self.door(.init(port: 8443))
        let client = try await fixture.client()
        for method in ["GET", "POST", "DELETE", "HEAD"] {
            let answer = try await client.get("/a/b?c=%20d", host: "Shop.Example:8080", method: method)
            #expect(answer.status == 308)
            #expect(answer["location"] == "https://Shop.Example:8443/a/b?c=%20d")
        }
        let address = try await client.get("/", host: "[::1]:80")
        #expect(address["location"] == "https://[::1]:8443/")
        #expect(await fixture.door.metrics().contains("hauban_redirected_requests_total 5\n"))
        await fixture.door.stop(deadline: .zero)

        let standard = try await Self.door(.init())
        let other = try await standard.client()
        #expect(try await other.get("/x", host: "shop.example")["location"] == "https://shop.example/x")
        // A body that nobody reads ends the connection behind the answer (RFC 9112 §9.6).
        try await other.send("POST /x HTTP/1.1\r\nHost: shop.example\r\nContent-Length: 5\r\n\r\n")
        let posted = try await other.response()
        #expect(posted.status == 308)
        #expect(posted["connection"] == "close")
        let old = try await standard.client()
        try await old.send("GET / HTTP/1.0\r\n\r\n")
        #expect(try await old.response()["x-hauban-reason"] == "host-missing")
        await standard.door.stop(deadline: .zero)
    }

    @Test("a certificate authority's question is answered from a folder, or 404 (RFC 8555 §8.3)")
    func challenge() async throws {
        let folder = try temporaryFolder()
        defer { removeTree(folder) }
        _ = try await Tool.run("mkdir", "-p", folder + "/.well-known/acme-challenge")
        _ = try await Tool.run(["sh", "-c", "echo -n token.proof > \(folder)/.well-known/acme-challenge/token"])
        let challenges = "/.well-known/acme-challenge/"
        _ = try await Tool.run([
            "sh", "-c",
            """
            cd \(folder) && echo secret > secret && echo hidden > ./\(challenges)/to.ken
            head -c 1025 /dev/zero > ./\(challenges)/large && ln -s /etc/hostname ./\(challenges)/outside
            """,
        ])
        // Before a redirect, and where there is neither a redirect nor a route.
        for redirect in [FrontDoorConfiguration.Redirect(port: 443), nil] {
            let fixture = try await Self.door(redirect, challenges: folder)
            let client = try await fixture.client()
            let answer = try await client.get(challenges + "token", host: "a.test")
            #expect(answer.status == 200)
            #expect(answer.body == "token.proof")
            for path in [
                "other", "../../secret", "%2e%2e/%2e%2e/secret", "to.ken", "tok%65n", "large", "outside", "token/",
                "sub/token", "..", String(repeating: "a", count: 257),
            ] {
                #expect(try await client.get(challenges + path, host: "a.test").status == 404, "\(path)")
            }
            #expect(try await client.get("/secret", host: "a.test").status == (redirect == nil ? 404 : 308))
            let elsewhere = try await client.get("/.well-known/acme-challenge", host: "a.test").status
            #expect(elsewhere == (redirect == nil ? 404 : 308))
            #expect(try await client.get(challenges + "token", host: "a.test", method: "DELETE").status == 405)
            await fixture.door.stop(deadline: .zero)
        }

        let bare = try await Self.door(.init())
        let other = try await bare.client()
        #expect(try await other.get("/.well-known/acme-challenge/token", host: "a.test").status == 404)
        await bare.door.stop(deadline: .zero)
    }

    @Test("what a listener cannot be is refused in clauses")
    func invalid() throws {
        var configuration = DoorFixture.configuration(1, [:], routes: [])
        configuration.listeners[0].redirect = .init(port: 0)
        configuration.listeners[0].challenges = "here"
        configuration.listeners[0].tls = .init(
            certificates: [.init(certificate: "a.pem", key: "/k", names: ["x y", "*.ok.test"])],
            transportSecurity: .init(maxAgeSeconds: -1))
        #expect(
            configuration.validate() == [
                "listener \"public\" has both tls and redirect",
                "listener \"public\": redirect to port 0, which is not between 1 and 65535",
                "listener \"public\": challenges \"here\" is not an absolute path",
                "listener \"public\": only a public listener without tls answers challenges",
                "listener \"public\": \"a.pem\" is not an absolute path",
                "listener \"public\": \"x y\" is neither a host name nor *. and a host name",
                "listener \"public\": maxAgeSeconds -1 is negative",
            ])
    }
}
