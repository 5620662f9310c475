import ControlPlane
import Response
import TestKit
import Testing
import World

@Suite("Silences of Alertmanager's API")
struct SilenceTests {
    private static func silence(
        _ name: String = "Slow", id: String? = nil, start: String = "2027-01-15T07:00:00Z",
        end: String = "2027-01-15T09:00:00Z", owner: String = "ana", comment: String = "repair"
    ) -> String {
        let id = id.map { "\"id\":\"\($0)\"," } ?? ""
        return """
            {\(id)"matchers":[{"name":"alertname","value":"\(name)","isRegex":false}],"startsAt":"\(start)",\
            "endsAt":"\(end)","createdBy":"\(owner)","comment":"\(comment)"}
            """
    }

    private func post(_ text: String, _ plane: PlaneFixture) async throws -> PlainClient.Answer {
        try await plane.client.send("POST", "/api/v2/silences", json: text)
    }

    private func created(_ text: String, _ plane: PlaneFixture) async throws -> String {
        let answer = try await post(text, plane)
        #expect(answer.status == 200, "\(answer)")
        return try #require(answer.json?["silenceID"]?.string)
    }

    private func silence(_ id: String, _ plane: PlaneFixture) async throws -> JSONValue? {
        try await plane.client.send("GET", "/api/v2/silence/\(id)").json
    }

    @Test("a silence keeps alerts quiet from its start to its end, and shows on them")
    func mutes() async throws {
        try await PlaneFixture.with { plane in
            try await plane.post(
                #"[{"labels":{"alertname":"Slow"},"endsAt":"2027-01-16T00:00:00Z","startsAt":"2027-01-15T08:00:00Z"}]"#)
            let id = try await created(Self.silence(), plane)
            let shown = try #require(try await silence(id, plane))
            #expect(shown["startsAt"]?.string == "2027-01-15T08:00:00.123Z", "not before it was made")
            #expect(shown["status"]?["state"]?.string == "active")
            #expect(
                shown["matchers"]?.text == #"[{"isEqual":true,"isRegex":false,"name":"alertname","value":"Slow"}]"#)
            let alert = try #require(try await plane.alerts().first)
            #expect(alert["status"]?.text == #"{"inhibitedBy":[],"silencedBy":["\#(id)"],"state":"suppressed"}"#)
            #expect(try await plane.names("?silenced=false") == [])
            plane.clock.advance(by: .seconds(3600))
            #expect(try await plane.names("?silenced=false") == ["Slow"])
            #expect(try await silence(id, plane)?["status"]?["state"]?.string == "expired")
        }
    }

    @Test("ending a silence keeps it, ended; twice is as once; an unknown one is an error")
    func ending() async throws {
        try await PlaneFixture.with { plane in
            let id = try await created(Self.silence(), plane)
            plane.clock.advance(by: .seconds(60))
            for _ in 1...2 {
                let answer = try await plane.client.send("DELETE", "/api/v2/silence/\(id)")
                #expect(answer.status == 200)
                #expect(answer.body.isEmpty)
                plane.clock.advance(by: .seconds(60))
            }
            let shown = try await silence(id, plane)
            #expect(shown?["status"]?["state"]?.string == "expired")
            #expect(shown?["endsAt"]?.string == "2027-01-15T08:01:00.123Z")
            let pending = try await created(
                Self.silence(start: "2027-01-15T10:00:00Z", end: "2027-01-15T11:00:00Z"), plane)
            #expect(try await silence(pending, plane)?["status"]?["state"]?.string == "pending")
            _ = try await plane.client.send("DELETE", "/api/v2/silence/\(pending)")
            #expect(try await silence(pending, plane)?["status"]?["state"]?.string == "expired")
            let unknown = "00000000-0000-0000-0000-00000000ffff"
            #expect(try await plane.client.send("DELETE", "/api/v2/silence/\(unknown)").status == 500)
            #expect(try await plane.client.send("GET", "/api/v2/silence/\(unknown)").status == 404)
            let nonsense = try await plane.client.send("DELETE", "/api/v2/silence/nonsense")
            #expect(nonsense.status == 422)
        }
    }

    @Test("a change that does not rewrite the past keeps the id; another ends the old one and makes a new one")
    func updating() async throws {
        try await PlaneFixture.with { plane in
            let id = try await created(Self.silence(), plane)
            let start = "2027-01-15T08:00:00Z"
            let longer = try await created(
                Self.silence(id: id, start: start, end: "2027-01-15T12:00:00Z"), plane)
            #expect(longer == id)
            #expect(try await silence(id, plane)?["endsAt"]?.string == "2027-01-15T12:00:00.000Z")
            let other = try await created(Self.silence("Other", id: id, start: start), plane)
            #expect(other != id)
            #expect(try await silence(id, plane)?["status"]?["state"]?.string == "expired")
            #expect(try await silence(other, plane)?["status"]?["state"]?.string == "active")
            let unknown = try await post(Self.silence(id: "00000000-0000-0000-0000-00000000ffff"), plane)
            #expect(unknown.status == 404)
            #expect(unknown.body == "\"silence not found\"\n")
        }
    }

    @Test("a silence of everything, without owner, reason, future or sense is refused")
    func refusals() async throws {
        try await PlaneFixture.with { plane in
            func matcher(_ name: String, _ value: String, _ isRegex: Bool) -> String {
                #"{"matchers":[{"name":"\#(name)","value":"\#(value)","isRegex":\#(isRegex)}],"startsAt":"2027-01-15T07:00:00Z","endsAt":"2027-01-15T09:00:00Z","createdBy":"a","comment":"c"}"#
            }
            let cases: [(String, Int, String)] = [
                (matcher("a", "", false), 400, "at least one matcher must not match the empty string"),
                (matcher("a", ".*", true), 400, "at least one matcher must not match the empty string"),
                (matcher("alertname", ".+", true), 400, "at least one matcher must not match the empty string"),
                (matcher("a-b", "x", false), 400, "invalid label name"),
                (matcher("a", "(", true), 400, "invalid regular expression"),
                (Self.silence(owner: ""), 400, "createdBy"), (Self.silence(comment: ""), 400, "comment"),
                (Self.silence(end: "2027-01-15T06:00:00Z"), 400, "start time must be before end time"),
                (
                    Self.silence(start: "2027-01-15T05:00:00Z", end: "2027-01-15T06:00:00Z"), 400,
                    "end time can't be in the past"
                ),
                ("{}", 422, "comment in body is required"), ("", 422, "silence in body is required"),
                ("[]", 400, "no object"), (Self.silence(start: "soon"), 400, "no date-time"),
            ]
            for (text, status, words) in cases {
                let answer = try await post(text, plane)
                #expect(answer.status == status, "\(text) \(answer)")
                #expect(answer.body.contains(words), "\(text) \(answer)")
            }
            #expect(try await plane.client.send("GET", "/api/v2/silences").body == "[]\n")
        }
    }

    @Test("the list has active ones first, then pending, then ended ones, and filters by equal matchers")
    func list() async throws {
        try await PlaneFixture.with { plane in
            let late = try await created(Self.silence("late", end: "2027-01-15T20:00:00Z"), plane)
            let soon = try await created(Self.silence("soon"), plane)
            let pending = try await created(Self.silence("pending", start: "2027-01-15T08:30:00Z"), plane)
            let ended = try await created(Self.silence("ended"), plane)
            _ = try await plane.client.send("DELETE", "/api/v2/silence/\(ended)")
            func ids(_ query: String = "") async throws -> [String] {
                guard case .array(let list)? = try await plane.client.send("GET", "/api/v2/silences\(query)").json
                else {
                    return []
                }
                return list.compactMap { $0["id"]?.string }
            }
            #expect(try await ids() == [soon, late, pending, ended])
            #expect(try await ids("?filter=alertname%3Dlate") == [late])
            #expect(try await ids("?filter=alertname%3D~late") == [])
        }
    }

    @Test("silences outlive a restart, and are forgotten long after their end")
    func restart() async throws {
        let store = MemoryStore()
        let clock = TestClock()
        var id = ""
        try await PlaneFixture.with(store: store, clock: clock) { plane in
            id = try await created(Self.silence(), plane)
        }
        try await PlaneFixture.with(store: store, clock: clock) { plane in
            #expect(try await silence(id, plane)?["status"]?["state"]?.string == "active")
            clock.advance(by: .seconds(3600 + 120 * 3600 + 1))
            try await eventuallyGone(id, plane)
        }
        #expect(try await store.load().parts.isEmpty)
    }

    private func eventuallyGone(_ id: String, _ plane: PlaneFixture) async throws {
        try await eventually(within: .seconds(60)) {
            try await plane.client.send("GET", "/api/v2/silence/\(id)").status == 404
        }
    }
}
