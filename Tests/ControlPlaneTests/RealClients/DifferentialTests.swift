import ControlPlane
import FoundationEssentials
import Glibc
import Response
import TestKit
import Testing
import World

/// The same requests to Debian's Alertmanager 0.25 and to ours, in turn: same status, same body. What differs on purpose is
/// declared, and a declared difference that is none fails too. docs/alertmanager.md lists them for readers.
@Suite("Against the real Alertmanager")
struct DifferentialTests {
    enum Difference: Equatable {
        /// The words of a refusal are ours.
        case words
        /// Theirs and ours.
        case status(Int, Int)
    }

    struct Exchange {
        var method: String
        var target: String
        var body: String?
        var fields: [String: String] = [:]
        var difference: Difference?
    }

    private static func get(_ target: String, _ difference: Difference? = nil) -> Exchange {
        Exchange(method: "GET", target: target, difference: difference)
    }

    private static func alerts(_ body: String, _ difference: Difference? = nil) -> Exchange {
        Exchange(method: "POST", target: "/api/v2/alerts", body: body, difference: difference)
    }

    private static func silence(_ body: String, _ difference: Difference? = nil) -> Exchange {
        Exchange(method: "POST", target: "/api/v2/silences", body: body, difference: difference)
    }

    private static func wish(
        _ matchers: String, start: String = "2026-01-01T00:00:00Z", end: String = "2099-01-01T00:00:00Z",
        more: String = #""createdBy":"ana","comment":"repair""#, id: String = ""
    ) -> String {
        #"{\#(id)"matchers":[\#(matchers)],"startsAt":"\#(start)","endsAt":"\#(end)",\#(more)}"#
    }

    private static func matcher(_ name: String, _ value: String, regex: Bool = false) -> String {
        #"{"name":"\#(name)","value":"\#(value)","isRegex":\#(regex)}"#
    }

    private static let exchanges: [Exchange] = [
        get("/api/v2/alerts"), get("/api/v2/alerts/groups"), get("/api/v2/silences"), get("/api/v2/receivers"),
        get("/-/healthy"), get("/-/ready"), get("/api/v2/nothing"), get("/nothing"),
        Exchange(method: "PUT", target: "/api/v2/receivers"), Exchange(method: "DELETE", target: "/api/v2/silences"),

        // What is taken.
        alerts("[]"), alerts("null"),
        alerts(
            #"[{"labels":{"alertname":"plain","instance":"b","job":"x"},"annotations":{"summary":"s","empty":""}}]"#),
        alerts(
            #"[{"labels":{"alertname":"plain","instance":"a","job":"x","gone":""},"generatorURL":"http://p/graph?a=1&b=2"}]"#
        ),
        alerts(#"[{"labels":{"alertname":"text","x":"é\u00e9\ud83d\ude00\ud800<&>\"\\\n\u0001\u2028/"}}]"#),
        alerts("[{\"labels\":{\"alertname\":\"raw\",\"x\":\"caf\u{e9} \u{1F6A8}\"}}]"),
        alerts(#"[{"labels":{"alertname":"twice","alertname":"last"}}]"#),
        alerts(#"[{"LABELS":{"alertname":"case"},"StartsAt":"2020-01-01T00:00:00Z"}]"#),
        alerts(#"[{"labels":{"alertname":"unknown"},"more":{"deep":[1,2.5e3,true,false,null,{"x":[]}]}}]"#),
        alerts(
            #"[{"labels":{"alertname":"nothing","value":null},"annotations":null,"generatorURL":null,"startsAt":null}]"#
        ),
        alerts(
            #"[{"labels":{"alertname":"slash"},"generatorURL":"/graph"},{"labels":{"alertname":"no url"},"generatorURL":""}]"#
        ),
        alerts(
            #"[{"labels":{"alertname":"go zero"},"startsAt":"0001-01-01T00:00:00.000Z","endsAt":"0001-01-01T00:00:00Z"}]"#
        ),
        alerts(#"[{"labels":{"alertname":"end only"},"endsAt":"2098-01-01T00:00:00.1239Z"}]"#),
        alerts(
            #"[{"labels":{"alertname":"both"},"startsAt":"2019-12-31T23:59:59.999Z","endsAt":"2098-01-01T00:00:00Z"}]"#),
        alerts(#"[{"labels":{"alertname":"both"},"startsAt":"2021-01-01T00:00:00Z","endsAt":"2097-01-01T00:00:00Z"}]"#),
        alerts(#"[{"labels":{"alertname":"both"}}]"#),
        alerts(#"[{"labels":{"alertname":"over"},"startsAt":"2020-01-01T00:00:00Z","endsAt":"2020-01-02T00:00:00Z"}]"#),
        alerts(
            #"[{"labels":{"alertname":"later"},"startsAt":"2097-01-01T00:00:00Z","endsAt":"2098-01-01T00:00:00Z"}]"#),
        alerts(
            #"[{"labels":{"alertname":"x","team":"db","severity":"critical"}},{"labels":{"alertname":"x","severity":"warning","instance":"b"}},{"labels":{"alertname":"y","severity":"warning","team":"db"}}]"#
        ),
        Exchange(
            method: "POST", target: "/api/v2/alerts/", body: #"[{"labels":{"alertname":"slash at the end"}}]"#,
            fields: ["Content-Type": "application/json; charset=utf-8"]),

        // What is refused.
        alerts(""), alerts("{}", .words), alerts("[{"), alerts(#"{"labels":{}}"#, .words),
        alerts("nonsense", .words),
        alerts(#"[{"labels":{"a":1}}]"#, .words), alerts(#"[{"labels":[]}]"#, .words), alerts(#"[3]"#, .words),
        alerts(#"[{"labels":{"alertname":"t"},"startsAt":"yesterday"}]"#, .words),
        alerts(#"[{"labels":{"alertname":"t"},"endsAt":17}]"#, .words),
        alerts("[{}]"), alerts(#"[{"labels":null}]"#), alerts(#"[{"labels":{}}]"#), alerts(#"[{"labels":{"a":""}}]"#),
        alerts(#"[{"labels":{"a-b":"x"}},{"labels":{"alertname":"kept"}},{"labels":{"0":"x"}},{"labels":{"é":"x"}}]"#),
        alerts(#"[{"labels":{"alertname":"a"},"annotations":{"a b":"x"}}]"#),
        alerts(#"[{"labels":{"alertname":"a"},"startsAt":"2098-01-02T00:00:00Z","endsAt":"2098-01-01T00:00:00Z"}]"#),
        alerts(#"[{"labels":{"alertname":"a"},"startsAt":"2098-01-02T00:00:00Z"}]"#),
        alerts(#"[{"labels":{"alertname":"a"},"generatorURL":"no uri"}]"#),
        Exchange(
            method: "POST", target: "/api/v2/alerts", body: "[]",
            fields: ["Content-Type": "application/x-www-form-urlencoded"]),

        Exchange(method: "POST", target: "/api/v2/alerts", body: "[]", fields: ["Content-Type": ""]),
        Exchange(method: "POST", target: "/api/v2/silences", body: "{}", fields: ["Content-Type": "text/plain"]),

        // What is shown.
        get("/api/v2/alerts"), get("/api/v2/alerts/groups"), get("/api/v2/alerts/groups?receiver=third%7Cother"),
        get("/api/v2/alerts?filter=alertname%3Dx"), get("/api/v2/alerts?filter=alertname%3D%22x%22&filter=team%3D"),
        get("/api/v2/alerts?filter=%20alertname%20%3D~%20%22x%7Cplain%22%20"), get("/api/v2/alerts?filter=job!%3D"),
        get("/api/v2/alerts?filter=job%3D~.%2B"), get("/api/v2/alerts?filter=alertname!~p.%2B"),
        get("/api/v2/alerts?filter=what"), get("/api/v2/alerts?filter="), get("/api/v2/alerts?filter=a%3D%22b"),
        get("/api/v2/alerts?filter=a%3Db%22c"), get("/api/v2/alerts?filter=0%3Db"),
        get("/api/v2/alerts?filter=a%3D~(", .words), get("/api/v2/alerts?receiver=(", .words),
        get("/api/v2/alerts?receiver=other"), get("/api/v2/alerts?receiver=oth"), get("/api/v2/alerts?inhibited=false"),
        get("/api/v2/alerts?active=false"), get("/api/v2/alerts?active=what&silenced=1"), get("/api/v2/alerts?active="),
        get("/api/v2/alerts/groups?filter=alertname%3Dx&inhibited=false"),

        // Silences.
        silence(""), silence("{}"), silence("[]", .words), silence(wish("")), silence(wish(matcher("a", ""))),
        silence(wish(matcher("a", ".*", regex: true))), silence(wish(matcher("a", "(", regex: true)), .words),
        silence(wish(matcher("a-b", "x"))), silence(wish(#"{"name":"a","isRegex":false}"#)),
        silence(wish(#"{"value":"a","isRegex":false}"#)), silence(wish(#"{"name":"a","value":"b"}"#)),
        silence(wish(matcher("a", "b"), end: "2025-01-01T00:00:00Z")),
        silence(wish(matcher("a", "b"), start: "2024-01-01T00:00:00Z", end: "2025-01-01T00:00:00Z")),
        silence(wish(matcher("a", "b"), id: #""id":"00000000-0000-4000-8000-000000000000","#)),
        silence(wish(matcher("a", "b"), more: #""createdBy":"","comment":"""#), .status(200, 400)),
        silence(wish(matcher("a", "b"), end: "2199-01-01T00:00:00Z"), .status(200, 400)),
        silence(wish(#"{"name":"a","value":"b","isRegex":false,"isEqual":false}"#), .status(200, 400)),
        get("/api/v2/silence/00000000-0000-4000-8000-000000000000"),
        Exchange(method: "DELETE", target: "/api/v2/silence/00000000-0000-4000-8000-000000000000"),
        Exchange(method: "DELETE", target: "/api/v2/silence/nonsense"), get("/api/v2/silence/nonsense"),
        Exchange(method: "PUT", target: "/api/v2/silence/nonsense"),
    ]

    /// After these, both know the same silences.
    private static let silences: [Exchange] = [
        silence(wish(matcher("alertname", "plain"), end: inAYear)),
        get("/api/v2/silence/{id}"), get("/api/v2/silences"), get("/api/v2/alerts?filter=alertname%3Dplain"),
        get("/api/v2/alerts?silenced=false"), get("/api/v2/alerts?active=false"),
        get("/api/v2/alerts/groups?silenced=false"),
        get("/api/v2/silences?filter=alertname%3Dplain"), get("/api/v2/silences?filter=alertname%3D~plain"),
        get("/api/v2/silences?filter=what"),
        silence(wish(matcher("alertname", "x|y", regex: true), end: inAYear)),
        get("/api/v2/silences?filter=alertname%3D~x%7Cy"),
        get("/api/v2/alerts?filter=alertname%3D~x%7Cy"),
        Exchange(method: "DELETE", target: "/api/v2/silence/{id}"),
        Exchange(method: "DELETE", target: "/api/v2/silence/{id}"),
        get("/api/v2/silence/{id}"), get("/api/v2/alerts?filter=alertname%3D~x%7Cy"),
    ]

    private static var inAYear: String { Moment(milliseconds: nowMilliseconds + 300 * 86_400_000).description }
    private static var nowMilliseconds: Int { Int(time(nil)) * 1000 }

    @Test("each request has the same answer, but for what is declared")
    func exchanges() async throws {
        try await RealAlertmanager.with { theirs in
            try await PlaneFixture.with(clock: .following) { ours in
                try await compare(Self.exchanges, theirs.client, ours.client)
                // Theirs took three silences that ours refuses.
                guard case .array(let list)? = try await theirs.client.send("GET", "/api/v2/silences").json else {
                    return #expect(Bool(false))
                }
                #expect(list.count == 3)
            }
        }
        try await RealAlertmanager.with { theirs in
            try await PlaneFixture.with(clock: .following) { ours in
                try await compare(
                    Self.exchanges.filter { $0.target.hasPrefix("/api/v2/alerts") && $0.method == "POST" },
                    theirs.client, ours.client)
                try await compare(Self.silences, theirs.client, ours.client)
            }
        }
    }

    private func compare(_ exchanges: [Exchange], _ theirs: PlainClient, _ ours: PlainClient) async throws {
        var ids = ("", "")
        for exchange in exchanges {
            let label = Comment(rawValue: "\(exchange.method) \(exchange.target) \(exchange.body ?? "")")
            var answers: (PlainClient.Answer, PlainClient.Answer)
            // Theirs puts alerts into groups, and silences them, a moment after it answered.
            let end = ContinuousClock.now + .seconds(60)
            repeat {
                answers = (try await send(exchange, theirs, ids.0), try await send(exchange, ours, ids.1))
                if exchange.method != "GET" || isSame(answers) { break }
                if exchange.difference != nil { break }
                try await Task.sleep(for: .milliseconds(50))
            } while ContinuousClock.now < end
            if let id = answers.0.json?["silenceID"]?.string { ids.0 = id }
            if let id = answers.1.json?["silenceID"]?.string { ids.1 = id }
            switch exchange.difference {
            case nil:
                #expect(answers.1.status == answers.0.status, label)
                #expect(normal(answers.1) == normal(answers.0), label)
                #expect(answers.1.fields["content-type"] == answers.0.fields["content-type"], label)
            case .words:
                #expect(answers.1.status == answers.0.status, label)
                #expect(normal(answers.1) != normal(answers.0), label)
                #expect(answers.1.json?["code"] == answers.0.json?["code"], label)
            case .status(let their, let our):
                #expect(answers.0.status == their, label)
                #expect(answers.1.status == our, label)
            }
        }
    }

    private func send(_ exchange: Exchange, _ client: PlainClient, _ id: String) async throws -> PlainClient.Answer {
        try await client.send(
            exchange.method, exchange.target.replacing("{id}", with: id), json: exchange.body, fields: exchange.fields)
    }

    private func isSame(_ answers: (PlainClient.Answer, PlainClient.Answer)) -> Bool {
        answers.0.status == answers.1.status && normal(answers.0) == normal(answers.1)
    }

    /// The body without what must differ: ids, and moments of today.
    private func normal(_ answer: PlainClient.Answer) -> String {
        guard let json = answer.json else { return answer.body }
        let text = normal(json).text
        // Theirs names the methods in the order of a Go map.
        return answer.status == 405 ? String(text.sorted()) : text
    }

    private func normal(_ value: JSONValue) -> JSONValue {
        switch value {
        case .null, .bool, .number: return value
        case .string(let text):
            if text.utf8.count == 36, text.utf8.filter({ $0 == 0x2d }).count == 4 { return .string("ID") }
            guard text.utf8.count >= 20, text.utf8.count <= 40, let moment = Timestamp.parse(text) else { return value }
            let seconds = Int(moment.date.timeIntervalSince1970)
            return .string(
                abs(seconds - Self.nowMilliseconds / 1000) < 86_400 ? "NOW" : Timestamp.text(moment.date))
        case .array(let list): return .array(list.map(normal))
        case .object(let members):
            return .object(members.map { .init($0.key, normal($0.value)) }.sorted { $0.key < $1.key })
        }
    }
}
