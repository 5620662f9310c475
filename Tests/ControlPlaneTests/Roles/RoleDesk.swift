import ControlPlane
import Foundation
import Response
import Synchronization
import TestKit
import Testing
import World

/// A control plane of several roles in this process: the deciding one, and others before it.
final class RoleDesk: Sendable {
    static let token = Secret("a-token-that-only-the-roles-know")
    static let local = Secret("the-local-token")

    let folder = TemporaryFolder()
    let store = MemoryStore()
    let clock = TestClock.following
    private let plane = Mutex<PlaneFixture?>(nil)
    private let roles = Mutex<[RoleServer]>([])

    /// Runs a test, and ends what it started whatever happened.
    static func with(_ body: (RoleDesk) async throws -> Void) async throws {
        let desk = RoleDesk()
        do {
            try await body(desk)
        } catch {
            await desk.end()
            throw error
        }
        await desk.end()
    }

    /// As ``WatchTests``' rules, with somebody on call.
    static var rules: Rulebook {
        var rules = WatchTests.rules
        rules.schedules["primary"] = OnCallSchedule(
            name: "primary",
            layers: [
                RotationLayer(
                    name: "rotation", people: ["ana"], turn: 7 * 86_400,
                    anchor: CivilTime(RotationLayer.firstMonday), zone: .utc)
            ])
        return rules
    }

    /// The deciding role.
    ///
    /// - Parameter port: 0 takes a free one.
    func incidents(port: Int = 0) async throws -> PlaneFixture {
        let fixture = try await PlaneFixture(store: store, rules: Self.rules, clock: clock) { settings in
            settings.inner = Self.token
            settings.local = Self.local
            settings.port = port
            settings.newID = { UUID().uuidString.lowercased() }
        }
        plane.withLock { $0 = fixture }
        return fixture
    }

    /// Ends the deciding role; what it committed stays.
    func away() async {
        let fixture = plane.withLock { plane in
            defer { plane = nil }
            return plane
        }
        await fixture?.plane.stop(grace: .milliseconds(100))
    }

    /// Another role, before what listens on a port.
    func role(
        _ role: PlaneRole, before port: Int, token: Secret = RoleDesk.token, spool: String = "/ingest",
        _ change: (inout RoleConfiguration) -> Void = { _ in }
    ) async throws -> (server: RoleServer, client: PlainClient) {
        var settings = RoleConfiguration(
            role: role, plane: try PlaneAddress(url: "http://127.0.0.1:\(port)", token: token), version: "test"
        ) { UUID().uuidString.lowercased() }
        settings.data = folder.path + spool
        change(&settings)
        let server = try await RoleServer.start(settings)
        roles.withLock { $0.append(server) }
        return (server, PlainClient(port: server.port))
    }

    func stop(_ server: RoleServer) async {
        roles.withLock { $0.removeAll { $0.port == server.port } }
        await server.stop(grace: .zero)
    }

    private func end() async {
        let all = roles.withLock { roles in
            defer { roles = [] }
            return roles
        }
        for role in all { await role.stop(grace: .zero) }
        await away()
    }

    /// A new integration, by the API.
    static func key(_ client: PlainClient, _ sender: String) async throws -> String {
        let answer = try await client.send(
            "POST", "/api/v1/integrations", json: #"{"name":"\#(sender)","sender":"\#(sender)"}"#, fields: bearer)
        #expect(answer.status == 201, "\(answer.body)")
        return try #require(answer.json?["key"]?.string)
    }

    static let bearer = ["Authorization": "Bearer the-local-token"]

    static func alert(_ name: String, ends: String? = nil) -> String {
        let end = ends.map { #","endsAt":"\#($0)""# } ?? ""
        return #"[{"labels":{"alertname":"\#(name)","service":"api","severity":"critical"}\#(end)}]"#
    }

    /// The names of the alerts that are known.
    static func names(_ plane: PlaneFixture) async throws -> Set<String> {
        Set(try await plane.plane.state().book.alerts.values.map(\.name))
    }

    /// The notes in all timelines.
    static func notes(_ plane: PlaneFixture) async throws -> [String] {
        try await plane.plane.state().incidents.values.flatMap(\.log).compactMap { entry in
            if case .noted(let text) = entry.deed { text } else { nil }
        }
    }
}
