import ControlPlane
import Response
import Spec
import Synchronization
import TestKit
import Testing
import World

@Suite("An alert becomes a page")
struct WatchTests {
    private static let alert = #"[{"labels":{"alertname":"Down","service":"api","severity":"critical"}}]"#

    /// Ana at once; Ben after five minutes; by text.
    static var rules: Rulebook {
        var rules = Rulebook(platform: "shop", routes: [Route(name: "default", policy: "watch")])
        rules.policies["watch"] = EscalationPolicy(steps: [
            .init(after: .zero, deed: .tell("ana")), .init(after: .seconds(300), deed: .tell("ben")),
        ])
        rules.resolveTimeout = .seconds(3600)
        rules.people["ana"] = ContactCard(name: "ana", contacts: [Contact(.sms, "+331")])
        rules.people["ben"] = ContactCard(name: "ben", contacts: [Contact(.sms, "+332")])
        return rules
    }

    @Test("a page goes out when its decision is on disk, not before; a second instance of the alert joins")
    func order() async throws {
        let store = MemoryStore()
        let courier = RecordingCourier()
        try await PlaneFixture.with(store: store, rules: Self.rules, courier: courier) { plane in
            store.hold()
            async let first = plane.post(Self.alert)
            try await eventually(within: .seconds(60)) { store.heldCommits == 1 }
            #expect(courier.dispatches.isEmpty, "nothing is sent that a crash could forget")
            store.letGo()
            #expect(try await first.status == 200)
            try await eventually(within: .seconds(60)) { courier.dispatches.count == 1 }
            #expect(courier.lines == ["+331 by sms: page"])
            try await eventually(within: .seconds(60)) {
                try await plane.plane.state().pages.values.first?.reference != nil
            }
            let page = try #require(try await plane.plane.state().pages.values.first)
            #expect(
                page.ledger.map(\.deed) == [
                    .decided, .sent(attempt: 1), .accepted(attempt: 1, reference: "ref-\(page.id)"),
                ])
            try await plane.post(
                #"[{"labels":{"alertname":"Down","service":"api","severity":"critical","instance":"2"}}]"#)
            #expect(try await plane.plane.state().incidents.count == 1)
            #expect(try await plane.metric("hauban_incidents_total") == 1)
        }
    }

    @Test("escalation steps fire when they fall due, until somebody acknowledges")
    func escalation() async throws {
        let courier = RecordingCourier()
        try await PlaneFixture.with(rules: Self.rules, courier: courier) { plane in
            try await plane.post(Self.alert)
            try await eventually(within: .seconds(60)) { courier.dispatches.count == 1 }
            plane.clock.advance(by: .seconds(299))
            try await plane.plane.submit(.tick)
            #expect(courier.dispatches.count == 1)
            plane.clock.advance(by: .seconds(1))
            try await eventually(within: .seconds(60)) { courier.dispatches.count == 2 }
            #expect(courier.lines.last == "+332 by sms: page")
            let id = try #require(try await plane.plane.state().incidents.keys.first)
            #expect(try await plane.plane.submit(.incident(id, .acknowledge(), by: "ben")) == nil)
            #expect(
                try await plane.plane.submit(.incident(id, .acknowledge(), by: "ana"))
                    == .incident(.isAcknowledged(by: "ben")))
            #expect(try await plane.plane.state().incidents[id]?.assignee == "ben")
        }
    }

    @Test("what a step's time is, the machine's clock finds by itself")
    func timer() async throws {
        let courier = RecordingCourier()
        var rules = Self.rules
        rules.policies["watch"] = EscalationPolicy(steps: [
            .init(after: .milliseconds(700), deed: .tell("ana")), .init(after: .milliseconds(900), deed: .tell("ben")),
        ])
        try await PlaneFixture.with(rules: rules, clock: .following, courier: courier) { plane in
            try await plane.post(Self.alert)
            try await eventually(within: .seconds(60)) { courier.dispatches.count == 2 }
            let pages = try await plane.plane.state().pages.values
            let incident = try #require(try await plane.plane.state().incidents.values.first)
            for (contact, due) in [("+331", 700), ("+332", 900)] {
                let page = try #require(pages.first { $0.contact.address == contact })
                let late = (page.ledger[0].at - incident.opened).milliseconds - due
                #expect(late >= 0)
                print("WatchTests: a step was \(late) ms late")
            }
        }
    }

    @Test("a store that fails keeps the page back, and it goes out when the store takes it again")
    func failingStore() async throws {
        let store = MemoryStore()
        let courier = RecordingCourier()
        try await PlaneFixture.with(store: store, rules: Self.rules, courier: courier) { plane in
            store.refuse(WorldError(code: "disk-full", operation: "write to the store", underlying: "full"))
            #expect(try await plane.post(Self.alert).status == 503)
            #expect(courier.dispatches.isEmpty)
            store.refuse(nil)
            try await eventually(within: .seconds(60)) { courier.dispatches.count == 1 }
            #expect(store.alerts.count == 1)
        }
    }

    @Test("a restart sends again what it does not know to have gone out, under the same key")
    func restart() async throws {
        let folder = TemporaryFolder()
        let path = folder.path + "/plane.sqlite"
        let clock = TestClock()
        let silent = RecordingCourier()
        silent.fallSilent()
        try await PlaneFixture.with(
            store: try SQLiteStore(path: path), rules: Self.rules, clock: clock, courier: silent
        ) { plane in
            #expect(try await plane.post(Self.alert).status == 200)
            try await eventually(within: .seconds(60)) { silent.dispatches.count == 1 }
        }
        let courier = RecordingCourier([.failed("busy", retryAfter: nil)])
        try await PlaneFixture.with(
            store: try SQLiteStore(path: path), rules: Self.rules, clock: clock, courier: courier
        ) { plane in
            try await eventually(within: .seconds(60)) { courier.dispatches.count == 1 }
            #expect(courier.dispatches[0].key == silent.dispatches[0].key)
            try await eventually(within: .seconds(60)) {
                try await plane.plane.state().pages.values.first?.ledger.last?.deed != .sentAgain(attempt: 1)
            }
            clock.advance(by: .seconds(10))
            try await eventually(within: .seconds(60)) { courier.dispatches.count == 2 }
            let page = try #require(try await plane.plane.state().pages.values.first)
            #expect(page.ledger.map(\.deed).contains(.sentAgain(attempt: 1)))
            #expect(page.ledger.map(\.deed).contains(.failed(attempt: 1, detail: "busy")))
        }
    }

    @Test("a remedy is performed once, its output is kept, and where it fails people are told")
    func remedy() async throws {
        let performer = RecordingPerformer(RemedyOutcome(succeeded: false, output: "no such service"))
        let courier = RecordingCourier()
        var rules = Self.rules
        rules.policies["watch"] = EscalationPolicy(steps: [
            .init(after: .zero, deed: .perform("restart")), .init(after: .zero, deed: .tell("ana")),
        ])
        try await PlaneFixture.with(rules: rules, courier: courier, remedies: performer) { plane in
            try await plane.post(Self.alert)
            try await eventually(within: .seconds(60)) { courier.dispatches.count == 1 }
            #expect(performer.runs.map(\.name) == ["restart"])
            #expect(performer.runs.first?.service == "api")
            let run = try #require(try await plane.plane.state().remedies.values.first)
            #expect(run.state == .failed(output: "no such service"))
        }
    }

    @Test("a restart asks once what became of a remedy that was under way, and people are told at once")
    func recalled() async throws {
        let folder = TemporaryFolder()
        let path = folder.path + "/plane.sqlite"
        let clock = TestClock()
        var rules = Self.rules
        rules.policies["watch"] = EscalationPolicy(steps: [
            .init(after: .zero, deed: .perform("restart")), .init(after: .zero, deed: .tell("ana")),
        ])
        let slow = SlowPerformer()
        try await PlaneFixture.with(
            store: try SQLiteStore(path: path), rules: rules, clock: clock, remedies: slow
        ) { plane in
            try await plane.post(Self.alert)
            try await eventually(within: .seconds(60)) { slow.begun.count == 1 }
        }
        // It ends when nobody listens any more.
        slow.end()
        for outcome in [nil, RemedyOutcome(succeeded: false, output: "broken off")] {
            let performer = RecordingPerformer(RemedyOutcome(succeeded: true, output: ""), recalled: outcome)
            let courier = RecordingCourier()
            try await PlaneFixture.with(
                store: try SQLiteStore(path: path), rules: rules, clock: clock, courier: courier, remedies: performer
            ) { plane in
                try await eventually(within: .seconds(60)) { performer.asked == ["restart"] }
                guard outcome != nil else {
                    #expect(try await plane.plane.state().remedies.values.first?.state == .running(approvedBy: nil))
                    #expect(courier.dispatches.isEmpty, "it has its time still")
                    return
                }
                try await eventually(within: .seconds(60)) { courier.dispatches.count == 1 }
                let run = try #require(try await plane.plane.state().remedies.values.first)
                #expect(run.state == .failed(output: "broken off"))
                #expect(performer.runs.isEmpty, "it is not done again")
            }
        }
        // Of what is over nobody is asked.
        let performer = RecordingPerformer(RemedyOutcome(succeeded: true, output: ""))
        try await PlaneFixture.with(
            store: try SQLiteStore(path: path), rules: rules, clock: clock, remedies: performer
        ) { plane in
            _ = try await plane.plane.state()
            #expect(performer.asked.isEmpty)
        }
    }

    @Test("a calendar that is set back holds nothing up")
    func setBack() async throws {
        let courier = RecordingCourier()
        let clock = TestClock()
        var rules = Self.rules
        rules.policies["watch"] = EscalationPolicy(steps: [.init(after: .seconds(1), deed: .tell("ana"))])
        try await PlaneFixture.with(rules: rules, clock: clock, courier: courier) { plane in
            try await plane.post(Self.alert)
            clock.advance(by: .seconds(-86_400))
            try await eventually(within: .seconds(60)) { courier.dispatches.count == 1 }
        }
    }

    @Test("health says that escalations are late, and metrics by how much")
    func late() async throws {
        try await PlaneFixture.with(rules: Self.rules, courier: RecordingCourier()) { plane in
            try await plane.post(Self.alert)
            #expect(try await plane.client.send("GET", "/health").status == 200)
            // The machine slept through the step's time.
            plane.clock.advance(by: .seconds(330))
            try await eventually(within: .seconds(60)) {
                try await plane.client.send("GET", "/health").status == 503
            }
            #expect(try await plane.client.send("GET", "/live").status == 200)
            plane.clock.advance(by: .seconds(120))
            #expect(try await plane.client.send("GET", "/health").status == 200)
        }
    }
}

/// Does nothing and says what a test wants said.
final class RecordingPerformer: RemedyPerformer {
    private let outcome: RemedyOutcome
    private let recalled: RemedyOutcome?
    private let all = Mutex<[RemedyRun]>([])
    private let names = Mutex<[String]>([])

    init(_ outcome: RemedyOutcome, recalled: RemedyOutcome? = nil) {
        self.outcome = outcome
        self.recalled = recalled
    }

    var runs: [RemedyRun] { all.withLock { $0 } }
    /// What it was asked to remember.
    var asked: [String] { names.withLock { $0 } }

    func recall(_ run: RemedyRun) async -> RemedyOutcome? {
        names.withLock { $0.append(run.name) }
        return recalled
    }

    func perform(_ run: RemedyRun) async -> RemedyOutcome {
        all.withLock { $0.append(run) }
        return outcome
    }
}

/// Is at it until a test says that it is done.
final class SlowPerformer: RemedyPerformer {
    private let all = Mutex<[RemedyRun]>([])
    private let waiting: AsyncStream<Void>
    private let done: AsyncStream<Void>.Continuation

    init() { (waiting, done) = AsyncStream.makeStream() }

    var begun: [RemedyRun] { all.withLock { $0 } }

    func end() { done.finish() }

    func perform(_ run: RemedyRun) async -> RemedyOutcome {
        all.withLock { $0.append(run) }
        for await _ in waiting {}
        return RemedyOutcome(succeeded: true, output: "late")
    }
}
