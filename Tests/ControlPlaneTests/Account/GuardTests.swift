import ControlPlane
import Testing
import World

@Suite("Where the control plane listens")
struct GuardTests {
    @Test("on this machine it needs nothing more", arguments: ["127.0.0.1", "127.8.9.1", "::1", "[::1]", "localhost"])
    func loopback(host: String) throws {
        #expect(throws: Never.self) { try GuardedListener(host: host, port: 9093) }
    }

    @Test(
        "anywhere else it insists on TLS or a declared proxy",
        arguments: [
            "0.0.0.0", "::", "192.168.1.5", "hauban.example.com", "", "127.0.0.1.example.com", "::ffff:10.0.0.1",
        ])
    func elsewhere(host: String) throws {
        let error = #expect(throws: WorldError.self) { try GuardedListener(host: host, port: 9093) }
        #expect(error?.code == "listen-in-clear")
        #expect(error?.hint.isEmpty == false)
        #expect(throws: Never.self) { try GuardedListener(host: host, port: 9093, hasTLS: true) }
        #expect(throws: Never.self) { try GuardedListener(host: host, port: 9093, proxy: TrustedProxy(["10.0.0.7"])) }
    }

    @Test(
        "what is no address is no proxy", arguments: [[], ["proxy"], ["10.0.0.0/33"], ["10.0.0.0/"], ["10.0.0.0/8/8"]])
    func unreadable(texts: [String]) {
        #expect(throws: WorldError.self) { try TrustedProxy(texts) }
    }

    private func client(_ listener: GuardedListener, _ peer: String, _ fields: [String: String] = [:]) -> Client {
        listener.client(of: APIRequest("GET", "/", fields: fields, peer: peer))
    }

    @Test("only a declared proxy is believed about who asks, and only what it said itself")
    func forwarded() throws {
        let proxy = try TrustedProxy(["10.0.0.0/24", "2001:db8::/32"])
        let listener = try GuardedListener(host: "0.0.0.0", port: 80, proxy: proxy)
        func address(_ peer: String, _ forwarded: String) -> String {
            client(listener, peer, ["X-Forwarded-For": forwarded]).address
        }
        #expect(address("10.0.0.7", "198.51.100.1") == "198.51.100.1")
        #expect(address("10.0.0.7", "1.1.1.1, 198.51.100.1") == "198.51.100.1", "what the client wrote itself")
        #expect(address("10.0.0.7", "198.51.100.1, 10.0.0.8") == "198.51.100.1", "two proxies")
        #expect(address("10.0.0.7", "198.51.100.1:4711") == "198.51.100.1")
        #expect(address("10.0.0.7", "[2001:dead::1]:4711") == "2001:dead::1")
        #expect(address("10.0.0.7", "nonsense") == "10.0.0.7")
        #expect(address("10.0.0.7", "198.51.100.1, nonsense") == "10.0.0.7")
        #expect(address("10.0.0.7", "") == "10.0.0.7")
        #expect(address("10.0.1.7", "198.51.100.1") == "10.0.1.7", "not declared")
        #expect(address("::ffff:10.0.0.7", "198.51.100.1") == "198.51.100.1", "IPv4 inside IPv6")
        #expect(address("2001:db8:7::1", "::ffff:198.51.100.1") == "198.51.100.1")
    }

    @Test("a line is private over TLS, through a proxy that has it, or within this machine")
    func isPrivate() throws {
        let proxied = try GuardedListener(host: "0.0.0.0", port: 80, proxy: TrustedProxy(["10.0.0.7"]))
        #expect(client(proxied, "10.0.0.7").isPrivate)
        #expect(client(proxied, "10.0.0.7", ["X-Forwarded-Proto": "https"]).isSecure)
        #expect(!client(proxied, "10.0.0.7", ["X-Forwarded-Proto": "http"]).isPrivate)
        #expect(!client(proxied, "10.0.0.7", ["X-Forwarded-Proto": "https, http"]).isPrivate)
        #expect(!client(proxied, "10.0.0.9", ["X-Forwarded-Proto": "https"]).isPrivate, "past the proxy")
        #expect(client(proxied, "127.0.0.1").isPrivate)
        let secure = try GuardedListener(host: "0.0.0.0", port: 443, hasTLS: true)
        #expect(client(secure, "198.51.100.1").isSecure)
        let local = try GuardedListener(host: "localhost", port: 80)
        #expect(client(local, "127.0.0.1").isPrivate)
        #expect(!client(local, "127.0.0.1").isSecure)
        #expect(client(local, "").isPrivate, "a peer that is not known, where only this machine can connect")
        #expect(!client(proxied, "").isPrivate)
    }

    @Test("behind a proxy on this machine nobody is taken for local")
    func localProxy() throws {
        let listener = try GuardedListener(host: "127.0.0.1", port: 80, proxy: TrustedProxy(["127.0.0.1"]))
        let asked = client(
            listener, "127.0.0.1",
            ["X-Forwarded-For": "198.51.100.1", "X-Forwarded-Proto": "http", "Host": "a.example"])
        #expect(asked.address == "198.51.100.1")
        #expect(!asked.isPrivate)
        #expect(asked.origin == "http://a.example")
    }

    @Test("our origin is what the browser sees, through the proxy")
    func origin() throws {
        let listener = try GuardedListener(host: "0.0.0.0", port: 80, proxy: TrustedProxy(["10.0.0.7"]))
        #expect(client(listener, "10.0.0.7", ["Host": "Hauban.Example.com"]).origin == "https://hauban.example.com")
        let fields = ["Host": "inner:9093", "X-Forwarded-Host": "hauban.example.com"]
        #expect(client(listener, "10.0.0.7", fields).origin == "https://hauban.example.com")
        #expect(client(listener, "10.0.0.9", fields).origin == "http://inner:9093", "only from the proxy")
    }
}
