import Response
import Testing

@Suite("Alerts")
struct AlertTests {
    private let start = Moment(seconds: 1_790_000_000)

    private func at(_ seconds: Int) -> Moment { start + .seconds(seconds) }

    @Test("a label set has the identity that Alertmanager gives it")
    func fingerprints() {
        // From Debian's Alertmanager 0.25: POST /api/v2/alerts, then `fingerprint` of GET /api/v2/alerts.
        #expect(LabelSet(["alertname": "Slow"]).fingerprint.description == "2a6d61766e100a13")
        #expect(
            LabelSet(["service": "api", "alertname": "Slow", "severity": "critical"]).fingerprint.description
                == "3b75ff2c7cfbae74")
        #expect(LabelSet(["alertname": "Slow", "empty": ""]) == LabelSet(["alertname": "Slow"]))
        #expect(Fingerprint("2a6d61766e100a13") == LabelSet(["alertname": "Slow"]).fingerprint)
        #expect(Fingerprint("12") == nil)
    }

    @Test(
        "a matcher speaks of the whole value, and of a missing label as of an empty one",
        arguments: [
            ("service", Matcher.Way.equals, "api", true), ("service", .equals, "ap", false),
            ("service", .differs, "api", false), ("region", .differs, "eu", true), ("region", .equals, "", true),
            ("service", .matches, "api|web", true), ("service", .matches, "a.i", true),
            ("service", .matches, "a", false),
            ("service", .matches, "(a|b)pi", true), ("service", .matchesNot, "web|db", true),
            ("service", .matchesNot, "a.*", false), ("region", .matches, ".*", true), ("region", .matches, ".+", false),
        ])
    func matchers(name: String, way: Matcher.Way, value: String, expected: Bool) throws {
        #expect(try Matcher(name, way, value).matches(LabelSet(["service": "api"])) == expected)
    }

    @Test("what is no regular expression is refused")
    func badMatcher() {
        #expect(throws: Matcher.Problem.self) { try Matcher("a", .matches, "(") }
        #expect(throws: Matcher.Problem.self) { try Matcher("", .equals, "x") }
    }

    @Test("an alert begins, is refreshed, and is over at the end that was assumed unless it is told again")
    func lifecycle() {
        var book = AlertBook(resolveTimeout: .seconds(300))
        let report = AlertBook.Report(labels: LabelSet(["alertname": "Slow"]))
        let id = report.labels.fingerprint
        #expect(book.take(report, now: at(0)).change == .began)
        #expect(book.take(report, now: at(200)).change == .refreshed)
        #expect(book.alerts[id]?.startsAt == at(0))
        let early = book.pass(until: at(499))
        let end = book.pass(until: at(500))
        #expect(early == nil && end == .ended(id))
        #expect(book.alerts[id]?.endedAt == at(500) && book.firing == 0)
        #expect(book.take(report, now: at(600)).change == .began)
        #expect(book.alerts[id]?.startsAt == at(600))
    }

    @Test("an end in the past resolves once; of what is not known it says nothing")
    func resolves() {
        var book = AlertBook(retention: .seconds(60))
        let labels = LabelSet(["alertname": "Slow"])
        let over = AlertBook.Report(labels: labels, startsAt: at(0), endsAt: at(10))
        #expect(book.take(over, now: at(20)).change == .nothing)
        #expect(book.alerts.isEmpty)
        #expect(book.take(.init(labels: labels, startsAt: at(20)), now: at(20)).change == .began)
        #expect(book.take(.init(labels: labels, startsAt: at(20), endsAt: at(29)), now: at(30)).change == .resolved)
        #expect(book.take(.init(labels: labels, startsAt: at(20), endsAt: at(29)), now: at(31)).change == .nothing)
        let early = book.pass(until: at(89))
        #expect(early == nil && book.alerts.count == 1)
        guard case .forgotten(let alert) = book.pass(until: at(90)) else { return #expect(Bool(false)) }
        #expect(alert.labels == labels && book.alerts.isEmpty)
    }

    @Test("an end beyond a restart is stored when it moved by a minute or a sixtieth, a near one never")
    func storedEnds() throws {
        var book = AlertBook(resolveTimeout: .seconds(300))
        let labels = LabelSet(["alertname": "Slow"])
        let id = labels.fingerprint
        func told(_ seconds: Int, _ lasts: Int) -> AlertBook.Change {
            book.take(.init(labels: labels, endsAt: at(seconds + lasts)), now: at(seconds)).change
        }
        #expect(told(0, 240) == .began)
        // As Prometheus tells it: every minute, with an end in four.
        for minute in 1...20 { #expect(told(minute * 60, 240) == .refreshed) }
        // Each hour's telling is good for an hour.
        #expect(told(1300, 3600) == .extended)
        #expect(told(1330, 3600) == .refreshed)
        #expect(told(1359, 3600) == .refreshed)
        let place = try #require(book.alerts.place(of: id))
        let isTaken = book.retell(place, startsAt: nil, endsAt: at(1359 + 3600), now: at(1359))
        #expect(isTaken)
        // Together they have moved it by a minute, which is not to be lost: it goes the long way.
        let isRetold = book.retell(place, startsAt: nil, endsAt: at(1360 + 3600), now: at(1360))
        #expect(!isRetold)
        #expect(told(1360, 3600) == .extended)
        #expect(told(1361, 3600) == .refreshed)
        // Told once a minute to fire until somebody says otherwise: written once in sixty days.
        #expect(told(1420, 3650 * 86_400) == .extended)
        for minute in 1...1000 { #expect(told(1420 + minute * 60, 3650 * 86_400) == .refreshed) }
    }

    @Test("an assumed end does not shorten one that was named")
    func assumedEnd() {
        var book = AlertBook(resolveTimeout: .seconds(300))
        let labels = LabelSet(["alertname": "Slow"])
        _ = book.take(.init(labels: labels, endsAt: at(3600)), now: at(0))
        _ = book.take(.init(labels: labels), now: at(10))
        #expect(book.alerts[labels.fingerprint]?.endsAt == at(3600))
    }

    @Test("a silence needs a matcher that does not match everything, an owner, a reason and an end")
    func refusals() throws {
        func make(
            _ matchers: [Matcher], owner: String = "ana", reason: String = "planned", from: Int = 0, to: Int = 3600
        ) throws(Silence.Refusal) -> Silence {
            try Silence(
                id: "s", matchers: matchers, start: at(from), end: at(to), owner: owner, reason: reason, now: at(0))
        }
        let api = [try Matcher("service", .equals, "api")]
        #expect(throws: Silence.Refusal.noMatcher) { try make([]) }
        #expect(throws: Silence.Refusal.matchesEverything) { try make([Matcher("service", .matches, ".*")]) }
        #expect(throws: Silence.Refusal.matchesEverything) { try make([Matcher("service", .differs, "none")]) }
        #expect(throws: Silence.Refusal.matchesEverything) { try make([Matcher("alertname", .matches, ".+")]) }
        #expect(throws: Silence.Refusal.noOwner) { try make(api, owner: " ") }
        #expect(throws: Silence.Refusal.noReason) { try make(api, reason: "") }
        #expect(throws: Silence.Refusal.endsBeforeItStarts) { try make(api, from: 10, to: 10) }
        #expect(throws: Silence.Refusal.endsInThePast) { try make(api, from: -20, to: -10) }
        #expect(throws: Silence.Refusal.tooLong(limit: .seconds(365 * 86_400))) { try make(api, to: 400 * 86_400) }
        let silence = try make(api, from: 10, to: 20)
        #expect([0, 10, 19, 20].map { silence.state(at: at($0)) } == [.pending, .active, .active, .expired])
        #expect(silence.mutes(LabelSet(["service": "api"]), at: at(15)))
        #expect(!silence.mutes(LabelSet(["service": "web"]), at: at(15)))
        #expect(!silence.mutes(LabelSet(["service": "api"]), at: at(25)))
    }

    @Test("an alert inhibits others that share the labels named, never itself")
    func inhibition() throws {
        let rule = Inhibition(
            name: "host-down", sources: [try Matcher("severity", .equals, "critical")],
            targets: [try Matcher("severity", .matches, "critical|warning")], equal: ["host"])
        let source = LabelSet(["alertname": "HostDown", "severity": "critical", "host": "a"])
        func inhibits(_ labels: [String: String]) -> Bool {
            rule.source(inhibiting: LabelSet(labels), among: [source]) != nil
        }
        #expect(inhibits(["alertname": "Slow", "severity": "warning", "host": "a"]))
        #expect(!inhibits(["alertname": "Slow", "severity": "warning", "host": "b"]))
        #expect(!inhibits(["alertname": "Slow", "severity": "info", "host": "a"]))
        #expect(!inhibits(["alertname": "HostDown", "severity": "critical", "host": "a"]))
        #expect(!inhibits(["alertname": "Slow", "severity": "warning"]))
    }
}
