import ControlPlane
import FoundationEssentials
import Response
import Spec
import Testing
import World

@Suite("Plain JSON by a declared mapping")
struct MappedJSONTests {
    static let mapping = JSONMapping(
        items: "events", title: ["check.name"], key: ["/check/id.of.it"], severity: ["check.prio"],
        severities: ["sev1": .critical, "sev5": .low], status: ["state[0].word"], resolved: ["up"],
        acknowledged: ["seen"], message: ["text"], url: ["link"], startsAt: ["since"],
        labels: ["service": "check.service", "attempt": "check.attempt"], labelObjects: ["tags"],
        annotations: ["raw": "check"])

    static func event(_ id: String, state: String = "down", prio: String = "sev1") -> String {
        """
        {"check": {"name": "HTTP \(id)", "id.of.it": "\(id)", "prio": "\(prio)", "service": "web", "attempt": 3},
         "state": [{"word": "\(state)"}], "text": "no answer", "link": "https://checks.example/\(id)",
         "since": 1799999990, "tags": {"data center": "par", "empty": "", "none": null}}
        """
    }

    @Test("finds each part at its place")
    func places() throws {
        let desk = try FormDesk(.json) { $0.mapping = Self.mapping }
        let outcome = try desk.send(
            "/integrations/json/KEY", #"{"events": [\#(Self.event("a")), \#(Self.event("b", state: "UP"))]}"#)
        #expect(outcome.answer.status == 200)
        #expect(outcome.text == #"{"status":"ok","keys":["a","b"]}"#)
        let report = try #require(outcome.reports.first)
        #expect(
            report.labels.dictionary == [
                "alertname": "HTTP a", "severity": "critical", "service": "web", "attempt": "3", "data_center": "par",
                "integration": "shop", "dedup_key": "a",
            ])
        #expect(report.annotations["description"] == "no answer")
        #expect(report.annotations["raw"]?.hasPrefix(#"{"name":"HTTP a""#) == true)
        #expect(report.generatorURL == "https://checks.example/a")
        #expect(report.startsAt == Moment(seconds: 1_799_999_990))
        #expect(!report.isOver())
        #expect(outcome.reports.last?.isOver() == true)
    }

    @Test("a word that says that somebody has seen it acknowledges")
    func acknowledged() throws {
        let desk = try FormDesk(.json) { $0.mapping = Self.mapping }
        let outcome = try desk.send("/integrations/json/KEY", #"{"events": [\#(Self.event("a", state: "seen"))]}"#)
        #expect(outcome.deeds.last == .acknowledge(.key(AlertKey(integration: "shop", text: "a")), by: "shop"))
        #expect(outcome.reports.count == 1)
    }

    @Test(
        "severities are read by the mapping, then as labels are, then as the integration says",
        arguments: [("sev5", Level.low), ("WARNING", .medium), ("P1", .critical), ("blue", .high)])
    func severities(word: String, level: Level) throws {
        let desk = try FormDesk(.json) { $0.mapping = Self.mapping }
        let outcome = try desk.send("/integrations/json/KEY", #"{"events": [\#(Self.event("a", prio: word))]}"#)
        #expect(outcome.reports.first?.level == level)
    }

    @Test("without a key, title and labels identify the alert, and its severity does not")
    func withoutKey() throws {
        let desk = try FormDesk(.json)
        func body(_ state: String, _ severity: String) -> String {
            #"{"title": "Disk full", "state": "\#(state)", "severity": "\#(severity)", "labels": {"host": "db1"}}"#
        }
        let first = try #require(try desk.send("/integrations/json/KEY", body("down", "high")).reports.first)
        let last = try #require(try desk.send("/integrations/json/KEY", body("ok", "low")).reports.first)
        #expect(first.labels["dedup_key"] == last.labels["dedup_key"])
        #expect(last.isOver())
    }

    @Test("the bad ones of a list are named, the others kept")
    func batch() throws {
        let desk = try FormDesk(.json)
        let outcome = try desk.send("/integrations/json/KEY", #"[{"title": "A"}, 7, {"nothing": 1}, {"title": "B"}]"#)
        #expect(outcome.answer.status == 400)
        #expect(outcome.rejects.map(\.index) == [1, 2])
        #expect(outcome.reports.map { $0.labels["alertname"] } == ["A", "B"])
        #expect(outcome.json?["rejected"]?.text.contains("the alert has no title") == true)
    }

    @Test("an answer names a hundred bad ones at most, and how many there are")
    func many() throws {
        let desk = try FormDesk(.json)
        let outcome = try desk.send(
            "/integrations/json/KEY", "[" + Array(repeating: "7", count: 5000).joined(separator: ",") + "]")
        #expect(outcome.rejects.count == 5000)
        #expect(outcome.field("X-Hauban-Rejected")?.split(separator: ",").count == 100)
        #expect(outcome.text.utf8.count < 10_000)
        #expect(outcome.json?["detail"]?.string?.hasPrefix("5000 of the alerts") == true)
    }

    @Test("a text that is no JSON, or has no list where one is declared, is refused")
    func malformed() throws {
        let desk = try FormDesk(.json) { $0.mapping = Self.mapping }
        #expect(try desk.send("/integrations/json/KEY", "title=A").answer.status == 400)
        let outcome = try desk.send("/integrations/json/KEY", #"{"alerts": []}"#)
        #expect(outcome.answer.status == 400)
        #expect(outcome.text.contains("there is no list of alerts at events"))
    }

    @Test("a mapping is kept as JSON with paths as texts")
    func stored() throws {
        let data = try JSONEncoder().encode(Self.mapping)
        #expect(String(decoding: data, as: UTF8.self).contains(#""state[0].word""#))
        #expect(try JSONDecoder().decode(JSONMapping.self, from: data) == Self.mapping)
        #expect(throws: DecodingError.self) {
            try JSONDecoder().decode(JSONPath.self, from: Data(#""a..b""#.utf8))
        }
    }

    @Test("paths", arguments: ["", ".", "a..b", "a.", ".a", "a[x]", "a[1", "a]"])
    func badPaths(text: String) {
        #expect(JSONPath(text) == nil || text == "a]", "\(text)")
    }
}
