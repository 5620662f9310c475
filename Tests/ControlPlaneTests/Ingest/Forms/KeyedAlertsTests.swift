import ControlPlane
import Response
import Spec
import Testing

@Suite("Alerts that their sender names by a key")
struct KeyedAlertsTests {
    /// A book that is told what deeds say.
    private struct Told {
        var book = AlertBook()
        var keyed = KeyedAlerts()
        var now = FormDesk.now

        mutating func take(_ deeds: [IngestDeed]) -> [AlertBook.Change] {
            var changes: [AlertBook.Change] = []
            for deed in deeds {
                let book = book
                for report in keyed.reports(for: deed, now: now, alert: { book.alerts[$0] }) {
                    changes.append(self.book.take(report, now: now).change)
                }
            }
            return changes
        }

        var firing: [Response.Alert] { book.alerts.values.filter { $0.endedAt == nil } }
    }

    private static let target = AlertTarget.key(AlertKey(integration: "shop", text: "srv01/mysql"))

    private func trigger(_ severity: String, _ summary: String = "DISK at 99%") throws -> [IngestDeed] {
        let desk = try FormDesk(.pagerDuty)
        return try desk.send("/v2/enqueue", PagerDutyTests.trigger(severity: severity, summary: summary)).deeds
    }

    @Test("a resolve ends the alert of its key, with what was known of it, and once")
    func resolve() throws {
        var told = Told()
        #expect(told.take(try trigger("critical")) == [.began])
        told.now = told.now + .seconds(86_400)
        #expect(told.book.pass(until: told.now) == nil, "it fires until it is said to be over")
        #expect(told.take([.resolve(Self.target)]) == [.resolved])
        #expect(told.book.alerts.values.first { _ in true }?.annotations["free_space"] == "1%")
        #expect(told.take([.resolve(Self.target)]) == [])
        #expect(told.take([.resolve(.key(AlertKey(integration: "shop", text: "never heard of")))]) == [])
    }

    @Test("a later trigger is the same alert, whatever its summary says")
    func again() throws {
        var told = Told()
        #expect(told.take(try trigger("critical")) == [.began])
        #expect(told.take(try trigger("critical", "DISK at 98%")) == [.refreshed])
        #expect(told.firing.map { $0.labels["alertname"] } == ["DISK at 99%"])
        #expect(told.firing.first?.annotations["summary"] == "DISK at 98%")
    }

    @Test("its severity follows the sender: the new alert begins before the old one ends")
    func severity() throws {
        var told = Told()
        #expect(told.take(try trigger("warning")) == [.began])
        #expect(told.take(try trigger("critical")) == [.began, .resolved])
        #expect(told.firing.map(\.level) == [.critical])
        #expect(told.take([.resolve(Self.target)]) == [.resolved])
        #expect(told.firing.isEmpty)
    }

    @Test("after its end a trigger begins anew, with its own labels")
    func anew() throws {
        var told = Told()
        _ = told.take(try trigger("critical"))
        _ = told.take([.resolve(Self.target)])
        told.now = told.now + .seconds(60)
        #expect(told.take(try trigger("critical", "DISK at 97%")) == [.began])
        #expect(told.firing.map { $0.labels["alertname"] } == ["DISK at 97%"])
    }

    @Test("what is stored is enough after a restart")
    func restart() throws {
        var told = Told()
        _ = told.take(try trigger("warning"))
        _ = told.take(try trigger("critical"))
        told.keyed = KeyedAlerts(told.book.alerts.values)
        #expect(told.keyed.fingerprint(Self.target) == told.firing.first?.labels.fingerprint)
        #expect(told.take([.resolve(Self.target)]) == [.resolved])
    }

    @Test("what is forgotten is known no more, and alerts without a key pass as they are")
    func forgotten() throws {
        var told = Told()
        _ = told.take(try trigger("critical"))
        let labels = try #require(told.firing.first?.labels)
        told.keyed.forget(labels.fingerprint)
        #expect(told.keyed.fingerprint(Self.target) == nil)
        let plain = AlertBook.Report(labels: LabelSet(["alertname": "A"]))
        #expect(told.take([.report(plain)]) == [.began])
        #expect(told.take([.resolve(.fingerprint(plain.labels.fingerprint))]) == [.resolved])
    }

    @Test("an end that comes with other labels ends what is known, in the same message too")
    func endWithOtherLabels() throws {
        let desk = try FormDesk(.json)
        let firing = #"{"title": "Disk full", "alert_uid": "d", "severity": "critical", "labels": {"host": "db1"}}"#
        let over = #"{"title": "Disk is well", "alert_uid": "d", "state": "ok"}"#
        let deeds = try desk.send("/integrations/json/KEY", "[\(firing), \(over)]").deeds
        var told = Told()
        #expect(told.take(deeds) == [.began, .resolved])
        // Reports that are collected before any is taken name one alert as well.
        var keyed = KeyedAlerts()
        let reports = deeds.flatMap { keyed.reports(for: $0, now: FormDesk.now) { _ in nil } }
        #expect(Set(reports.map(\.labels)).count == 1)
    }

    @Test("the end of what was never told is not remembered")
    func neverTold() throws {
        let desk = try FormDesk(.json)
        let over = #"{"title": "Disk is well", "alert_uid": "d", "state": "ok"}"#
        var told = Told()
        #expect(told.take(try desk.send("/integrations/json/KEY", over).deeds) == [.nothing])
        #expect(told.keyed.fingerprint(.key(AlertKey(integration: "shop", text: "d"))) == nil)
    }
}
