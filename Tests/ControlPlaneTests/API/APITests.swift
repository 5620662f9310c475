import ControlPlane
import Foundation
import Response
import Spec
import TestKit
import Testing
import World

/// Every endpoint, in the order in which a day uses them; each answer is judged by the description that the API gives of itself.
@Suite("The JSON API")
struct APITests {
    private static let token = Secret("the-local-token")

    private struct Exchange {
        var method: String
        var path: String
        var status: Int
        var body: String
    }

    private final class Session {
        let plane: PlaneFixture
        var exchanges: [Exchange] = []

        init(_ plane: PlaneFixture) { self.plane = plane }

        @discardableResult
        func send(
            _ method: String, _ path: String, _ json: String? = nil, expect status: Int = 200,
            _ location: SourceLocation = #_sourceLocation
        ) async throws -> JSONValue {
            let answer = try await plane.client.send(
                method, "/api/v1" + path, json: json,
                fields: ["Authorization": "Bearer the-local-token", "X-Hauban-User": "ana"])
            #expect(answer.status == status, "\(method) \(path): \(answer.body)", sourceLocation: location)
            exchanges.append(Exchange(method: method, path: path, status: answer.status, body: answer.body))
            return answer.json ?? .string(answer.body)
        }

        func items(_ path: String, _ location: SourceLocation = #_sourceLocation) async throws -> [JSONValue] {
            guard case .array(let items)? = try await send("GET", path, nil, expect: 200, location)["items"] else {
                return []
            }
            return items
        }
    }

    private static var rules: Rulebook {
        var rules = WatchTests.rules
        rules.resolveTimeout = .seconds(86_400)
        rules.schedules["primary"] = OnCallSchedule(
            name: "primary",
            layers: [
                RotationLayer(
                    name: "rotation", people: ["ana", "ben"], turn: 7 * 86_400,
                    anchor: CivilTime(RotationLayer.firstMonday), zone: .utc)
            ])
        return rules
    }

    @Test("answers every request as its own description says, and the description is OpenAPI 3.1")
    func wholeDay() async throws {
        try await PlaneFixture.with(rules: Self.rules, courier: RecordingCourier(), { $0.local = Self.token }) {
            plane in
            let session = Session(plane)
            try await day(session)
            let description = try await plane.client.send("GET", "/api/v1/openapi.json")
            let exchanges = session.exchanges.map { exchange in
                JSONValue.object([
                    .init("method", .string(exchange.method.lowercased())),
                    .init("path", .string(String(exchange.path.prefix { $0 != "?" }))),
                    .init("status", .number("\(exchange.status)")), .init("body", .string(exchange.body)),
                ])
            }
            let verdict = try PythonJudge().run(
                Self.judge,
                files: ["openapi.json": description.body, "exchanges.json": JSONValue.array(exchanges).text])
            #expect(verdict.contains("judged \(exchanges.count)"), "\(verdict)")
            #expect(verdict.contains("unused: []"), "\(verdict)")
        }
    }

    private func day(_ session: Session) async throws {
        #expect(try await session.items("/incidents").isEmpty)
        try await session.plane.post(
            #"[{"labels":{"alertname":"Down","service":"api","severity":"critical"},"annotations":{"summary":"s"},"generatorURL":"http://p/g"}]"#
        )
        let alerts = try await session.items("/alerts?filter=service%3D%22api%22")
        #expect(alerts.first?["incidents"]?.text == #"["i1"]"#)
        #expect(try await session.items("/incidents").first?["title"]?.string?.isEmpty == false)
        let details = try await session.send("GET", "/incidents/i1")
        #expect(details["incident"]?["severity"]?.string == "critical")
        #expect(details["pages"]?.text.contains("+331") == true)
        try await session.send("POST", "/incidents/i1/acknowledge")
        try await session.send("POST", "/incidents/i1/acknowledge", expect: 409)
        try await session.send("POST", "/incidents/i1/give-back")
        try await session.send("POST", "/incidents/i1/snooze", #"{"until":"2027-01-15T09:00:00Z"}"#)
        try await session.send("POST", "/incidents/i1/assign", #"{"person":"ben"}"#)
        try await session.send("POST", "/incidents/i1/roles", #"{"role":"commander","person":"ana"}"#)
        try await session.send("POST", "/incidents/i1/notes", #"{"text":"looking"}"#)
        try await session.send("POST", "/incidents/i1/links", #"{"url":"https://x.example/y","title":"graph"}"#)
        try await session.send("POST", "/incidents/i1/severity", #"{"severity":"high"}"#)
        try await session.send("POST", "/incidents/i1/actions", #"{"action":"restart"}"#)
        try await session.send("POST", "/incidents/i1/approve", #"{"action":"restart"}"#, expect: 409)
        try await session.send("POST", "/incidents/i1/decline", #"{"action":"restart"}"#, expect: 409)
        let opened = try await session.send(
            "POST", "/incidents", #"{"title":"by hand","severity":"low","service":"web","policy":"watch"}"#,
            expect: 201)
        #expect(opened["incident"]?["id"]?.string == "i2")
        try await session.send("POST", "/incidents/i2/merge", #"{"into":"i1"}"#)
        try await session.send("POST", "/incidents/i1/resolve")
        try await session.send("POST", "/incidents/i1/reopen", #"{"reason":"it is back"}"#)
        #expect(
            try await session.send("GET", "/incidents/i1/postmortem").string?.contains("# ") == true)
        #expect(try await session.items("/incidents?status=all&limit=1").count == 1)
        try await session.send("GET", "/incidents?status=all&limit=1&cursor=i2&service=api&severity=high")
        try await session.send("GET", "/figures?from=2020-01-01T00:00:00Z")
        #expect(try await session.items("/figures?by=day").contains { $0["incidents"]?.text == "1" })
        #expect(try await session.items("/figures/people").first?["pages"] != nil)
        #expect(try await session.items("/figures/alerts").first?["alert"]?.string == "Down")
        let person = try await session.send(
            "PUT", "/people/ana/entry",
            #"{"phone":"+33622222222","order":{"critical":["sms"]},"quiet":{"hours":["sat,sun"]},"language":"fr"}"#)
        #expect(person["source"]?.string == "here" && person["changedBy"]?.string == "ana")
        #expect(person["contacts"]?.text == #"["sms:+33622222222","call:+33622222222"]"#)
        #expect(person["entry"]?["quiet"]?["hours"]?.text == #"["sat,sun"]"#)
        let wrong = try await session.send("PUT", "/people/ana/entry", #"{"phone":"0612"}"#, expect: 422)
        #expect(wrong["member"]?.string == "phone")
        try await session.send("PUT", "/people/nobody/entry", "{}", expect: 404)
        #expect(try await session.send("DELETE", "/people/ana/entry")["source"]?.string == "file")
        #expect(try await session.items("/services").contains { $0["incident"]?.string == "i1" })
        try await arrange(session)
        try await send(session)
    }

    private func arrange(_ session: Session) async throws {
        let silence = try await session.send(
            "POST", "/silences",
            #"{"matchers":["service=\"api\""],"endsAt":"2027-01-15T10:00:00Z","reason":"repair"}"#, expect: 201)
        #expect(silence["owner"]?.string == "ana")
        #expect(silence["alerts"]?.text == "1")
        #expect(try await session.items("/alerts?state=muted").count == 1)
        #expect(try await session.items("/silences").count == 1)
        try await session.send("DELETE", "/silences/\(silence["id"]?.string ?? "")", expect: 204)
        let window = try await session.send(
            "POST", "/maintenance",
            #"{"title":"disks","matchers":["service=db"],"endsAt":"2027-01-15T10:00:00Z"}"#, expect: 201)
        #expect(try await session.items("/maintenance").count == 1)
        try await session.send("DELETE", "/maintenance/\(window["id"]?.string ?? "")", expect: 204)
        #expect(try await session.items("/oncall?at=2027-01-15T08:00:00Z").first?["person"]?.string != nil)
        let override = try await session.send(
            "POST", "/oncall/primary/overrides",
            #"{"person":"ben","startsAt":"2027-01-16T08:00:00Z","endsAt":"2027-01-16T20:00:00Z"}"#, expect: 201)
        #expect(try await session.items("/oncall?at=2027-01-16T09:00:00Z").first?["person"]?.string == "ben")
        #expect(try await session.items("/oncall").first?["zone"]?.string != nil)
        #expect(try await session.items("/oncall/primary/shifts").count >= 3)
        #expect(try await session.items("/oncall/primary/gaps").isEmpty)
        #expect(try await session.items("/oncall/primary/overrides").count == 1)
        try await session.send(
            "DELETE", "/oncall/primary/overrides/\(override["id"]?.string ?? "")", expect: 204)
        try await session.send(
            "POST", "/oncall/primary/absences", #"{"person":"ana","endsAt":"2027-01-20T00:00:00Z"}"#, expect: 204)
        let calendar = try await session.send("GET", "/oncall/primary/calendar.ics")
        #expect(calendar.string?.hasPrefix("BEGIN:VCALENDAR\r\n") == true)
        #expect(try await session.items("/people").count == 2)
        try await session.send("POST", "/people/ana/test-page", expect: 204)
    }

    private func send(_ session: Session) async throws {
        try await session.send(
            "POST", "/releases",
            #"{"id":"r1","services":["api"],"version":"abc","verdict":"kept","migration":"none"}"#, expect: 201)
        #expect(try await session.items("/releases?service=api").first?["by"]?.string == "ana")
        let made = try await session.send(
            "POST", "/integrations", #"{"name":"pd","sender":"pagerduty","labels":{"service":"api"}}"#, expect: 201)
        let key = made["key"]?.string ?? ""
        #expect(key.hasPrefix("hb_"))
        try await session.send("POST", "/integrations/pd/rotate", #"{"keepSeconds":60}"#)
        #expect(try await session.items("/integrations").first?["keys"]?.text.contains(key) == false)
        let event = try await session.plane.client.send(
            "POST", "/v2/enqueue",
            json:
                #"{"routing_key":"\#(key)","event_action":"trigger","dedup_key":"d1","payload":{"summary":"pd says","source":"s","severity":"critical"}}"#
        )
        #expect(event.status == 202, "\(event.body)")
        #expect(try await session.items("/alerts?filter=integration%3Dpd").count == 1)
        try await session.send("DELETE", "/integrations/pd", expect: 204)
        let lines = try await session.items("/audit?limit=500")
        #expect(lines.contains { $0["what"]?.string == "POST /silences" && $0["who"]?.string == "ana" })
        #expect(lines.last?["number"]?.text == "1")
        try await session.send("GET", "/audit?limit=2&cursor=5")
    }

    @Test("refuses what it does not know, in words that mend it")
    func refusals() async throws {
        try await PlaneFixture.with(rules: Self.rules, courier: RecordingCourier(), { $0.local = Self.token }) {
            plane in
            let session = Session(plane)
            for (method, path, body, status, words) in [
                ("GET", "/nothing", nil, 404, "nothing is at /api/v1/nothing"),
                ("GET", "/incidents/i9", nil, 404, "there is no incident i9"),
                ("POST", "/incidents/i9/resolve", nil, 404, "no incident i9 is open"),
                ("DELETE", "/incidents", nil, 405, "takes GET, POST"),
                ("POST", "/incidents", "{}", 422, "title is missing"),
                ("POST", "/incidents", #"{"titel":"x"}"#, 422, "titel is not known here; known are title"),
                ("POST", "/incidents", #"{"title":"x","severity":"bad"}"#, 422, "none of critical, high"),
                ("POST", "/incidents", "[1]", 400, "It is a JSON object"),
                ("GET", "/incidents?status=some", nil, 422, "none of open, resolved, all"),
                ("GET", "/incidents?limit=0", nil, 422, "from 1 to 500"),
                (
                    "POST", "/silences", #"{"matchers":["x"],"endsAt":"2027-01-15T10:00:00Z","reason":"r"}"#, 422,
                    "bad matcher"
                ),
                (
                    "POST", "/silences", #"{"matchers":["a=~\".*\""],"endsAt":"2027-01-15T10:00:00Z","reason":"r"}"#,
                    422, "must not match the empty string"
                ),
                ("POST", "/silences", #"{"matchers":["a=b"],"endsAt":"soon","reason":"r"}"#, 422, "no date-time"),
                (
                    "POST", "/oncall/primary/overrides", #"{"person":"eve","endsAt":"2027-01-20T00:00:00Z"}"#, 422,
                    "nobody has the name eve"
                ),
                ("GET", "/oncall/other/shifts", nil, 404, "no schedule has the name other"),
                ("POST", "/integrations", #"{"name":"a b","sender":"json"}"#, 422, "has a blank or a slash"),
            ] as [(String, String, String?, Int, String)] {
                let answer = try await session.send(method, path, body, expect: status)
                let detail = answer["detail"]?.string ?? ""
                #expect(detail.contains(words), "\(method) \(path): \(detail)")
                #expect(answer["type"]?.string?.hasPrefix("urn:hauban:problem:") == true)
            }
        }
    }

    @Test("lets nobody in without a token, and a token of this machine only from this machine")
    func unauthorized() async throws {
        try await PlaneFixture.with(rules: Self.rules, { $0.local = Self.token }) { plane in
            for field in ["", "Bearer other", "Basic the-local-token"] {
                let answer = try await plane.client.send(
                    "GET", "/api/v1/incidents", fields: ["Authorization": field])
                #expect(answer.status == 401, "\(field)")
                #expect(answer.fields["content-type"] == "application/problem+json")
            }
            #expect(try await plane.client.send("GET", "/api/v1/openapi.json").status == 200)
        }
    }

    @Test("says what changed to who listens")
    func live() async throws {
        try await PlaneFixture.with(rules: Self.rules, courier: RecordingCourier(), { $0.local = Self.token }) {
            plane in
            let stream = Task {
                try await plane.client.exchange(
                    Array(
                        "GET /api/v1/events HTTP/1.1\r\nHost: l\r\nAuthorization: Bearer the-local-token\r\n\r\n".utf8),
                    until: "event: incidents")
            }
            try await eventually(within: .seconds(60)) { try await plane.metric("hauban_listeners") ?? 0 > 0 }
            try await plane.post(#"[{"labels":{"alertname":"last","service":"web"}}]"#)
            let text = String(decoding: try await stream.value, as: UTF8.self)
            #expect(text.contains("Content-Type: text/event-stream"))
            #expect(text.contains("event: incidents"))
        }
    }

    /// Judges a description, and answers by it.
    private static let judge = """
        import json, re
        from openapi_spec_validator import validate
        from jsonschema import Draft202012Validator
        document = json.load(open("openapi.json"))
        validate(document)
        used = set()
        judged = 0
        for exchange in json.load(open("exchanges.json")):
            found = None
            for path, operations in document["paths"].items():
                pattern = "^" + re.sub(r"\\{[^}]*\\}", "[^/]+", path) + "$"
                if re.match(pattern, exchange["path"]) and exchange["method"] in operations:
                    found = (path, operations[exchange["method"]])
                    if "{" not in path: break
            assert found, exchange
            path, operation = found
            status = exchange["status"]
            used.add((path, exchange["method"]))
            judged += 1
            if status >= 400:
                answer = document["components"]["responses"]["Problem"]
            else:
                keys = [key for key in operation["responses"] if key != "default"]
                answer = operation["responses"][keys[0]]
                assert (status == 204) == (keys[0] == "204"), (path, status)
            content = answer.get("content", {})
            if "application/json" in content or "application/problem+json" in content:
                schema = list(content.values())[0]["schema"]
                schema = dict(schema, components=document["components"])
                errors = list(Draft202012Validator(schema).iter_errors(json.loads(exchange["body"])))
                assert not errors, (path, errors[0].message, exchange["body"][:500])
        everything = {(path, method) for path, operations in document["paths"].items() for method in operations}
        print("judged", judged)
        print("unused:", sorted(everything - used - {("/events", "get")}))
        """
}
