import ControlPlane
import Response
import Spec
import TestKit
import Testing
import World

@Suite("Figures")
struct FigureTests {
    @Test("a period's figures count each incident once, each page that was sent, and name what was noisy")
    func afternoon() throws {
        let story = try ConsoleScenario.afternoon()
        let responder = story.responder
        let figures = IncidentFigures(
            of: responder.incidents.values, openedFrom: story.now - .seconds(86_400), to: story.now + .seconds(1),
            by: .day, zone: try ConsoleScenario.zone())
        #expect(figures.whole.incidents == 5)
        #expect(figures.severities == [.critical: 1, .high: 2, .medium: 1, .low: 1])
        #expect(figures.spans.reduce(0) { $0 + $1.times.incidents } == 5)
        #expect(figures.spans.last?.severities == figures.severities)
        let sent = responder.pages.values.filter { $0.kind == .page && $0.person != nil && $0.attempts > 0 }
        #expect(!sent.isEmpty && figures.pages == sent.count)
        for pages in figures.people {
            let own = sent.filter { $0.person == pages.person }
            #expect(pages.pages == own.count && pages.incidents == Set(own.compactMap(\.incident)).count)
        }
        #expect(
            Set(figures.noises.map(\.alert)) == [
                "HighErrorRate", "DiskFull", "QueueStuck", "SlowQueries", "CertificateEnds",
            ])
        #expect(figures.noises.first { $0.alert == "DiskFull" }?.unanswered == 0)
        let one = IncidentFigures(
            of: responder.incidents.values, openedFrom: story.now - .seconds(86_400), to: story.now + .seconds(1),
            by: .week, zone: .utc, service: "search")
        #expect(one.whole.incidents == 1 && one.whole.meanToAcknowledge == .seconds(240))
        #expect(one.services.map(\.service) == ["search"])
    }

    @Test("what was archived stays in the figures: while it runs, and after a restart")
    func archived() async throws {
        let store = MemoryStore()
        let clock = TestClock()
        func figures(_ plane: PlaneFixture, _ query: String = "") async throws -> [JSONValue] {
            let answer = try await plane.client.send(
                "GET", "/api/v1/figures\(query)", fields: ["Authorization": "Bearer the-local-token"])
            #expect(answer.status == 200, "\(answer.body)")
            guard case .array(let items)? = answer.json?["items"] else { return [] }
            return items
        }
        try await PlaneFixture.with(
            store: store, rules: WatchTests.rules, clock: clock, courier: RecordingCourier(),
            { $0.local = Secret("the-local-token") }
        ) { plane in
            for number in 1...2 {
                _ = try await plane.plane.submit(
                    .open(title: "one", severity: .high, service: "api", policy: "ana", by: "ana"))
                clock.advance(by: .seconds(60))
                _ = try await plane.plane.submit(.incident("i\(number)", .acknowledge(), by: "ana"))
                clock.advance(by: .seconds(60))
                _ = try await plane.plane.submit(.incident("i\(number)", .resolve, by: "ana"))
                clock.advance(by: .seconds(2 * 86_400))
                _ = try await plane.plane.submit(.tick)
                #expect(try await plane.plane.state().incidents.isEmpty, "it is archived")
                let items = try await figures(plane)
                #expect(items.first?["incidents"]?.text == "\(number)", "\(items)")
                #expect(items.first?["mttaSeconds"]?.text == "60.0" && items.first?["mttrSeconds"]?.text == "120.0")
            }
            #expect(try await figures(plane, "?from=2020-01-01T00:00:00Z").first?["incidents"]?.text == "2")
            #expect(try await figures(plane, "?service=web").isEmpty)
        }
        try await PlaneFixture.with(
            store: store, rules: WatchTests.rules, clock: clock, { $0.local = Secret("the-local-token") }
        ) { plane in
            let again = try await figures(plane)
            #expect(again.first?["incidents"]?.text == "2")
            clock.advance(by: .seconds(40 * 86_400))
            #expect(try await figures(plane).isEmpty, "the period is over")
        }
    }

    @Test("figures of 10,000 archived incidents are read from the store once, and say how long they took")
    func many() async throws {
        let folder = TemporaryFolder()
        let store = try SQLiteStore(path: folder.path + "/plane.sqlite")
        var batch = StoreBatch()
        for number in 1...10_000 {
            let opened = PlaneFixture.start - .seconds((10_000 - number) * 700)
            var incident = Incident(
                id: "i\(number)", title: "Service \(number % 50) is not well", severity: Level.allCases[number % 4],
                opened: opened, service: "service-\(number % 50)")
            try incident.acknowledge(by: .person("ana"), now: opened + .seconds(90))
            try incident.resolve(by: .person("ana"), now: opened + .seconds(600))
            batch.saves.append(.incident(incident))
            batch.archives.append(incident.id)
        }
        try await store.commit(batch)
        try await PlaneFixture.with(store: store, { $0.local = Secret("the-local-token") }) { plane in
            for round in ["first", "second"] {
                let clock = ContinuousClock()
                var items: [JSONValue] = []
                let took = try await clock.measure {
                    let answer = try await plane.client.send(
                        "GET", "/api/v1/figures?from=2026-10-20T00:00:00Z",
                        fields: ["Authorization": "Bearer the-local-token"])
                    if case .array(let found)? = answer.json?["items"] { items = found }
                }
                print("figures: of 10,000 archived incidents, the \(round) time \(took.milliseconds) ms")
                #expect(items.count == 50 && items.allSatisfy { $0["mttaSeconds"]?.text == "90.0" })
            }
        }
    }
}
