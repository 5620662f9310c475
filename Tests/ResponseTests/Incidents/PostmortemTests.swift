import Response
import Spec
import Testing

@Suite("Postmortems and figures")
struct PostmortemTests {
    private func story() -> Story {
        var story = Story {
            $0.policies["levels"] = EscalationPolicy(steps: [
                .init(after: .zero, deed: .perform("return-release")), .init(after: .zero, deed: .tell("primary")),
            ])
        }
        story.ships("r1")
        story.settles("r1")
        story.pass(minutes: 120)
        story.ships("r2", by: "eva | <b>")
        story.settles("r2")
        story.pass(minutes: 5)
        story.fires("Down", summary: "# checkout | fails\n<script>")
        story.pass(seconds: 10)
        story.happen(.remedied(key: "i1/return-release", succeeded: false, output: "no disk\nmore"))
        story.pass(minutes: 2)
        story.does("ana", .acknowledge())
        story.does("ana", .note("the disk is full"))
        story.does("ana", .giveRole("commander", to: "ben"))
        story.pass(minutes: 30)
        story.ends("Down")
        return story
    }

    @Test("the draft has the facts, the timeline and the suspects, and asks for what people know")
    func draft() throws {
        let text = Postmortem.draft(try #require(story().incident))
        for line in [
            "| Severity | critical |", "| Acknowledged | 2026-09-21 16:20:30, after 2 min |",
            "| Resolved | 2026-09-21 16:50:30, after 32 min |", "| commander | ben |",
            "| 2026-09-21 16:18:20 | Hauban | return-release: started |",
            "| 2026-09-21 16:20:30 | ana | noted: the disk is full |",
            "- Tried: return-release: failed: no disk",
            "- Alerts: 1", "- Pages: ana 1", "## Impact", "## Actions",
        ] {
            #expect(text.contains(line), "\(line)\n\(text)")
        }
        #expect(text.contains("- Shipped: release r2 (v2) by eva \\| &lt;b> at 2026-09-21T16:13:20Z, kept"))
    }

    @Test("what an alert says is text in the draft: no heading, no row, no tag")
    func escaped() throws {
        let text = Postmortem.draft(try #require(story().incident))
        #expect(text.hasPrefix("# \\# checkout \\| fails &lt;script>\n"))
        #expect(!text.contains("<script>") && !text.contains("<b>"))
        let rows = text.split(separator: "\n").filter { $0.hasPrefix("| 2026") }
        #expect(rows.allSatisfy { $0.replacing("\\|", with: "").filter { $0 == "|" }.count == 4 } && rows.count > 8)
    }

    @Test("times are those of the zone that was asked for")
    func zones() throws {
        let text = Postmortem.draft(try #require(story().incident), zone: try zone("Europe/Paris"))
        #expect(text.contains("## Timeline (Europe/Paris)") && text.contains("| Opened | 2026-09-21 18:18:20 |"))
    }

    @Test("every deed and decision of a long story has words")
    func words() {
        var story = story()
        story.fires("Slow", "web")
        story.pass(minutes: 700)
        for incident in story.responder.incidents.values {
            for entry in incident.timeline { #expect(!entry.words.isEmpty && !entry.by.words.isEmpty) }
        }
    }

    @Test("times to acknowledge and resolve by service, and by day, week and month of a zone")
    func figures() throws {
        let paris = try zone("Europe/Paris")
        func incident(_ id: String, _ service: String, _ day: String, acknowledged: Int, resolved: Int) throws
            -> Incident
        {
            let opened = paris.moment(try wall(day))
            var incident = Incident(id: id, title: "x", severity: .high, opened: opened, service: service)
            try incident.acknowledge(by: .person("ana"), now: opened + .seconds(acknowledged))
            try incident.resolve(by: .person("ana"), now: opened + .seconds(resolved))
            return incident
        }
        let all = try [
            incident("1", "api", "2026-10-24 23:30", acknowledged: 60, resolved: 600),
            incident("2", "api", "2026-10-25 23:30", acknowledged: 120, resolved: 1200),
            incident("3", "web", "2026-10-26 00:10", acknowledged: 30, resolved: 300),
            incident("4", "web", "2026-11-01 00:00", acknowledged: 30, resolved: 900),
        ]
        let start = paris.moment(try wall("2026-10-24 00:00"))
        let end = paris.moment(try wall("2026-11-02 00:00"))
        let services = ResponseTimes.byService(of: all, openedFrom: start, to: end)
        #expect(services["api"]?.meanToAcknowledge == .seconds(90) && services["web"]?.meanToResolve == .seconds(600))
        #expect(services.count == 2)
        func counts(_ period: ResponseTimes.Period) -> [Int] {
            ResponseTimes.by(period, of: all, from: start, to: end, zone: paris).map(\.times.incidents)
        }
        #expect(counts(.day) == [1, 1, 1, 0, 0, 0, 0, 0, 1])
        #expect(counts(.week) == [2, 2])
        #expect(counts(.month) == [3, 1])
        #expect(
            ResponseTimes.by(.month, of: all, from: start, to: end, zone: paris, service: "api").map(\.times.incidents)
                == [2, 0])
    }
}
