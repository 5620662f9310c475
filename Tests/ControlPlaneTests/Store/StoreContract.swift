import ControlPlane
import Response
import Testing

/// What every store owes to the control plane. `reopen` gives the same data to a store made anew.
struct StoreContract {
    let open: () async throws -> any Store

    static let start = Moment(seconds: 1_800_000_000)

    static func alert(_ name: String, ends: Int = 300, over: Bool = false, note: String = "") -> StoredAlert {
        StoredAlert(
            Alert(
                labels: LabelSet(["alertname": name, "unicode": "é\u{1F6A8}\"\\\n"]), annotations: ["summary": note],
                startsAt: start, endsAt: start + .seconds(ends), endIsAssumed: !over,
                updatedAt: start + .milliseconds(1), source: "alertmanager", generatorURL: "http://p/graph?g0=1&x"),
            isOver: over)
    }

    static func silence(_ id: String) throws -> StoredSilence {
        let silence = try Silence(
            id: id, matchers: [Matcher("alertname", .matches, "a|b"), Matcher("team", .differs, "x\"y")], start: start,
            end: start + .seconds(60), owner: "ana", reason: "repair", now: start)
        return StoredSilence(silence, updatedAt: start)
    }

    func check() async throws {
        var store = try await open()
        let empty = try await store.load()
        #expect(empty.alerts.isEmpty && empty.silences.isEmpty, "a new store is empty")

        var batch = StoreBatch()
        batch.alerts = [Self.alert("a"), Self.alert("b"), Self.alert("c", over: true)]
        batch.silences = [try Self.silence("s1"), try Self.silence("s2")]
        try await store.commit(batch)
        await store.close()

        store = try await open()
        try await expect(
            store, [Self.alert("a"), Self.alert("b"), Self.alert("c", over: true)],
            [try Self.silence("s1"), try Self.silence("s2")], "what was committed is there again")

        batch = StoreBatch()
        batch.alerts = [Self.alert("a", ends: 10, over: true, note: "changed"), Self.alert("d")]
        batch.forgottenAlerts = [
            Self.alert("b").alert.labels.fingerprint, Self.alert("never").alert.labels.fingerprint,
        ]
        var ended = try Self.silence("s1")
        // A silence that was ended before it began has its end at its start.
        ended.silence.end = ended.silence.start
        batch.silences = [ended]
        batch.forgottenSilences = ["s2", "never"]
        try await store.commit(batch)
        try await store.commit(StoreBatch())
        let expected = [
            Self.alert("a", ends: 10, over: true, note: "changed"), Self.alert("c", over: true), Self.alert("d"),
        ]
        try await expect(store, expected, [ended], "a change replaces, and what is forgotten is gone")
        await store.close()

        store = try await open()
        batch = StoreBatch()
        batch.alerts = [Self.alert("b"), Self.alert("a")]
        try await store.commit(batch)
        await store.close()
        store = try await open()
        try await expect(
            store, [Self.alert("a"), Self.alert("b"), Self.alert("c", over: true), Self.alert("d")], [ended],
            "what is known from before is replaced, not doubled")
        await store.close()
    }

    private func expect(
        _ store: any Store, _ alerts: [StoredAlert], _ silences: [StoredSilence], _ why: Comment,
        sourceLocation: SourceLocation = #_sourceLocation
    ) async throws {
        let state = try await store.load()
        #expect(state.alerts.count == alerts.count, why, sourceLocation: sourceLocation)
        #expect(Set(state.alerts) == Set(alerts), why, sourceLocation: sourceLocation)
        #expect(state.silences.count == silences.count, why, sourceLocation: sourceLocation)
        #expect(Set(state.silences) == Set(silences), why, sourceLocation: sourceLocation)
    }
}
