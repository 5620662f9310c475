import ControlPlane
import Response
import Testing
import World

@Suite("Alerts of Alertmanager's API")
struct AlertTests {
    @Test("an alert without times starts now, and fires for the resolve timeout")
    func defaults() async throws {
        try await PlaneFixture.with { plane in
            let answer = try await plane.post(#"[{"labels":{"alertname":"Slow","service":"api"}}]"#)
            #expect(answer.status == 200)
            #expect(answer.body.isEmpty)
            let alert = try #require(try await plane.alerts().first)
            #expect(alert["startsAt"]?.string == "2027-01-15T08:00:00.123Z")
            #expect(alert["endsAt"]?.string == "2027-01-15T08:05:00.123Z")
            #expect(alert["updatedAt"]?.string == "2027-01-15T08:00:00.123Z")
            #expect(alert["status"]?["state"]?.string == "active")
            #expect(alert["receivers"]?.text == #"[{"name":"default"}]"#)
            #expect(alert["generatorURL"] == nil)
            #expect(alert["annotations"]?.text == "{}")
            let labels = LabelSet(["alertname": "Slow", "service": "api"])
            #expect(alert["fingerprint"]?.string == labels.fingerprint.description)

            plane.clock.advance(by: .seconds(299))
            #expect(try await plane.names() == ["Slow"])
            plane.clock.advance(by: .seconds(2))
            #expect(try await plane.names() == [], "nobody told it again")
        }
    }

    @Test("what is told again goes on, keeps its start, and ends when it is told to")
    func life() async throws {
        try await PlaneFixture.with { plane in
            let text = #"[{"labels":{"alertname":"Slow"},"annotations":{"summary":"it is"}}]"#
            try await plane.post(text)
            for _ in 1...3 {
                plane.clock.advance(by: .seconds(200))
                try await plane.post(text)
            }
            let alert = try #require(try await plane.alerts().first)
            #expect(alert["startsAt"]?.string == "2027-01-15T08:00:00.123Z")
            #expect(alert["endsAt"]?.string == "2027-01-15T08:15:00.123Z")
            #expect(alert["annotations"]?["summary"]?.string == "it is")
            try await plane.post(#"[{"labels":{"alertname":"Slow"},"endsAt":"2027-01-15T08:09:00Z"}]"#)
            #expect(try await plane.names() == [])
            try await plane.post(text)
            let again = try #require(try await plane.alerts().first)
            #expect(again["startsAt"]?.string == "2027-01-15T08:10:00.123Z", "it began anew")
        }
    }

    @Test("the same labels in another order and with other spaces are the same alert, and new annotations are shown")
    func identity() async throws {
        try await PlaneFixture.with { plane in
            try await plane.post(#"[{"labels":{"alertname":"A","z":"é\u0041","empty":""}}]"#)
            try await plane.post(#" [ { "annotations":{"n":"1"}, "labels" : {"z":"\u00e9A", "alertname":"A"} } ] "#)
            let alerts = try await plane.alerts()
            #expect(alerts.count == 1)
            #expect(alerts.first?["annotations"]?.text == #"{"n":"1"}"#)
            #expect(alerts.first?["labels"]?.text == #"{"alertname":"A","z":"éA"}"#)
            try await plane.post(#"[{"labels":{"alertname":"A","z":"éA"},"annotations":{"n":"2"}}]"#)
            #expect(try await plane.alerts().first?["annotations"]?["n"]?.string == "2")
        }
    }

    @Test("a malformed alert of a batch is named, and the others are kept")
    func malformed() async throws {
        try await PlaneFixture.with { plane in
            let invalid = try await plane.post(
                #"[{"labels":{"alertname":"one"}},{"labels":{"a-b":"x"}},{"labels":{}},{"labels":{"alertname":"two"}}]"#
            )
            #expect(invalid.status == 400)
            #expect(
                invalid.body
                    == "\"invalid label set: invalid name \\\"a-b\\\"; at least one label pair required\"\n")
            #expect(invalid.fields["x-hauban-rejected"] == "1,2")
            #expect(try await plane.names() == ["one", "two"])

            let unprocessable = try await plane.post(#"[{"annotations":{}},{"labels":{"alertname":"three"}},3]"#)
            #expect(unprocessable.status == 400)
            #expect(unprocessable.fields["x-hauban-rejected"] == "0,2")
            let number = try await plane.post(
                #"[{"labels":{"alertname":"four"}},{"labels":{"a":[1,{"b":2}]},"x":"y"}]"#)
            #expect(number.status == 400)
            #expect(number.json?["message"]?.string?.contains("\"a\" among the labels of alert 1 is no text") == true)
            let cut = try await plane.post(#"[{"labels":{"alertname":"five"}},{"labels":{"alertname":"#)
            #expect(cut.status == 400)
            #expect(cut.json?["message"]?.string == "parsing alerts body from \"\" failed, because unexpected EOF")
            #expect(try await plane.names() == ["one", "two", "three", "four", "five"])
        }
    }

    @Test("what is no JSON, of another type or of another form is refused in Alertmanager's words")
    func refusals() async throws {
        try await PlaneFixture.with { plane in
            let empty = try await plane.post("")
            #expect(empty.status == 422)
            #expect(empty.body == #"{"code":602,"message":"alerts in body is required"}"# + "\n")
            #expect(try await plane.post("{}").status == 400)
            #expect(try await plane.post("[{]").status == 400)
            #expect(try await plane.post(String(repeating: "[", count: 100_000)).status == 400)
            #expect(try await plane.post("null").status == 200)
            #expect(try await plane.post("[]").status == 200)
            let form = try await plane.client.send(
                "POST", "/api/v2/alerts", json: "[]", fields: ["Content-Type": "application/x-www-form-urlencoded"])
            #expect(form.status == 415)
            let put = try await plane.client.send("PUT", "/api/v2/alerts", json: "[]")
            #expect(put.status == 405)
            #expect(put.fields["allow"] == "GET,POST")
            #expect(try await plane.client.send("GET", "/api/v2/nothing").status == 404)
            #expect(try await plane.client.send("GET", "/nothing").status == 404)
        }
    }

    @Test("filters are by labels, by receiver, and by what keeps an alert quiet")
    func filters() async throws {
        try await PlaneFixture.with { plane in
            try await plane.post(
                """
                [{"labels":{"alertname":"a","team":"db","severity":"critical"}},
                 {"labels":{"alertname":"a","severity":"warning"}},
                 {"labels":{"alertname":"b","service":"api"}}]
                """)
            func count(_ query: String) async throws -> Int { try await plane.alerts(query).count }
            #expect(try await count("?filter=alertname%3Da") == 2)
            #expect(try await count("?filter=alertname%3Da&filter=team%3D%22db%22") == 1)
            #expect(try await count("?filter=alertname!%3Da") == 1)
            #expect(try await count("?filter=service%3D~%22a.i%7Cweb%22") == 1)
            #expect(try await count("?filter=service%21~a.*") == 2)
            #expect(try await count("?filter=team%3D") == 2, "a label that is missing is empty")
            #expect(try await count("?receiver=oth.*") == 1)
            #expect(try await count("?receiver=th") == 0, "the whole name must match")
            #expect(try await count("?inhibited=false") == 2)
            #expect(try await count("?active=false") == 1)
            #expect(try await count("?active=nonsense") == 1)
            let warning = try #require(try await plane.alerts("?filter=severity%3Dwarning").first)
            let critical = LabelSet(["alertname": "a", "team": "db", "severity": "critical"]).fingerprint
            #expect(warning["status"]?["state"]?.string == "suppressed")
            #expect(warning["status"]?["inhibitedBy"]?.text == "[\"\(critical)\"]")
            let bad = try await plane.client.send("GET", "/api/v2/alerts?filter=what")
            #expect(bad.status == 400)
            #expect(bad.body == "\"bad matcher format: what\"\n")
            #expect(try await plane.client.send("GET", "/api/v2/alerts?filter=a%3D~(").status == 400)
            #expect(try await plane.client.send("GET", "/api/v2/alerts?receiver=(").status == 400)
        }
    }

    @Test("groups are those of the routes, sorted, each with its receiver")
    func groups() async throws {
        try await PlaneFixture.with { plane in
            try await plane.post(
                """
                [{"labels":{"alertname":"b","instance":"2"}},{"labels":{"alertname":"b","instance":"1"}},
                 {"labels":{"alertname":"a","team":"db"}}]
                """)
            let answer = try await plane.client.send("GET", "/api/v2/alerts/groups")
            guard case .array(let groups)? = answer.json else { return #expect(Bool(false), "\(answer)") }
            let found = groups.map { group -> String in
                guard case .array(let alerts)? = group["alerts"] else { return "" }
                let instances = alerts.compactMap { $0["labels"]?["instance"]?.string }.joined(separator: ",")
                return "\(group["receiver"]?["name"]?.string ?? "") \(group["labels"]?.text ?? "") \(instances)"
            }
            #expect(
                found == [
                    #"other {"alertname":"a"} "#, #"default {"alertname":"b"} 1,2"#,
                    #"third {"alertname":"a","team":"db"} "#,
                ])
            let third = try await plane.client.send("GET", "/api/v2/alerts/groups?receiver=third")
            guard case .array(let some)? = third.json else { return #expect(Bool(false)) }
            #expect(some.count == 1)
        }
    }

    @Test("receivers, status and probes answer")
    func about() async throws {
        try await PlaneFixture.with { plane in
            #expect(
                try await plane.client.send("GET", "/api/v2/receivers").body
                    == #"[{"name":"default"},{"name":"other"},{"name":"third"}]"# + "\n")
            let status = try await plane.client.send("GET", "/api/v2/status").json
            #expect(status?["cluster"]?["status"]?.string == "disabled")
            #expect(status?["uptime"]?.string == "2027-01-15T08:00:00.123Z")
            #expect(status?["config"]?["original"]?.string?.contains("resolve_timeout: 300s") == true)
            for path in ["/-/healthy", "/-/ready"] {
                let answer = try await plane.client.send("GET", path)
                #expect(answer.status == 200)
                #expect(answer.body == "OK")
                let head = try await plane.client.send("HEAD", path)
                #expect(head.status == 200)
                #expect(head.body.isEmpty)
            }
            #expect(try await plane.client.send("GET", "/metrics").body.contains("hauban_alerts_firing 0\n"))
        }
    }
}
