import FrontDoor

/// A front door with one public listener on a free port, and short ways to say what stands behind it.
struct DoorFixture: Sendable {
    typealias Configuration = FrontDoorConfiguration

    let door: FrontDoor
    let port: Int

    /// Runs a test against a front door of its own, and stops it whatever happens.
    static func with<Value: Sendable>(
        _ services: [String: Configuration.Service], routes: [Configuration.Route]? = nil,
        limits: Configuration.Limits = .init(), timeouts: Configuration.Timeouts = .init(),
        balance: Configuration.Balance = .init(), accessLog: String? = nil,
        _ body: (DoorFixture) async throws -> Value
    ) async throws -> Value {
        let configuration = configuration(
            1, services, routes: routes, limits: limits, timeouts: timeouts, balance: balance, accessLog: accessLog)
        let door = try await FrontDoor.start(configuration, threads: 2)
        let fixture = DoorFixture(door: door, port: await door.configuration.listeners[0].port)
        do {
            let value = try await body(fixture)
            await door.stop(deadline: .milliseconds(100))
            return value
        } catch {
            await door.stop(deadline: .milliseconds(100))
            throw error
        }
    }

    /// - Parameter routes: by default everything goes to `api`.
    static func configuration(
        _ generation: Int, _ services: [String: Configuration.Service], routes: [Configuration.Route]? = nil,
        limits: Configuration.Limits = .init(), timeouts: Configuration.Timeouts = .init(),
        balance: Configuration.Balance = .init(), accessLog: String? = nil
    ) -> Configuration {
        Configuration(
            generation: generation,
            listeners: [.init(name: "public", host: "127.0.0.1", port: 0, scope: .public)],
            routes: routes ?? [.init(service: "api")], services: services, limits: limits, timeouts: timeouts,
            balance: balance, accessLog: accessLog)
    }

    /// A service with one release of the given replicas.
    static func service(_ release: String = "r1", _ ports: Int...) -> Configuration.Service {
        .init(releases: [target(release, ports)])
    }

    static func target(_ release: String, weight: Int = 100, _ ports: [Int]) -> Configuration.ReleaseTarget {
        .init(
            release: release, weight: weight,
            upstreams: ports.enumerated().map { .init(port: $0.element, replica: "\($0.offset)") })
    }

    func client() async throws -> RawClient { try await RawClient.connect(port) }

    func signals(_ release: String = "r1", of service: String = "api", window: Int? = nil) async throws
        -> ReleaseSignals
    {
        guard let signals = await door.signals(window: window).release(release, of: service) else {
            throw Unmet(description: "no signals of \(service) \(release)")
        }
        return signals
    }
}
