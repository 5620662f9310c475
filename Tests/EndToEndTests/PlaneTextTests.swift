import Response
import Testing
import World
import hauban

/// What the commands `alert`, `incident` and `oncall` print of the API's answers.
@Suite("What the pager's commands print")
struct PlaneTextTests {
    /// UTC and an hour, on 2026-11-21 at 14:05:30.
    private let clock = WallClock(now: Moment(seconds: 1_795_266_330)) {
        CivilTime(secondsSince1970: $0.seconds + 3600)
    }

    private func items(_ text: String) throws -> [JSONValue] {
        guard case .array(let items)? = JSONValue(parsing: Array(text.utf8)) else {
            throw PlatformFixture.FixtureError(text: "no list: \(text)")
        }
        return items
    }

    @Test("alerts: the worst first, then the oldest, and the date where it is another day")
    func alerts() throws {
        let lines = AlertText.alerts(
            try items(
                #"""
                [{"name":"Slow","severity":"high","labels":{"alertname":"Slow","severity":"high","service":"api"},
                  "isFiring":true,"isFlapping":true,"startsAt":"2026-11-21T12:59:00Z","mutedBy":[],"incidents":["i1","i2"]},
                 {"name":"Full","severity":"critical","labels":{"alertname":"Full","host":"db1","team":"data"},
                  "isFiring":true,"isFlapping":false,"startsAt":"2026-11-20T22:30:00.5Z","mutedBy":["silenced by x"],
                  "incidents":[]},
                 {"name":"Old","severity":"high","labels":{"alertname":"Old"},"isFiring":false,"isFlapping":false,
                  "startsAt":"2026-11-21T08:00:00Z","mutedBy":[],"incidents":[]}]
                """#), clock)
        #expect(
            lines.joined(separator: "\n") == """
                SEVERITY  NAME  SINCE             STATE          INCIDENT  LABELS
                critical  Full  2026-11-20 23:30  muted          -         host=db1 team=data
                high      Old   09:00             over           -
                high      Slow  13:59             firing, flaps  i1,i2     service=api
                """)
    }

    @Test("silences with the beginning of their identity")
    func silences() throws {
        let lines = AlertText.silences(
            try items(
                #"""
                [{"id":"4f2a91c0-1111-4222-8333-444455556666","matchers":["service=\"api\"","code=~\"5..\""],
                  "state":"active","startsAt":"2026-11-21T13:00:00Z","endsAt":"2026-11-22T13:00:00Z","owner":"ana",
                  "reason":"New disks.","alerts":3}]
                """#), clock)
        #expect(
            lines.joined(separator: "\n") == """
                ID        STATE   FROM   TO                ALERTS  OWNER  MATCHERS                   REASON
                4f2a91c0  active  14:00  2026-11-22 14:00  3       ana    service="api" code=~"5.."  New disks.
                """)
    }

    @Test("incidents, and one with everything about it")
    func incidents() throws {
        let first = #"""
            {"id":"i12","title":"Slow in api","severity":"high","status":"acknowledged","service":"api","assignee":"ana",
             "policy":"primary","roles":{"commander":"ben"},"openedAt":"2026-11-21T12:50:30Z",
             "acknowledgedAt":"2026-11-21T12:59:30Z","links":[{"url":"https://wiki.example/slow","title":"Slow"}],
             "runbook":"https://wiki.example/api","firing":1}
            """#
        let other = #"""
            {"id":"i9","title":"Full","severity":"critical","status":"triggered","roles":{},"openedAt":"2026-11-20T12:50:30Z",
             "snoozedUntil":"2026-11-21T15:00:00Z","links":[],"firing":2}
            """#
        #expect(
            IncidentText.incidents(try items("[\(first),\(other)]"), clock).joined(separator: "\n") == """
                ID   SEVERITY  STATUS               OPENED            SERVICE  WITH  ALERTS  TITLE
                i12  high      acknowledged         13:50             api      ana   1       Slow in api
                i9   critical  snoozed until 16:00  2026-11-20 13:50  -        -     2       Full
                """)
        let details = try #require(
            items(
                #"""
                [{"incident":\#(first),"timeline":[{"at":"2026-11-21T12:50:30Z","by":"Hauban","what":"opened it"},
                   {"at":"2026-11-21T12:59:30Z","by":"ana","what":"acknowledged it"}],
                  "pages":[{"id":"i12-1","person":"ana","channel":"sms","address":"+33","why":"","state":"acknowledged",
                   "attempts":1,"ledger":[{"at":"2026-11-21T12:50:30Z","what":"decided"},
                   {"at":"2026-11-21T12:59:30Z","what":"acknowledged by ana"}]}],
                  "remedies":[{"name":"restart","service":"api","state":"waits for approval","since":"2026-11-21T12:51:00Z"}],
                  "alerts":[{"name":"Slow","labels":{"alertname":"Slow","service":"api"}}]}]
                """#
            ).first)
        #expect(
            IncidentText.details(details, clock).joined(separator: "\n") == """
                i12: acknowledged, high, with ana: Slow in api
                  service       api
                  policy        primary
                  opened        13:50, 15m ago
                  acknowledged  13:59, 6m ago
                  commander     ben
                  runbook       https://wiki.example/api
                  link          https://wiki.example/slow  Slow

                ALERTS (1 firing)
                  Slow service=api

                ACTIONS
                  restart api: waits for approval, since 13:51

                PAGES
                  PAGE   TO   BY   STATE         ATTEMPTS  LAST
                  i12-1  ana  sms  acknowledged  1         13:59:30 acknowledged by ana

                TIMELINE
                  13:50:30  Hauban: opened it
                  13:59:30  ana: acknowledged it
                """)
    }

    @Test("figures in the units of people")
    func figures() throws {
        let lines = IncidentText.figures(
            try items(
                #"""
                [{"incidents":2,"acknowledged":0,"resolved":0},
                 {"service":"api","incidents":12,"acknowledged":11,"resolved":10,"mttaSeconds":95.5,"mttrSeconds":5430}]
                """#))
        #expect(
            lines.joined(separator: "\n") == """
                SERVICE  INCIDENTS  ACKNOWLEDGED  RESOLVED  MTTA   MTTR
                -        2          0             0         -      -
                api      12         11            10        1m36s  1h31m
                """)
    }

    @Test("who is on call; nobody is loud")
    func who() throws {
        let lines = OnCallText.who(
            try items(
                #"""
                [{"schedule":"primary","zone":"Europe/Paris","person":"ana","why":"turn in weekly",
                  "until":"2026-11-21T23:00:00Z","next":{"startsAt":"2026-11-23T08:00:00Z","endsAt":"2026-11-30T08:00:00Z",
                  "person":"ben","why":"turn in weekly"}},
                 {"schedule":"night","why":"no layer has anybody","until":"2026-11-21T19:00:00Z"}]
                """#), clock)
        #expect(
            lines.map(\.text).joined(separator: "\n") == """
                SCHEDULE  ON CALL  UNTIL                 NEXT  WHY
                primary   ana      Mon 2026-11-23 09:00  ben   turn in weekly
                night     NOBODY   Sat 2026-11-21 20:00  -     no layer has anybody
                """)
        #expect(lines.map(\.isGap) == [false, false, true])
    }

    @Test("shifts: a gap is loud, a day that is closed on purpose is not")
    func shifts() throws {
        func shift(_ from: String, _ to: String, _ rest: String) -> String {
            #"{"startsAt":"2026-11-\#(from):00:00Z","endsAt":"2026-11-\#(to):00:00Z",\#(rest)}"#
        }
        let gap = shift("22T08", "22T18", #""why":"no layer has anybody""#)
        let closed = shift("22T23", "23T23", #""why":"no layer has anybody""#)
        let ana = shift("22T18", "22T23", #""person":"ana","why":"turn in weekly""#)
        let lines = OnCallText.shifts(try items("[\(gap),\(ana),\(closed)]"), gaps: try items("[\(gap)]"), clock)
        #expect(
            lines.map(\.text).joined(separator: "\n") == """
                FROM                  TO                    FOR  ON CALL  WHY
                Sun 2026-11-22 09:00  Sun 2026-11-22 19:00  10h  NOBODY   no layer has anybody
                Sun 2026-11-22 19:00  Mon 2026-11-23 00:00  5h   ana      turn in weekly
                Mon 2026-11-23 00:00  Tue 2026-11-24 00:00  1d   nobody   closed on purpose
                """)
        #expect(lines.map(\.isGap) == [false, true, false, false])
    }

    @Test("overrides, and what they stand in for")
    func overrides() throws {
        let lines = OnCallText.overrides(
            try items(
                #"""
                [{"id":"0a1b2c3d-4444","person":"ben","startsAt":"2026-11-22T08:00:00Z","endsAt":"2026-11-22T18:00:00Z"},
                 {"id":"ffff0000-4444","person":"ana","replaces":"ben","startsAt":"2026-11-23T08:00:00Z",
                  "endsAt":"2026-11-23T18:00:00Z"}]
                """#), clock)
        #expect(
            lines.joined(separator: "\n") == """
                ID        FROM                  TO                    PERSON  INSTEAD OF
                0a1b2c3d  Sun 2026-11-22 09:00  Sun 2026-11-22 19:00  ben     anybody
                ffff0000  Mon 2026-11-23 09:00  Mon 2026-11-23 19:00  ana     ben
                """)
    }

    @Test("what others sent does not steer the terminal")
    func printable() throws {
        #expect(JSONValue.printable("a\u{1b}[31mb\nc\u{9b}d\u{7f}é") == "a [31mb c d é")
        let lines = IncidentText.incidents(
            try items(#"[{"id":"i1","title":"red\u001b[31m\nline","severity":"low","status":"triggered","firing":0}]"#),
            clock)
        #expect(lines.count == 2)
        #expect(lines[1].hasSuffix("red [31m line"))
    }

    @Test("the beginning of an identity stands for it, and one that begins several is refused with their names")
    func prefixes() throws {
        let ids = ["4f2a-1", "4f2b-2", "0000-3", "4f2a"]
        #expect(try ShortID.find("00", among: ids, "silence") == "0000-3")
        #expect(try ShortID.find("4f2a", among: ids, "silence") == "4f2a", "the whole of one goes before its beginning")
        for (text, wanted) in [
            ("4f2", "'4f2' begins 3 silences: 4f2a, 4f2a-1, 4f2b-2. Give more of it."),
            ("x", "No silence begins with 'x'."), ("", "No silence begins with ''."),
        ] {
            let error = #expect(throws: (any Error).self) { try ShortID.find(text, among: ids, "silence") }
            #expect(error.map { "\($0)" } == wanted)
        }
    }
}
