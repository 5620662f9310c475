import ControlPlane
import Response
import Spec
import Testing
import World

@Suite("Opsgenie's Alert API")
struct OpsgenieTests {
    static let fields = ["Authorization": "GenieKey KEY", "Content-Type": "application/json"]

    /// Opsgenie's own example ("Alert API", Create Alert).
    static func create(priority: String = #""priority": "P1","#, message: String = "An example alert message") -> String
    {
        """
        {"message": "\(message)", "alias": "Life is too short for no alias",
         "description": "Every alert needs a description",
         "responders": [{"id": "4513b7ea-3b91-438f-b7e4-e3e54af9147c", "type": "team"}, {"name": "NOC", "type": "team"},
          {"username": "trinity@opsgenie.com", "type": "user"}],
         "visibleTo": [{"name": "rocket_team", "type": "team"}], "actions": ["Restart", "AnExampleAction"],
         "tags": ["OverwriteQuietHours", "Critical"], "details": {"key1": "value1", "key2": "value2"}, \(priority)
         "entity": "An example entity"}
        """
    }

    @Test("reads its own example, and answers 202 with a request's id")
    func create() throws {
        let desk = try FormDesk(.opsgenie)
        let outcome = try desk.send("/v2/alerts", Self.create(), fields: Self.fields)
        #expect(outcome.answer.status == 202)
        #expect(
            outcome.text
                == #"{"result":"Request will be processed","took":0.0,"requestId":"43a29c5c-3dbf-4fa4-9c26-f4f71023e120"}"#
        )
        let report = try #require(outcome.reports.first)
        #expect(report.labels["alertname"] == "An example alert message")
        #expect(report.labels["dedup_key"] == "Life is too short for no alias")
        #expect(report.labels["entity"] == "An example entity")
        #expect(report.labels["tags"] == "Critical,OverwriteQuietHours")
        #expect(report.level == .critical)
        #expect(report.annotations["key1"] == "value1")
        #expect(report.annotations["description"] == "Every alert needs a description")
        #expect(
            report.annotations["responders"] == "4513b7ea-3b91-438f-b7e4-e3e54af9147c, NOC, trinity@opsgenie.com")
    }

    @Test(
        "P1 to P5 are our levels, and P3 is meant where none is said",
        arguments: [("P1", Level.critical), ("P2", .high), ("P3", .medium), ("P4", .low), ("P5", .low), ("", .medium)])
    func priorities(word: String, level: Level) throws {
        let desk = try FormDesk(.opsgenie)
        let body = Self.create(priority: word.isEmpty ? "" : #""priority": "\#(word)","#)
        #expect(try desk.send("/v2/alerts", body, fields: Self.fields).reports.first?.level == level)
    }

    @Test("close, acknowledge and notes find the alert by alias, with who said it")
    func actions() throws {
        let desk = try FormDesk(.opsgenie)
        let target = AlertTarget.key(AlertKey(integration: "shop", text: "disk/db 1"))
        func send(_ action: String, _ body: String) throws -> IngestOutcome {
            try desk.send(
                "/v2/alerts/disk%2Fdb%201/\(action)", query: "identifierType=alias", body, fields: Self.fields)
        }
        let body = #"{"user": "Monitoring Script", "source": "AWS Lambda", "note": "Action executed via Alert API"}"#
        let note = IngestDeed.note(target, text: "Action executed via Alert API", by: "Monitoring Script")
        #expect(try send("close", body).deeds == [note, .resolve(target)])
        #expect(try send("acknowledge", body).deeds == [note, .acknowledge(target, by: "Monitoring Script")])
        let noted = try send("notes", body)
        #expect(noted.deeds == [note])
        #expect(noted.answer.status == 202)
        #expect(try send("close", "").deeds == [.resolve(target)], "a body is optional")
        let empty = try send("notes", "{}")
        #expect(empty.answer.status == 422)
        #expect(empty.json?["errors"]?["note"] != nil)
    }

    @Test("an id is a fingerprint; other kinds of names are refused")
    func identifiers() throws {
        let desk = try FormDesk(.opsgenie)
        let byID = try desk.send("/v2/alerts/00000000deadbeef/close", "{}", fields: Self.fields)
        #expect(byID.deeds == [.resolve(.fingerprint(Fingerprint(value: 0xdead_beef), of: "shop"))])
        let tiny = try desk.send("/v2/alerts/23/close", query: "identifierType=tiny", "{}", fields: Self.fields)
        #expect(tiny.answer.status == 422)
        #expect(tiny.deeds.isEmpty)
    }

    @Test("what is not right is a 422 that names the field, or a 400")
    func faults() throws {
        let desk = try FormDesk(.opsgenie)
        let blank = try desk.send("/v2/alerts", Self.create(message: " "), fields: Self.fields)
        #expect(blank.answer.status == 422)
        #expect(blank.json?["message"]?.string == "Request body is not processable. Please check the errors.")
        #expect(blank.json?["errors"]?["message"]?.string == "Message can not be empty.")
        let odd = try desk.send("/v2/alerts", Self.create(priority: #""priority": "P6","#), fields: Self.fields)
        #expect(odd.json?["errors"]?["priority"] != nil)
        #expect(try desk.send("/v2/alerts", "{", fields: Self.fields).answer.status == 400)
        #expect(try desk.send("/v2/alerts", "[]", fields: Self.fields).answer.status == 400)
        #expect(blank.deeds.isEmpty && odd.deeds.isEmpty)
    }

    @Test("the key comes as GenieKey or in the query; without it nothing is read")
    func keys() throws {
        let desk = try FormDesk(.opsgenie)
        #expect(try desk.send("/v2/alerts", query: "apiKey=KEY", Self.create()).answer.status == 202)
        for field in ["GenieKey KEYx", "GenieKey", "KEY", "Digest KEY", ""] {
            let outcome = try desk.send("/v2/alerts", Self.create(), fields: ["Authorization": field])
            #expect(outcome.answer.status == 401, "\(field)")
            #expect(outcome.json?["message"]?.string == "Could not authenticate")
            #expect(outcome.json?["requestId"]?.string == FormDesk.id)
            #expect(outcome.deeds.isEmpty)
        }
    }

    @Test("a heartbeat's ping is a sign of life of its name", arguments: ["GET", "POST", "PUT", "PATCH"])
    func ping(method: String) throws {
        let desk = try FormDesk(.opsgenie)
        let outcome = try desk.send("/v2/heartbeats/nightly-backup/ping", fields: Self.fields, method: method)
        #expect(outcome.deeds == [.beat("nightly-backup")])
        #expect(outcome.answer.status == 202)
        #expect(outcome.json?["result"]?.string == "PONG - Heartbeat received")
    }
}
