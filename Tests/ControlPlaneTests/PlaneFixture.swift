import ControlPlane
import FoundationEssentials
import Response
import Synchronization
import Testing
import World

/// A control plane in this process, its clock in the test's hand.
final class PlaneFixture: Sendable {
    let plane: ControlPlane
    let clock: TestClock
    let client: PlainClient

    static let start = Moment(milliseconds: 1_800_000_000_123)

    init(
        store: any Store = MemoryStore(), rules: Rulebook = PlaneFixture.rules, clock: TestClock = TestClock(),
        courier: any Courier = NoCourier(), remedies: any RemedyPerformer = NoRemedies(),
        _ change: (inout ControlPlaneConfiguration) -> Void = { _ in }
    ) async throws {
        self.clock = clock
        let ids = Mutex(0)
        var configuration = ControlPlaneConfiguration(rules: rules, version: "test") {
            let number = ids.withLock { number in
                number += 1
                return number
            }
            return "00000000-0000-4000-8000-" + String(repeating: "0", count: 12 - "\(number)".count) + "\(number)"
        }
        change(&configuration)
        plane = try await ControlPlane.start(
            configuration, store: store, courier: courier, remedies: remedies, keeper: clock.keeper, random: { 0.5 })
        client = PlainClient(port: plane.port)
    }

    /// Three receivers, as in ``RealAlertmanager``.
    static var rules: Rulebook {
        func matcher(_ text: (String, Matcher.Way, String)) -> [Matcher] {
            (try? Matcher(text.0, text.1, text.2)).map { [$0] } ?? []
        }
        var rules = Rulebook(
            platform: "test",
            routes: [
                Route(
                    name: "other", matchers: matcher(("team", .equals, "db")), grouping: .by(["alertname"]),
                    policy: "other", continues: true),
                Route(
                    name: "third", matchers: matcher(("team", .equals, "db")), grouping: .each, policy: "third"),
                Route(name: "default", grouping: .by(["alertname"]), policy: "default"),
            ])
        rules.inhibitions = [
            Inhibition(
                name: "critical over warning", sources: matcher(("severity", .equals, "critical")),
                targets: matcher(("severity", .equals, "warning")), equal: ["alertname"])
        ]
        rules.retention = .seconds(1800)
        return rules
    }

    /// Runs a test against a plane, and ends the plane whatever happened.
    static func with(
        store: any Store = MemoryStore(), rules: Rulebook = PlaneFixture.rules, clock: TestClock = TestClock(),
        courier: any Courier = NoCourier(), remedies: any RemedyPerformer = NoRemedies(),
        _ change: (inout ControlPlaneConfiguration) -> Void = { _ in },
        _ body: (PlaneFixture) async throws -> Void
    ) async throws {
        let fixture = try await PlaneFixture(
            store: store, rules: rules, clock: clock, courier: courier, remedies: remedies, change)
        do {
            try await body(fixture)
        } catch {
            await fixture.plane.stop()
            throw error
        }
        await fixture.plane.stop()
    }

    @discardableResult
    func post(_ alerts: String, _ location: SourceLocation = #_sourceLocation) async throws -> PlainClient.Answer {
        try await client.send("POST", "/api/v2/alerts", json: alerts)
    }

    /// The alerts of a list.
    func alerts(_ query: String = "") async throws -> [JSONValue] {
        let answer = try await client.send("GET", "/api/v2/alerts\(query)")
        #expect(answer.status == 200, "\(answer.body)")
        guard case .array(let list)? = answer.json else { return [] }
        return list
    }

    func metric(_ name: String) async throws -> Int? {
        try await client.send("GET", "/metrics").body.split(separator: "\n")
            .first { $0.hasPrefix(name + " ") }.flatMap { Int($0.split(separator: " ")[1]) }
    }

    func names(_ query: String = "") async throws -> Set<String> {
        Set(try await alerts(query).compactMap { $0["labels"]?["alertname"]?.string })
    }
}

/// The calendar's time as a test says it.
final class TestClock: Sendable {
    /// `nil` follows the machine's clock.
    private let moment = Mutex<Moment?>(PlaneFixture.start)

    /// The machine's clock.
    static var following: TestClock {
        let clock = TestClock()
        clock.follow()
        return clock
    }

    var now: Moment { moment.withLock { $0 } ?? Self.machine }

    private static var machine: Moment { Moment(milliseconds: Int(Date().timeIntervalSince1970 * 1000)) }

    func advance(by duration: Duration) { moment.withLock { $0 = ($0 ?? Self.machine) + duration } }

    /// The machine's clock from now on.
    func follow() { moment.withLock { $0 = nil } }

    var keeper: Timekeeper {
        var keeper = Timekeeper.live
        keeper.date = { Date(timeIntervalSince1970: Double(self.now.milliseconds) / 1000 + 0.000_1) }
        return keeper
    }
}
