import Foundation
import FrontDoor
import Synchronization
import Testing

@Suite("Replicas that are found by name")
struct LookupTests {
    typealias Configuration = FrontDoorConfiguration

    @Test(
        "a replica that moved is found under its name, one that nobody can tell of is kept, and the declared configuration stays"
    )
    func moves() async throws {
        let first = try await TestService.start("first")
        let second = try await TestService.start("second", host: "127.0.0.2", port: first.port)
        let names = Mutex<[String]?>(nil)
        var target = DoorFixture.target("r1", [first.port])
        target.lookup = .init(name: "tasks.api-r1", port: first.port)
        let configuration = DoorFixture.configuration(1, ["api": .init(releases: [target])])
        let door = try await FrontDoor.start(
            configuration, threads: 2,
            resolver: Resolver { name in name == "tasks.api-r1" ? names.withLock { $0 } : nil })
        let inForce = await door.configuration
        let client = try await RawClient.connect(inForce.listeners[0].port)
        #expect(try await client.get("/x").body == "first")

        names.withLock { $0 = ["127.0.0.1", "127.0.0.2"] }
        try await until { await door.replicas.map(\.replica) == ["0", "127.0.0.2"] }
        names.withLock { $0 = ["127.0.0.2"] }
        try await until { await door.replicas.map(\.replica) == ["127.0.0.2"] }
        #expect(try await client.get("/x").body == "second")
        // Nobody can tell any more: what was found last goes on serving, also by a new configuration.
        names.withLock { $0 = nil }
        var next = inForce
        next.generation += 1
        next.timeouts.connectMilliseconds = 1_500
        #expect(try await door.apply(next) == next)
        #expect(await door.configuration == next)
        #expect(try await client.get("/x").body == "second")
        #expect(await door.replicas.map(\.replica) == ["127.0.0.2"])
        // What is not looked for any more is where it is declared to be.
        next.generation += 1
        next.services["api"]?.releases[0].lookup = nil
        try await door.apply(next)
        #expect(try await client.get("/x").body == "first")
        await door.stop(deadline: .milliseconds(100))
        await first.kill()
        await second.kill()
    }

    @Test("a lookup is stored and read again, and one that could be no name is refused")
    func form() throws {
        var target = Configuration.ReleaseTarget(release: "r1")
        target.lookup = .init(name: "tasks.shop-prod_api-r1", port: 8080)
        let text = try JSONEncoder().encode(target)
        #expect(try JSONDecoder().decode(Configuration.ReleaseTarget.self, from: text) == target)
        func problems(_ name: String, _ port: Int, site: Bool = false) -> [String] {
            var target = target
            target.lookup = .init(name: name, port: port)
            if site { target.site = .init(root: "/srv") }
            return DoorFixture.configuration(1, ["api": .init(releases: [target])]).validate()
        }
        #expect(problems("tasks.api", 80) == [])
        for name in ["", "two words", "a\nb", String(repeating: "a", count: 300)] {
            #expect(problems(name, 80).count == 1, "\(name)")
        }
        #expect(problems("a", 0).count == 1)
        #expect(problems("a", 80, site: true).count == 1)
    }

    @Test("the system's resolver knows this machine, each address once, and says when it knows nothing")
    func system() {
        #expect(Resolver.system.addresses("localhost") == ["127.0.0.1"])
        #expect(Resolver.system.addresses("127.0.0.9") == ["127.0.0.9"])
        #expect(Resolver.system.addresses("no.such.name.invalid") == nil)
    }

    private func until(_ isSo: () async -> Bool) async throws {
        let end = ContinuousClock.now + .seconds(60)
        while await !isSo() {
            try #require(ContinuousClock.now < end, "it never came")
            try await Task.sleep(for: .milliseconds(20))
        }
    }
}
