import FoundationEssentials
import FrontDoor
import Testing

@Suite("The configuration")
struct ConfigurationTests {
    func decode(_ json: String) throws -> FrontDoorConfiguration {
        try JSONDecoder().decode(FrontDoorConfiguration.self, from: Data(json.utf8))
    }

    @Test("missing keys take their defaults, unknown keys are passed over")
    func defaults() throws {
        let configuration = try decode(
            """
            {"generation": 7, "future": true,
             "listeners": [{"name": "public", "port": 80, "scope": "public", "color": 1},
                           {"name": "api", "port": 81, "scope": {"service": "api"}}],
             "routes": [{"service": "api"}],
             "services": {"api": {"releases": [{"release": "r1", "upstreams": [{"port": 9000}]}]}}}
            """)
        #expect(configuration.listeners[0].host == "127.0.0.1")
        #expect(!configuration.listeners[0].trustsForwarded)
        #expect(configuration.listeners[1].scope == .service("api"))
        #expect(configuration.listeners[1].trustsForwarded)
        #expect(configuration.routes == [.init(path: "/", service: "api")])
        #expect(configuration.services["api"]?.releases[0].weight == 100)
        #expect(configuration.limits == .init())
        #expect(configuration.timeouts == .init())
        #expect(configuration.metrics)
        #expect(configuration.validate() == [])
    }

    @Test("the JSON form gives back what was written")
    func roundTrip() throws {
        let configuration = FrontDoorConfiguration(
            generation: 2,
            listeners: [
                .init(name: "public", host: "0.0.0.0", port: 443, scope: .public, trustsForwarded: true),
                .init(name: "api", host: "::1", port: 81, scope: .service("api")),
            ], routes: [.init(host: "www.shop.test", path: "/api", service: "api", stripPrefix: true)],
            services: [
                "api": .init(
                    releases: [
                        DoorFixture.target("r1", weight: 1, [1]),
                        .init(release: "r2", site: .init(root: "/srv", fallback: "index.html")),
                    ], maxBodyBytes: 5, responseHeaderMilliseconds: 6, retriesDeadConnection: false)
            ], limits: .init(requestLineBytes: 100), timeouts: .init(idleMilliseconds: 5), accessLog: "/var/log/a",
            metrics: false)
        let data = try JSONEncoder().encode(configuration)
        #expect(try JSONDecoder().decode(FrontDoorConfiguration.self, from: data) == configuration)
    }

    @Test("each problem is one readable clause")
    func problems() {
        let configuration = FrontDoorConfiguration(
            generation: -1,
            listeners: [
                .init(name: "a", host: "localhost", port: 70_000, scope: .public),
                .init(name: "a", host: "127.0.0.1", port: 80, scope: .service("gone")),
            ],
            routes: [
                .init(host: "", path: "/x y", service: "api"), .init(path: "/", service: "api"),
                .init(path: "/", service: "api"),
            ],
            services: [
                "api": .init(
                    releases: [
                        .init(
                            release: "r1", weight: -1, upstreams: [.init(port: 0, replica: "0")],
                            site: .init(root: "relative")),
                        .init(release: "r1"),
                    ], maxBodyBytes: -1)
            ], limits: .init(headerCount: 0), timeouts: .init(connectMilliseconds: 0), accessLog: "log")
        #expect(
            configuration.validate() == [
                "generation -1 is negative",
                "listener \"a\": host \"localhost\" is not an IP address",
                "listener \"a\": port 70000 is not between 0 and 65535",
                "listener \"a\" is declared twice",
                "listener \"a\": service \"gone\" is not in the configuration",
                "route /x y: path holds a character that no path can hold",
                "route /x y: host \"\" is empty or names a port",
                "route */ is declared twice",
                "service \"api\": release \"r1\": weight -1 is not between 0 and 1000000",
                "service \"api\": release \"r1\" has both a site and upstreams",
                "service \"api\": release \"r1\": site root \"relative\" is not absolute",
                "service \"api\": release \"r1\": upstream port 0 is not between 1 and 65535",
                "service \"api\": release \"r1\" is declared twice",
                "service \"api\": maxBodyBytes -1 is negative",
                "limits.headerCount 0 is not between 1 and 10000",
                "timeouts.connectMilliseconds 0 is not between 1 and 3600000",
                "accessLog \"log\" is not an absolute path",
            ])
    }
}
