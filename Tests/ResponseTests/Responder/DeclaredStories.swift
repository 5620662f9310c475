import Response
import Spec
import Testing

/// What hauban.yaml says, from its text to who is told.
@Suite("Stories of what hauban.yaml declares")
struct DeclaredStories {
    /// A platform with an owner's schedule `primary`, to which a story adds what it is about.
    private func rules(_ more: String, people: String = "") throws -> Rulebook {
        let people =
            people.isEmpty
            ? """
            people:
              ana: {email: ana@x}
              ben: {email: ben@x}
              chi: {email: chi@x}
            """ : people
        let text = """
            hauban: 1
            platform: shop
            owner: {team: shop, oncall: primary}
            services: {api: {source: api, run: ./api, port: 8080}, web: {source: web, run: ./web, port: 8081}}
            resources: {db: {kind: postgres}}
            \(people)
            \(more)
            """
        let parsed = ParsedPlatform.parse(text: text, name: "hauban.yaml")
        return Rulebook(
            try #require(parsed.base, "\(TextReport(source: parsed.source).text(parsed.diagnostics))")
        ) { try? zone($0) }
    }

    private func story(
        _ more: String, people: String = "", _ memory: Memory = .kept
    ) throws -> Story {
        let rules = try rules(more, people: people)
        return Story(memory) { $0 = rules }
    }

    private static let primary = "oncall: {primary: {rotation: {people: [ana]}}}"

    /// The story begins on Monday, 2026-09-21, at 14:13:20 UTC: 16:13:20 in Paris.
    private func who(_ rules: Rulebook, _ schedule: String, _ time: String, _ name: String = "Europe/Paris") throws
        -> String?
    {
        let zone = try zone(name)
        return rules.schedules[schedule]?.shift(at: zone.moment(try wall(time))).person
    }

    // MARK: Schedules

    private static let layered = """
        oncall:
          primary:
            rotation: {every: week, at: "mon 09:00", start: 2026-09-21, zone: Europe/Paris, people: [ana, ben]}
            layers:
              nights: {every: week, zone: Europe/Paris, people: [chi], hours: ["mon-thu 19:00-07:00"], rank: 1}
              holidays: {zone: Europe/Paris, people: [dan], holidays: only, rank: 2}
            holidays: {2026-11-11: layers, 2026-12-25: ben, 2027-01-01: nobody}
        """
    private static let four =
        "people: {ana: {email: ana@x}, ben: {email: ben@x}, chi: {email: chi@x}, dan: {email: dan@x}}"

    @Test(
        "a layer of a higher rank is on call in its hours, the lower one otherwise, holidays as they say",
        arguments: [
            ("2026-09-21 16:00", "ana"), ("2026-09-21 18:59", "ana"), ("2026-09-21 19:00", "chi"),
            ("2026-09-22 06:59", "chi"), ("2026-09-22 07:00", "ana"),
            // Friday's night belongs to Thursday's hours until seven, and to nobody's afterwards.
            ("2026-09-25 06:59", "chi"), ("2026-09-25 22:00", "ana"), ("2026-09-28 09:00", "ben"),
            ("2026-11-11 12:00", "dan"), ("2026-11-11 22:00", "dan"), ("2026-11-12 00:30", "chi"),
            // In the week of Ana: Ben stands in for the whole day.
            ("2026-12-25 12:00", "ben"), ("2026-12-26 00:00", "ben"), ("2027-01-01 12:00", "nobody"),
            ("2027-01-02 00:00", "ana"),
        ])
    func layers(time: String, person: String) throws {
        let rules = try rules(Self.layered, people: Self.four)
        #expect(try who(rules, "primary", time) == (person == "nobody" ? nil : person))
    }

    @Test("a day without anybody on purpose is no gap, hours that nobody has are")
    func gaps() throws {
        let whole = try rules(Self.layered, people: Self.four)
        let year = Story.start + .seconds(366 * 86_400)
        #expect(whole.findings(from: Story.start, to: year) == [])
        let week = try rules(
            """
            oncall:
              primary:
                layers: {week: {people: [ana], hours: [mon-fri], zone: Europe/Paris}}
                holidays: {2026-09-27: nobody}
            """)
        let gaps = week.findings(from: Story.start, to: Story.start + .seconds(7 * 86_400))
        let paris = try zone("Europe/Paris")
        let saturday = paris.moment(try wall("2026-09-26 00:00"))
        let sunday = paris.moment(try wall("2026-09-27 00:00"))
        #expect(
            gaps == [.gap(schedule: "primary", Shift(start: saturday, end: sunday, person: nil, why: .nobody))])
    }

    @Test("turns of twelve hours begin with the first person on the day that is named")
    func customTurns() throws {
        let rules = try rules(
            """
            oncall:
              primary: {rotation: {every: 12h, at: "08:00", start: 2026-09-22, zone: Europe/Paris, people: [ana, ben, chi]}}
            """)
        var people: [String?] = []
        for time in ["2026-09-22 08:00", "2026-09-22 20:00", "2026-09-23 08:00", "2026-09-23 20:00"] {
            people.append(try who(rules, "primary", time))
        }
        #expect(people == ["ana", "ben", "chi", "ana"])
    }

    @Test("who stands in on a holiday says for whom, and what people arrange is stronger", arguments: Memory.allCases)
    func standIn(memory: Memory) throws {
        var story = try story(
            """
            oncall:
              primary: {rotation: {people: [ana]}, holidays: {2026-09-21: ben}}
            """, memory)
        let shift = story.responder.directory.schedules["primary"]?.shift(at: story.now)
        #expect(shift?.person == "ben" && shift?.why == .standIn(layer: "holidays", for: "ana"))
        story.fires("Down")
        story.happen(
            .arrange(
                schedule: "primary",
                .override(
                    .init(id: "o1", start: story.now, end: story.now + .seconds(3600), person: "chi")), by: "chi"))
        story.fires("Down", "web")
        #expect(story.told == ["0:00 email ben@x: page i1", "0:00 email chi@x: page i2"])
    }

    // MARK: Escalation

    @Test(
        "the levels of PA-12 are repeated when nobody answers, and an acknowledgement times out",
        arguments: Memory.allCases)
    func levels(memory: Memory) throws {
        var story = try story(
            """
            oncall:
              primary:
                rotation: {people: [ana]}
                escalate: [{after: 5m, to: primary}, {after: 15m, to: ben}, {after: 30m, to: shop}]
                repeat: {times: 1, pause: 30m}
                acknowledgement-holds: 1h
            teams: {shop: {people: [chi]}}
            """, memory)
        story.fires("Down")
        story.pass(minutes: 66)
        #expect(
            story.told == [
                "5:00 email ana@x: page i1", "15:00 email ben@x: page i1", "30:00 email chi@x: page i1",
                "65:00 email ana@x: page i1",
            ])
        story.does("ana", .acknowledge())
        let told = story.told.count
        story.pass(minutes: 59)
        #expect(!story.told.dropFirst(told).contains { $0.hasSuffix("page i1") })
        story.pass(minutes: 10)
        #expect(story.told.dropFirst(told).contains("131:00 email ana@x: page i1"))
    }

    @Test(
        "an action of the file waits for approval, is done once, and its cure is waited for", arguments: Memory.allCases
    )
    func action(memory: Memory) throws {
        var story = try story(
            """
            oncall:
              primary:
                rotation: {people: [ana]}
                escalate: [{do: flush}, {do: grow}, {after: 1m, to: primary}]
            actions:
              flush: {http: {url: "https://cache.x/flush", json: {scope: all}}, approval: true, timeout: 30s}
              grow: {scale: 2, cure: 5m, timeout: 1m}
              reindex: {run: bin/reindex --all, service: api}
            """, memory)
        story.fires("Slow")
        #expect(story.remedy("flush") == .awaitsApproval)
        #expect(story.performed.map(\.action.deed) == [.scale(by: 2)])
        story.happen(.remedied(key: "i1/grow", succeeded: true, output: "4 replicas"))
        // Nobody is woken while it may still cure.
        story.pass(minutes: 4)
        #expect(story.told == [])
        story.pass(minutes: 2)
        #expect(story.told == ["5:00 email ana@x: page i1"])
        story.does("ana", .approve(action: "flush"))
        story.does("ana", .run(action: "reindex"))
        story.does("ana", .run(action: "reindex"))
        #expect(
            story.performed.dropFirst().map(\.action.deed) == [
                .http(method: "POST", url: "https://cache.x/flush", body: #"{"scope":"all"}"#), .command("reindex"),
            ])
        #expect(story.refused == [.awaitsNoApproval("reindex")] || story.refused == [.remedy(.alreadyTried)])
    }

    // MARK: People

    @Test(
        "quiet hours keep back what is not bad enough until they end, by the person's clock", arguments: Memory.allCases
    )
    func quiet(memory: Memory) throws {
        var story = try story(
            Self.primary,
            people: """
                people:
                  ana: {email: ana@x, quiet: {hours: ["mon 16:00-16:30"], below: high}, zone: Europe/Paris}
                """, memory)
        story.fires("Odd", "api", "medium")
        story.fires("Down", "web", "high")
        #expect(story.told == ["0:00 email ana@x: page i2"])
        story.pass(minutes: 30)
        // 16:13:20 in Paris: the quiet hours end in 16 minutes and 40 seconds.
        #expect(story.told.dropFirst() == ["16:40 email ana@x: page i1"])
    }

    @Test("a person's ways are used in their order by level", arguments: Memory.allCases)
    func order(memory: Memory) throws {
        var story = try story(
            Self.primary,
            people: """
                people:
                  ana:
                    email: ana@x
                    phone: "+33612345678"
                    order: {critical: [sms, {by: call, after: 3m}, {by: "email:ana@home", after: 5m}], low: [email]}
                    language: fr
                """, memory)
        story.fires("Down")
        story.fires("Odd", "web", "low")
        story.pass(minutes: 6)
        #expect(
            story.told == [
                "0:00 sms +33612345678: page i1", "0:00 email ana@x: page i2", "3:00 call +33612345678: page i1",
                "5:00 email ana@home: page i1",
            ])
        #expect(story.responder.rules.people["ana"]?.language == .french)
    }

    @Test("who says no language is told in that of `notify`, as places are")
    func languages() throws {
        let people = """
            people:
              ana: {email: ana@x}
              ben: {email: ben@x, language: en}
            """
        let french = try rules("notify: {language: fr}", people: people)
        #expect(french.language == .french && french.people["ana"]?.language == .french)
        #expect(french.people["ben"]?.language == .english)
        let usual = try rules("", people: people)
        #expect(usual.language == .english && usual.people["ana"]?.language == .english)
    }

    // MARK: Alerts

    @Test("routes go by rank and name, group and wait as they say, and may tell nobody", arguments: Memory.allCases)
    func routes(memory: Memory) throws {
        var story = try story(
            """
            oncall: {primary: {rotation: {people: [ana]}}}
            routes:
              all-payments: {match: {team: payments}, to: ben, group: [team], wait: 30s}
              noise: {match: {severity: [info, low]}, to: nobody, rank: 5}
              tests: {match: {host: "=~ test-.*"}, to: nobody, rank: 5}
            """, memory)
        story.fires("Down", nil, "critical", ["team": "payments", "host": "a"])
        story.fires("Slow", nil, "high", ["team": "payments", "host": "b"])
        story.fires("Odd", nil, "low", ["team": "payments"])
        story.fires("Down", nil, "critical", ["team": "payments", "host": "test-1"])
        story.fires("Other", "web", "high")
        story.pass(minutes: 1)
        #expect(story.told == ["0:00 email ana@x: page i1", "0:30 email ben@x: page i2"])
        #expect(story.incident("i2")?.firing.count == 2)
        #expect(story.incident("i3") == nil)
    }

    @Test("an alert with a party of its own is asked before every route")
    func alertFirst() throws {
        var story = try story(
            """
            oncall: {primary: {rotation: {people: [ana]}}}
            alerts: {stuck: {promql: up, to: chi}, own: {promql: up, to: primary}}
            routes: {all: {match: {severity: critical}, to: ben}}
            """)
        story.fires("stuck", "api")
        story.fires("own", "web")
        story.fires("other", "db")
        #expect(
            story.told == ["0:00 email chi@x: page i1", "0:00 email ana@x: page i2", "0:00 email ben@x: page i3"])
    }

    @Test("while what explains them fires, others are told to nobody where they agree", arguments: Memory.allCases)
    func inhibition(memory: Memory) throws {
        var story = try story(
            """
            oncall: {primary: {rotation: {people: [ana]}}}
            inhibit: {host-down: {while: {alertname: HostDown}, mute: {severity: [high, medium]}, equal: [host]}}
            """, memory)
        story.fires("HostDown", nil, "critical", ["host": "a"])
        story.fires("Slow", "api", "high", ["host": "a"])
        story.fires("Slow", "web", "high", ["host": "b"])
        story.fires("Down", "db", "critical", ["host": "a"])
        #expect(
            story.told == ["0:00 email ana@x: page i1", "0:00 email ana@x: page i2", "0:00 email ana@x: page i3"])
        let mutes = story.responder.standing(
            of: story.report("Slow", "api", "high", ["host": "a"]).labels.fingerprint)?.mutes
        guard case .inhibited(_, rule: "host-down") = mutes?.first else {
            Issue.record("\(String(describing: mutes))")
            return
        }
    }

    @Test(
        "maintenance that stands in the file keeps back its services, and cannot be ended elsewhere",
        arguments: Memory.allCases)
    func maintenance(memory: Memory) throws {
        var story = try story(
            """
            oncall: {primary: {rotation: {people: [ana]}}}
            maintenance:
              vacuum: {about: Vacuum, hours: ["mon 16:00-16:30"], zone: Europe/Paris, services: [db, web]}
              past: {from: 2026-09-20 10:00, to: 2026-09-20 12:00, services: [api]}
            """, memory)
        story.fires("Slow", "db")
        story.fires("Down", "api")
        #expect(story.told == ["0:00 email ana@x: page i1"])
        #expect(story.incident?.service == "api")
        story.happen(.endMaintenance(id: "maintenance.vacuum", by: "ana"))
        #expect(story.refused == [.unknownMaintenance("maintenance.vacuum")])
        #expect(story.store.keys.allSatisfy { $0.kind != .maintenance })
        story.crash()
        story.pass(minutes: 25)
        #expect(story.told.dropFirst().contains { $0.hasSuffix("page i2") })
    }

    @Test("other rules bring other maintenance, and end what they do not declare any more", arguments: Memory.allCases)
    func otherMaintenance(memory: Memory) throws {
        let oncall = "oncall: {primary: {rotation: {people: [ana]}}}\n"
        let window = "{hours: [\"mon 14:00-16:00\"], services: "
        var story = try story(oncall + "maintenance: {one: \(window)[db]}}", memory)
        let rules = try rules(oncall + "maintenance: {two: \(window)[web]}}")
        _ = story.responder.use(rules, now: story.now)
        story.fires("Slow", "db")
        story.fires("Down", "web")
        #expect(story.told == ["0:00 email ana@x: page i1"])
        #expect(story.incident?.service == "db")
    }

    @Test("maintenance that is once, and monthly, begins and ends by its zone's clock")
    func windows() throws {
        let rules = try rules(
            """
            oncall: {primary: {rotation: {people: [ana]}}}
            maintenance:
              move: {from: 2026-12-01 22:00, to: 2026-12-02 02:00, match: {host: db1}, zone: Europe/Paris}
              patches: {month: last sat 23:00, for: 2h, services: [api], zone: Europe/Paris, until: 2026-10-31}
            """)
        let paris = try zone("Europe/Paris")
        func end(_ id: String, _ time: String) throws -> Moment? {
            let now = paris.moment(try wall(time))
            return rules.maintenance.first { $0.id == "maintenance.\(id)" }?.end(at: now, zones: rules.zones)
        }
        #expect(try end("move", "2026-12-01 21:59") == nil)
        #expect(try end("move", "2026-12-01 22:00") == paris.moment(try wall("2026-12-02 02:00")))
        #expect(try end("patches", "2026-09-27 00:30") == paris.moment(try wall("2026-09-27 01:00")))
        #expect(try end("patches", "2026-09-27 01:00") == nil)
        #expect(try end("patches", "2026-10-31 23:30") == paris.moment(try wall("2026-11-01 00:00")))
        #expect(try end("patches", "2026-11-28 23:30") == nil)
        #expect(rules.maintenance.map(\.owner) == ["shop", "shop"])
    }

    @Test("a heartbeat that stays away is an alert of its level, for its party", arguments: Memory.allCases)
    func heartbeat(memory: Memory) throws {
        var story = try story(
            """
            oncall: {primary: {rotation: {people: [ana]}}}
            heartbeats: {nightly-copy: {every: 10m, grace: 1m, level: critical, service: db, to: ben}}
            """, memory)
        story.happen(.beat("nightly-copy"))
        story.pass(minutes: 10)
        #expect(story.told == [])
        story.pass(minutes: 1)
        #expect(story.told == ["11:00 email ben@x: page i1"])
        #expect(story.incident?.service == "db" && story.incident?.severity == .critical)
    }

    @Test("times of incidents, limits and retries are those of the file")
    func times() throws {
        let rules = try rules(
            """
            oncall: {primary: {rotation: {people: [ana]}}}
            incidents: {resolve-after: 2m, reopen-within: 1h, suspects-within: 3h, flapping: {times: 5, within: 1h, calm: 5m}}
            notify: {limit: {messages: 2, within: 1m}, retry: {first: 1s, most: 10s, attempts: 3}}
            console: {url: https://hauban.x/}
            """)
        #expect(rules.resolveTimeout == .seconds(120) && rules.reopenWithin == .seconds(3600))
        #expect(rules.suspectsWithin == .seconds(10_800))
        #expect(rules.flapping == Flapping(times: 5, within: .seconds(3600), calm: .seconds(300)))
        #expect(rules.rateLimit == RateLimit(messages: 2, within: .seconds(60)))
        #expect(rules.backoff.first == .seconds(1) && rules.backoff.most == .seconds(10) && rules.backoff.attempts == 3)
        #expect(rules.console == "https://hauban.x")
    }

    @Test("what cannot be read is left out and said, and the rest holds")
    func faults() throws {
        let rules = try rules(
            """
            oncall: {primary: {rotation: {people: [ana], zone: Mars/Olympus}}}
            inhibit:
              bad: {while: {alertname: "=~ a("}, mute: {severity: low}}
              good: {while: {alertname: A}, mute: {severity: low}}
            maintenance: {all: {hours: ["02:00-04:00"], match: {env: "!= dev"}}}
            """)
        #expect(rules.faults.map(\.path) == ["Mars/Olympus", "inhibit.bad.while", "maintenance.all.match"])
        #expect(rules.inhibitions.map(\.name) == ["good"] && rules.maintenance.isEmpty)
        let findings = rules.findings(from: Story.start, to: Story.start + .seconds(86_400))
        #expect(findings == rules.faults.map { .fault($0) })
    }

    @Test("a list of values is any of them, written as they are, whatever they hold")
    func lists() throws {
        let matcher = try Matcher("host", LabelMatch.oneOf(["a.b", "c|d", "e"]))
        for (host, isMatched) in [
            ("a.b", true), ("axb", false), ("c|d", true), ("c", false), ("e", true), ("ee", false),
        ] {
            #expect(matcher.matches(LabelSet(["host": host])) == isMatched, "\(host)")
        }
    }
}
