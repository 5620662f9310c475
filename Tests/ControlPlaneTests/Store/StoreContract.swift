import ControlPlane
import Response
import Spec
import Testing

/// What every store owes to the control plane. `open` gives the same data to a store made anew.
struct StoreContract {
    let open: () async throws -> any Store

    static let start = Moment(seconds: 1_800_000_000)

    static func alert(_ name: String, ends: Int = 300, over: Bool = false, note: String = "") -> Response.Alert {
        var alert = Response.Alert(
            labels: LabelSet(["alertname": name, "unicode": "é\u{1F6A8}\"\\\n"]), annotations: ["summary": note],
            startsAt: start, endsAt: start + .seconds(ends), endIsAssumed: !over, updatedAt: start + .milliseconds(1),
            source: "alertmanager", generatorURL: "http://p/graph?g0=1&x", receivedAt: start + .milliseconds(2))
        if over { alert.endedAt = start + .seconds(ends) }
        alert.beganAgain = over ? [start, start + .seconds(1)] : []
        return alert
    }

    static func silence(_ id: String) throws -> Silence {
        try Silence(
            id: id, matchers: [Matcher("alertname", .matches, "a|b"), Matcher("team", .differs, "x\"y")], start: start,
            end: start + .seconds(60), owner: "ana", reason: "repair", now: start)
    }

    static func incident(_ id: String) -> [Part] {
        let policy = EscalationPolicy(steps: [.init(after: .zero, deed: .tell("ana"))])
        return [
            .escalation(incident: id, Escalation(policy: policy, began: start)),
            .entry(incident: id, number: 0, Incident.Entry(at: start, by: .hauban, deed: .opened(.high))),
        ]
    }

    func check() async throws {
        var store = try await open()
        #expect(try await store.load().isEmpty, "a new store is empty")

        var batch = StoreBatch()
        batch.alerts = [Self.alert("a"), Self.alert("b"), Self.alert("c", over: true)]
        batch.saves = [.silence(try Self.silence("s1")), .silence(try Self.silence("s2"))]
        try await store.commit(batch)
        await store.close()

        store = try await open()
        try await expect(
            store,
            [
                .alert(Self.alert("a")), .alert(Self.alert("b")), .alert(Self.alert("c", over: true)),
                .silence(try Self.silence("s1")), .silence(try Self.silence("s2")),
            ], "what was committed is there again")

        batch = StoreBatch()
        batch.alerts = [Self.alert("a", ends: 10, over: true, note: "changed"), Self.alert("d")]
        batch.forgottenAlerts = [Self.alert("b").labels.fingerprint, Self.alert("never").labels.fingerprint]
        var ended = try Self.silence("s1")
        ended.expire(at: Self.start - .seconds(10))
        batch.saves = [.silence(ended)] + Self.incident("i1") + Self.incident("i2")
        batch.drops = [Part.Key(.silence, "s2"), Part.Key(.silence, "never")]
        try await store.commit(batch)
        try await store.commit(StoreBatch())
        let alerts: [Part] = [
            .alert(Self.alert("a", ends: 10, over: true, note: "changed")), .alert(Self.alert("c", over: true)),
            .alert(Self.alert("d")), .silence(ended),
        ]
        try await expect(
            store, alerts + Self.incident("i1") + Self.incident("i2"), "a change replaces, what is forgotten is gone")

        batch = StoreBatch()
        batch.archives = ["i1"]
        try await store.commit(batch)
        await store.close()
        store = try await open()
        try await expect(store, alerts + Self.incident("i2"), "what is history is not given back")

        batch = StoreBatch()
        batch.alerts = [Self.alert("b"), Self.alert("a")]
        try await store.commit(batch)
        await store.close()
        store = try await open()
        try await expect(
            store,
            [
                .alert(Self.alert("a")), .alert(Self.alert("b")), .alert(Self.alert("c", over: true)),
                .alert(Self.alert("d")), .silence(ended),
            ] + Self.incident("i2"), "what is known from before is replaced, not doubled")
        await store.close()
    }

    private func expect(
        _ store: any Store, _ parts: [Part], _ why: Comment, sourceLocation: SourceLocation = #_sourceLocation
    ) async throws {
        let found = try await store.load()
        #expect(found.count == parts.count, why, sourceLocation: sourceLocation)
        #expect(Set(found) == Set(parts), why, sourceLocation: sourceLocation)
    }
}
