import Response
import Spec
import Testing

@Suite("Incidents")
struct IncidentTests {
    private let start = Moment(seconds: 1_790_000_000)
    private let slow = LabelSet(["alertname": "Slow", "service": "api"])
    private let down = LabelSet(["alertname": "Down", "service": "api"])

    private func at(_ seconds: Int) -> Moment { start + .seconds(seconds) }

    private func incident(_ id: String = "i1", _ severity: Level = .high) -> Incident {
        Incident(id: id, title: "api is slow", severity: severity, opened: start, service: "api")
    }

    @Test("it is triggered, acknowledged and resolved, each once")
    func life() throws {
        var incident = incident()
        try incident.acknowledge(by: .person("ana"), now: at(60))
        #expect(incident.status == .acknowledged && incident.assignee == "ana")
        #expect(throws: Incident.Refusal.isAcknowledged(by: "ana")) {
            try incident.acknowledge(by: .person("ben"), now: at(61))
        }
        try incident.resolve(by: .person("ana"), now: at(600))
        #expect(!incident.isOpen && incident.resolved == at(600))
        #expect(throws: Incident.Refusal.isResolved) { try incident.resolve(by: .person("ana"), now: at(601)) }
        #expect(throws: Incident.Refusal.isResolved) { try incident.assign(to: "ben", by: .hauban, now: at(601)) }
        #expect(
            incident.timeline.map(\.deed) == [.opened(.high), .acknowledged, .resolved])
    }

    @Test("its last alert that ends resolves it, one that begins again opens it again")
    func alerts() throws {
        var incident = incident()
        try incident.alertBegan(slow, severity: .high, by: .source("prometheus"), now: at(0))
        try incident.alertBegan(slow, severity: .high, by: .source("prometheus"), now: at(1))
        try incident.alertBegan(down, severity: .critical, by: .source("prometheus"), now: at(10))
        #expect(incident.severity == .critical && incident.firing.count == 2)
        let first = incident.alertEnded(slow.fingerprint, by: .source("prometheus"), now: at(20))
        let twice = incident.alertEnded(slow.fingerprint, by: .source("prometheus"), now: at(21))
        let last = incident.alertEnded(down.fingerprint, by: .source("prometheus"), now: at(30))
        #expect(!first && !twice && last)
        #expect(incident.status == .resolved)
        try incident.alertBegan(down, severity: .critical, by: .source("prometheus"), now: at(40))
        #expect(incident.status == .triggered && incident.resolved == nil)
        #expect(incident.timeline.last?.deed == .reopened(.alertBeganAgain))
    }

    @Test("resolved by hand while alerts fire, it is not resolved a second time when they end")
    func byHand() throws {
        var incident = incident()
        try incident.alertBegan(slow, severity: .high, by: .source("x"), now: at(0))
        try incident.resolve(by: .person("ana"), now: at(5))
        let resolves = incident.alertEnded(slow.fingerprint, by: .source("x"), now: at(9))
        #expect(!resolves)
        #expect(incident.resolved == at(5))
    }

    @Test("given back, it is nobody's; the first acknowledgement stays the one that is measured")
    func givenBack() throws {
        var incident = incident()
        #expect(throws: Incident.Refusal.isNotAcknowledged) { try incident.unacknowledge(by: .hauban, now: at(1)) }
        try incident.acknowledge(by: .person("ana"), now: at(60))
        try incident.unacknowledge(by: .person("ana"), now: at(90))
        #expect(incident.status == .triggered && incident.assignee == nil)
        try incident.acknowledge(by: .person("ben"), now: at(120))
        #expect(incident.firstAcknowledged == at(60))
    }

    @Test("two that are one: alerts, severity and timeline go on in the one that stays")
    func merge() throws {
        var one = incident("i1", .high)
        var other = incident("i2", .critical)
        try one.alertBegan(slow, severity: .high, by: .source("x"), now: at(0))
        try other.alertBegan(down, severity: .critical, by: .source("x"), now: at(5))
        try one.absorb(&other, by: .person("ana"), now: at(10))
        #expect(one.firing == [slow.fingerprint, down.fingerprint] && one.severity == .critical)
        #expect(other.status == .merged(into: "i1") && other.firing.isEmpty)
        #expect(one.log.count > 5 && zip(one.timeline, one.timeline.dropFirst()).allSatisfy { $0.at <= $1.at })
        #expect(throws: Incident.Refusal.isMerged(into: "i1")) {
            try other.alertBegan(down, severity: .critical, by: .source("x"), now: at(11))
        }
        #expect(throws: Incident.Refusal.isMerged(into: "i1")) { try one.absorb(&other, by: .hauban, now: at(12)) }
        var same = one
        #expect(throws: Incident.Refusal.intoItself) { try one.absorb(&same, by: .hauban, now: at(12)) }
    }

    @Test("times to acknowledge and to resolve are means over what was opened in the period, merged ones left out")
    func times() throws {
        var first = incident("i1")
        try first.acknowledge(by: .person("ana"), now: at(60))
        try first.resolve(by: .person("ana"), now: at(600))
        var second = incident("i2")
        try second.resolve(by: .hauban, now: at(1200))
        var third = incident("i3")
        var open = incident("i4")
        try open.absorb(&third, by: .hauban, now: at(1))
        let all = [first, second, third, open]
        let times = ResponseTimes(of: all, openedFrom: start, to: at(1))
        #expect(times.incidents == 3 && times.acknowledged == 1 && times.resolved == 2)
        #expect(times.meanToAcknowledge == .seconds(60) && times.meanToResolve == .seconds(900))
        #expect(ResponseTimes(of: all, openedFrom: at(1), to: at(2)).incidents == 0)
        #expect(ResponseTimes(of: all, openedFrom: start, to: at(1), service: "web").meanToResolve == nil)
    }
}
