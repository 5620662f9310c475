import ControlPlane
import Response
import TestKit
import Testing
import World

@Suite("An answer stands on a commit")
struct DurabilityTests {
    private static let alert = #"[{"labels":{"alertname":"Slow"},"annotations":{"n":"1"}}]"#
    private static let full = WorldError(
        code: "disk-full", operation: "write to the store", underlying: "No space left on device")

    @Test("nothing is answered 2xx before its commit, and what arrives meanwhile shares the next one")
    func groups() async throws {
        let store = MemoryStore()
        try await PlaneFixture.with(store: store) { plane in
            store.hold()
            async let first = plane.post(#"[{"labels":{"alertname":"first"}}]"#)
            try await eventually(within: .seconds(60)) { store.heldCommits == 1 }
            let others = Task {
                try await withThrowingTaskGroup(of: Int.self) { group in
                    for number in 1...20 {
                        group.addTask { try await plane.post(#"[{"labels":{"alertname":"n\#(number)"}}]"#).status }
                    }
                    return try await group.reduce(into: []) { $0.append($1) }
                }
            }
            try await eventually(within: .seconds(60)) {
                try await plane.client.send("GET", "/metrics").body.contains("hauban_alerts_waiting 20\n")
            }
            #expect(store.batches.isEmpty)
            store.letGo()
            #expect(try await first.status == 200)
            #expect(try await others.value == Array(repeating: 200, count: 20))
            #expect(store.batches.map(\.alerts.count) == [1, 20], "twenty requests, one commit")
        }
    }

    @Test("refreshes are not written, changes are: a beginning, other annotations, an end, a new beginning")
    func coalesces() async throws {
        let store = MemoryStore()
        try await PlaneFixture.with(store: store) { plane in
            // Looks at its group are written too, when their time comes.
            var batches: [StoreBatch] { store.batches.filter { !$0.alerts.isEmpty } }
            for _ in 1...50 {
                #expect(try await plane.post(Self.alert).status == 200)
                plane.clock.advance(by: .seconds(30))
            }
            #expect(batches.count == 1)
            try await plane.post(#"[{"labels":{"alertname":"Slow"},"annotations":{"n":"2"}}]"#)
            #expect(batches.count == 2)
            #expect(batches.last?.alerts.first?.annotations == ["n": "2"])
            try await plane.post(
                #"[{"labels":{"alertname":"Slow"},"annotations":{"n":"2"},"endsAt":"2027-01-15T08:25:00Z"}]"#)
            #expect(batches.count == 3)
            #expect(batches.last?.alerts.first?.endedAt != nil)
            try await plane.post(Self.alert)
            #expect(batches.count == 4)
            #expect(batches.last?.alerts.first?.labels == LabelSet(["alertname": "Slow"]))
            #expect(batches.last?.alerts.first?.endedAt == nil)
        }
    }

    @Test("a commit that fails is answered 503, and what it left behind is not answered 2xx before it is written")
    func failure() async throws {
        let store = MemoryStore()
        try await PlaneFixture.with(store: store) { plane in
            store.refuse(Self.full)
            let refused = try await plane.post(Self.alert)
            #expect(refused.status == 503)
            #expect(refused.fields["retry-after"] == "5")
            #expect(refused.body.contains("No space left on device"))
            // The alert is known in memory by now: telling it again would be a refresh.
            #expect(try await plane.post(Self.alert).status == 503)
            #expect(try await plane.client.send("GET", "/-/ready").status == 503)
            #expect(try await plane.client.send("GET", "/-/healthy").status == 200)
            let silence = try await plane.client.send(
                "POST", "/api/v2/silences",
                json:
                    #"{"matchers":[{"name":"a","value":"b","isRegex":false}],"startsAt":"2027-01-15T07:00:00Z","endsAt":"2027-01-15T09:00:00Z","createdBy":"a","comment":"c"}"#
            )
            #expect(silence.status == 503)
            store.refuse(nil)
            #expect(try await plane.post(Self.alert).status == 200)
            #expect(store.alerts.map(\.labels) == [LabelSet(["alertname": "Slow"])])
            #expect(try await plane.client.send("GET", "/-/ready").status == 200)
            #expect(try await plane.client.send("GET", "/api/v2/silences").body == "[]\n", "it was refused")
        }
    }

    @Test("what a failed commit left is written without anybody's doing once the store takes it")
    func retry() async throws {
        let store = MemoryStore()
        try await PlaneFixture.with(store: store) { plane in
            store.refuse(Self.full)
            #expect(try await plane.post(Self.alert).status == 503)
            store.refuse(nil)
            try await eventually(within: .seconds(60)) { !store.batches.isEmpty }
        }
    }

    @Test("what fired goes on firing after a restart, however long ago it was written; what was over stays over")
    func restart() async throws {
        let folder = TemporaryFolder()
        let path = folder.path + "/plane.sqlite"
        let clock = TestClock()
        let two = #"[{"labels":{"alertname":"fires"},"generatorURL":"http://p/1"},{"labels":{"alertname":"over"}}]"#
        try await PlaneFixture.with(store: try SQLiteStore(path: path), clock: clock) { plane in
            #expect(try await plane.post(two).status == 200)
            clock.advance(by: .seconds(100))
            try await plane.post(#"[{"labels":{"alertname":"over"},"endsAt":"2027-01-15T08:01:00Z"}]"#)
            for _ in 1...40 {
                clock.advance(by: .seconds(60))
                try await plane.post(#"[{"labels":{"alertname":"fires"},"generatorURL":"http://p/1"}]"#)
            }
        }
        clock.advance(by: .seconds(30))
        try await PlaneFixture.with(store: try SQLiteStore(path: path), clock: clock) { plane in
            let alert = try #require(try await plane.alerts().first)
            #expect(try await plane.names() == ["fires"])
            #expect(alert["startsAt"]?.string == "2027-01-15T08:00:00.123Z", "it began when it began")
            #expect(alert["generatorURL"]?.string == "http://p/1")
            clock.advance(by: .seconds(301))
            #expect(try await plane.names() == [], "nobody told it again")
        }
    }

    @Test("an alert that ends untold is written as over, and forgotten later")
    func untold() async throws {
        let store = MemoryStore()
        try await PlaneFixture.with(store: store) { plane in
            try await plane.post(Self.alert)
            plane.clock.advance(by: .seconds(301))
            try await eventually(within: .seconds(60)) { store.alerts.first?.endedAt != nil }
            plane.clock.advance(by: .seconds(1800))
            try await eventually(within: .seconds(60)) { store.alerts.isEmpty }
        }
    }

    @Test("a stop answers what was asked")
    func stop() async throws {
        let store = MemoryStore()
        let plane = try await PlaneFixture(store: store)
        store.hold()
        async let answer = plane.post(Self.alert)
        try await eventually(within: .seconds(60)) { store.heldCommits == 1 }
        async let stopped: Void = plane.plane.stop(grace: .seconds(60))
        store.letGo()
        #expect(try await answer.status == 200)
        await stopped
        #expect(store.isClosed)
    }
}
