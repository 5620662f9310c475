import ControlPlane
import Response
import Spec
import Testing
import World

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
        let empty = try await store.load()
        #expect(empty.parts.isEmpty && empty.records.isEmpty && empty.lastAudit == nil, "a new store is empty")

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
        try await checkHistory()
        try await checkRecords()
    }

    private func checkHistory() async throws {
        let store = try await open()
        var batch = StoreBatch()
        for number in 8...12 {
            let incident = Incident(id: "i\(number)", title: "n\(number)", severity: .high, opened: Self.start)
            batch.saves.append(.incident(incident))
            batch.saves += Self.incident("i\(number)")
        }
        // What is saved and archived in one batch is history.
        batch.archives = ["i8", "i9", "i10", "i11"]
        try await store.commit(batch)
        let pages = [
            try await store.history(before: nil, limit: 2), try await store.history(before: "i10", limit: 2),
            try await store.history(before: "i8", limit: 2),
        ]
        #expect(pages.map { $0.map(\.id) } == [["i11", "i10"], ["i9", "i8"], []], "the latest first, in pages")
        #expect(pages[0].first?.title == "n11")
        for id in ["i11", "i12"] {
            let parts = try await store.parts(ofIncident: id)
            #expect(parts.count == 3 && parts.allSatisfy { $0.key.incident == id }, "\(id): archived or not")
        }
        #expect(try await store.parts(ofIncident: "i99").isEmpty)
        #expect(try await store.load().parts.contains { $0.key.incident == "i11" } == false)
        await store.close()
    }

    private func checkRecords() async throws {
        var store = try await open()
        var batch = StoreBatch()
        batch.records = [
            Record(kind: "account", id: "ana", body: #"{"a":1}"#), Record(kind: "key", id: "ana", body: "{}"),
        ]
        batch.audit = (1...3).map { AuditEntry(number: $0, body: "line \($0)") }
        try await store.commit(batch)
        batch = StoreBatch()
        batch.records = [Record(kind: "account", id: "ana", body: #"{"a":2}"#)]
        batch.droppedRecords = [Record.Key(kind: "key", id: "ana"), Record.Key(kind: "key", id: "never")]
        batch.audit = [AuditEntry(number: 4, body: "line 4")]
        try await store.commit(batch)
        await store.close()
        store = try await open()
        let state = try await store.load()
        #expect(state.records == [Record(kind: "account", id: "ana", body: #"{"a":2}"#)])
        #expect(state.lastAudit == AuditEntry(number: 4, body: "line 4"))
        #expect(try await store.audit(before: nil, limit: 2).map(\.number) == [4, 3])
        #expect(try await store.audit(before: 3, limit: 9).map(\.body) == ["line 2", "line 1"])
        batch = StoreBatch()
        batch.records = [Record(kind: "account", id: "ben", body: "{}")]
        batch.audit = [AuditEntry(number: 4, body: "another")]
        let again = batch
        await #expect(throws: WorldError.self, "a line is written once") { try await store.commit(again) }
        #expect(try await store.load().records.count == 1, "and nothing of its batch")
        await store.close()
    }

    private func expect(
        _ store: any Store, _ parts: [Part], _ why: Comment, sourceLocation: SourceLocation = #_sourceLocation
    ) async throws {
        let found = try await store.load().parts
        #expect(found.count == parts.count, why, sourceLocation: sourceLocation)
        #expect(Set(found) == Set(parts), why, sourceLocation: sourceLocation)
    }
}
