import ControlPlane
import Foundation
import Response
import Spec
import Testing

/// What forms ask for: the events and commands that they become.
@Suite("The console's forms")
struct ConsoleFormTests {
    private static let start = ConsoleScenario.start

    private func event(_ path: String, _ form: [String: String] = [:]) throws -> Event? {
        let story = try ConsoleScenario.afternoon()
        switch try story.post(path, form) {
        case .command(.event(let event, _)): return event
        case .command, .answer: return nil
        }
    }

    @Test(
        "what people do with an incident",
        arguments: [
            ("acknowledge", [:], .acknowledge()), ("unacknowledge", [:], .unacknowledge), ("resolve", [:], .resolve),
            ("reopen", ["reason": "it is back"], .reopen(reason: "it is back")),
            ("assign", ["to": "ben"], .assign(to: "ben")),
            ("role", ["role": "commander", "to": "chi"], .giveRole("commander", to: "chi")),
            ("note", ["text": "a & b\r\nc"], .note("a & b\r\nc")),
            (
                "link", ["url": "https://a.example/?b=c&d", "title": "A"],
                .link(url: "https://a.example/?b=c&d", title: "A")
            ),
            ("severity", ["severity": "low"], .change(severity: .low)), ("merge", ["into": "i4"], .merge(into: "i4")),
            ("remedies/flush-cache/run", [:], .run(action: "flush-cache")),
            ("remedies/drain-queue/approve", [:], .approve(action: "drain-queue")),
            ("remedies/drain-queue/decline", [:], .decline(action: "drain-queue")),
        ] as [(String, [String: String], Event.Command)])
    func incidents(_ verb: String, _ form: [String: String], _ command: Event.Command) throws {
        #expect(try event("/incidents/i3/\(verb)", form) == .incident("i3", command, by: "ana"))
    }

    @Test("a delay counts from now")
    func snooze() throws {
        let story = try ConsoleScenario.afternoon()
        guard
            case .command(.event(.incident(_, .snooze(let until), _), let next)) = try story.post(
                "/incidents/i3/snooze", ["for": "90m"])
        else {
            Issue.record("no delay")
            return
        }
        #expect(until == story.now + .seconds(5400))
        #expect(next == "/incidents/i3?done=snoozed")
    }

    @Test(
        "a form that lacks something, or says something that is none, is refused and not guessed",
        arguments: [
            ("/incidents/i3/note", ["text": "  "]), ("/incidents/i3/assign", [:]),
            ("/incidents/i3/severity", ["severity": "dire"]),
            ("/incidents/i3/link", ["url": "javascript:alert(1)", "title": "x"]),
            ("/incidents/i3/snooze", ["for": "soon"]),
            ("/incidents", ["title": "x", "severity": "high"]),
            ("/on-call/primary/overrides", ["person": "ben", "start": "now"]),
            ("/on-call/primary/swaps", ["offered": "x", "asked": "y"]),
            ("/people/ben/test", ["kind": "sms", "address": "+33999"]),
            ("/integrations", ["name": "x", "sender": "pigeon"]),
        ] as [(String, [String: String])])
    func refused(_ path: String, _ form: [String: String]) throws {
        let story = try ConsoleScenario.afternoon()
        guard case .answer(let answer) = try story.post(path, form) else {
            Issue.record("\(path) is taken")
            return
        }
        #expect(answer.status == 400)
    }

    @Test(
        "paths that are no forms are not found",
        arguments: [
            "/incidents/i3", "/incidents/i3/explode", "/on-call/primary", "/people/ben/x", "/integrations/json/test",
            "/account/x", "/silences/s1",
        ])
    func unknown(_ path: String) throws {
        guard case .answer(let answer) = try ConsoleScenario.afternoon().post(path) else {
            Issue.record("\(path) is taken")
            return
        }
        #expect(answer.status == 404)
    }

    @Test("an incident opened by hand")
    func open() throws {
        let form = ["title": "The lift is stuck", "severity": "medium", "service": "", "policy": "primary"]
        #expect(
            try event("/incidents", form)
                == .open(title: "The lift is stuck", severity: .medium, service: nil, policy: "primary", by: "ana"))
    }

    @Test("a silence has what was typed, and its owner is who made it")
    func silence() throws {
        let story = try ConsoleScenario.afternoon()
        let form = ["matchers": "service=api, zone=~\"eu-.*\"", "for": "1h30m", "reason": "we know"]
        guard case .command(.event(.silence(let silence), let next)) = try story.post("/silences", form) else {
            Issue.record("no silence")
            return
        }
        #expect(silence.matchers == [try Matcher("service", .equals, "api"), try Matcher("zone", .matches, "eu-.*")])
        #expect(silence.start == story.now && silence.end == story.now + .seconds(5400))
        #expect(silence.owner == "ana" && silence.reason == "we know" && silence.id == "new-1")
        #expect(next == "/silences?done=silenced")
    }

    @Test(
        "a silence that is refused comes back with what was typed and why, and what it would have muted",
        arguments: [
            (["matchers": "team!=db", "for": "1h", "reason": "x"], "every alert", "5 alerts of 6"),
            (["matchers": "a=~(", "for": "1h", "reason": "x"], "role=\"alert\"", "a=~("),
            (["matchers": "service=api", "for": "later", "reason": "x"], "cannot be read", "3 alerts of 6"),
            (["matchers": "service=api", "for": "400d", "reason": "x"], "at most", "service=api"),
            (["matchers": "service=api", "for": "1h", "reason": " "], "Say why", "service=api"),
        ] as [([String: String], String, String)])
    func refusedSilence(_ form: [String: String], _ why: String, _ shown: String) throws {
        guard case .answer(let answer) = try ConsoleScenario.afternoon().post("/silences", form) else {
            Issue.record("\(form) is taken")
            return
        }
        #expect(answer.status == 422)
        #expect(answer.text.contains(why), "\(why)")
        #expect(answer.text.contains(shown), "\(shown)")
    }

    @Test("a preview shows what a silence would mute, and mutes nothing")
    func preview() throws {
        guard
            case .answer(let answer) = try ConsoleScenario.afternoon().post(
                "/silences/preview", ["matchers": "service=\"api\""])
        else {
            Issue.record("a preview does something")
            return
        }
        #expect(answer.status == 200)
        #expect(answer.text.contains("3 alerts of 6 that fire"))
        #expect(answer.text.components(separatedBy: "HighErrorRate").count == 4)
    }

    @Test("maintenance once, every week and every month")
    func maintenance() throws {
        let matchers = ["matchers": "service=db", "title": "Work"]
        func window(_ form: [String: String]) throws -> MaintenanceWindow.Recurrence? {
            let all = matchers.merging(form) { $1 }
            guard case .maintenance(let window)? = try event("/maintenance", all) else { return nil }
            return window.recurrence
        }
        let paris = try ConsoleScenario.zone()
        let day = try #require(CivilDay(2026, 9, 22))
        #expect(
            try window(["kind": "once", "start": "2026-09-22T02:00", "end": "2026-09-22T04:30"])
                == .once(
                    start: paris.moment(CivilTime(day, seconds: 7200)),
                    end: paris.moment(CivilTime(day, seconds: 16_200))))
        #expect(
            try window(["kind": "weekly", "day": "2", "from": "22:00", "to": "02:00", "zone": "Europe/Paris"])
                == .weekly([.init(weekdays: [2], from: 79_200, to: 7200)]))
        #expect(
            try window(["kind": "monthly", "week": "5", "weekday": "7", "from": "23:00", "to": "01:00", "zone": "UTC"])
                == .monthly(week: 5, weekday: 7, from: 82_800, length: 7200))
        #expect(try window(["kind": "weekly", "from": "22:00", "to": "02:00"]) == nil)
        #expect(try window(["kind": "once", "start": "yesterday", "end": ""]) == nil)
    }

    @Test("what people arrange about a schedule, in the reader's own zone")
    func arrange() throws {
        let paris = try ConsoleScenario.zone()
        let day = try #require(CivilDay(2026, 10, 25))
        // The night in which the clock shows two o'clock twice: the first is meant.
        let start = paris.moment(CivilTime(day, seconds: 2 * 3600 + 1800))
        let end = paris.moment(CivilTime(day, seconds: 9 * 3600))
        #expect(end - start == .seconds(27_000))
        let times = ["start": "2026-10-25T02:30", "end": "2026-10-25T09:00", "person": "chi"]
        #expect(
            try event("/on-call/primary/overrides", times.merging(["replaces": "ben"]) { $1 })
                == .arrange(
                    schedule: "primary",
                    .override(.init(id: "new-1", start: start, end: end, person: "chi", replaces: "ben")), by: "ana"))
        #expect(
            try event("/on-call/primary/absences", times)
                == .arrange(
                    schedule: "primary", .absence(id: "new-1", .init(person: "chi", start: start, end: end)), by: "ana")
        )
        #expect(
            try event("/on-call/primary/overrides/o1/cancel")
                == .arrange(schedule: "primary", .cancelOverride(id: "o1"), by: "ana"))
        #expect(
            try event("/on-call/primary/swaps", ["offered": "1000-2000", "asked": "b/n/3000-4000"])
                == .arrange(
                    schedule: "primary",
                    .propose(
                        .init(
                            id: "new-1", schedule: "primary",
                            offered: .init(
                                person: "ana", start: .init(milliseconds: 1000), end: .init(milliseconds: 2000)),
                            asked: .init(
                                person: "b/n", start: .init(milliseconds: 3000), end: .init(milliseconds: 4000)))),
                    by: "ana"))
        #expect(
            try event("/on-call/primary/swaps/w1/accept")
                == .arrange(schedule: "primary", .answer(swap: "w1", accepts: true, by: "ana"), by: "ana"))
    }

    @Test("a test page goes only to a way that is declared")
    func testPage() throws {
        #expect(try event("/people/ben/test") == .testPage(person: "ben", contact: nil, by: "ana"))
        #expect(
            try event("/people/ben/test", ["kind": "slack", "address": "@ben"])
                == .testPage(person: "ben", contact: Contact(.slack, "@ben"), by: "ana"))
    }

    @Test(
        "forms about accounts go to those who keep them",
        arguments: [
            ("/sign-in", ["session"], "/incidents/i3"),
            ("/second-factor", ["session", "second-factor"], "/incidents/i3"),
            ("/sign-out", ["session", "end"], "/sign-in?done=signed-out"),
            ("/account/password", ["password"], "/account?done=saved"),
            ("/account/second-factor/confirm", ["second-factor", "confirm"], "/account?done=saved"),
            ("/account/tokens/t1/revoke", ["tokens", "t1", "revoke"], "/account?done=saved"),
            ("/account/sessions/end-others", ["sessions", "end-others"], "/account?done=saved"),
            ("/people", ["invitations"], "/people?done=saved"),
            ("/people/ben/role", ["accounts", "ben", "role"], "/people?done=saved"),
        ] as [(String, [String], String)])
    func accounts(_ path: String, _ route: [String], _ next: String) throws {
        guard
            case .command(.account(let found, let goTo)) = try ConsoleScenario.afternoon().post(
                path, ["next": "/incidents/i3"])
        else {
            Issue.record("\(path) is no form about accounts")
            return
        }
        #expect(found == route && goTo == next)
    }

    @Test(
        "nobody is sent elsewhere after signing in",
        arguments: [
            "https://evil.example", "//evil.example", "/\\evil.example", "javascript:alert(1)", "/a\r\nSet-Cookie: x",
        ])
    func openRedirect(_ next: String) throws {
        guard case .command(.account(_, let goTo)) = try ConsoleScenario.afternoon().post("/sign-in", ["next": next])
        else {
            Issue.record("no sign-in")
            return
        }
        #expect(goTo == "/")
    }

    @Test("language and theme are kept in cookies, and their form leads back")
    func preferences() throws {
        let story = try ConsoleScenario.afternoon()
        guard
            case .answer(let answer) = try story.post(
                "/preferences", ["language": "fr", "theme": "dark", "back": "/alerts"])
        else {
            Issue.record("no answer")
            return
        }
        let cookies = answer.fields.filter { $0.0 == "Set-Cookie" }.map(\.1)
        #expect(answer.status == 303 && answer.fields.first { $0.0 == "Location" }?.1 == "/alerts")
        #expect(cookies.count == 2 && cookies.allSatisfy { $0.contains("SameSite=Lax") && $0.contains("Secure") })
        var page = try story.page()
        page.read(APIRequest("GET", "/", fields: ["Cookie": "a=b; hauban_language=fr; hauban_theme=dark"]))
        #expect(page.language == .french && page.theme == .dark)
    }

    @Test(
        "a browser's languages are read by their weights",
        arguments: [
            ("fr-CA,fr;q=0.9,en;q=0.5", Language.french), ("en-GB, fr;q=0.9", .english), ("de, fr;q=0.2", .french),
            ("de", .english),
            ("", .english), ("fr;q=0, en;q=0.1", .english), ("french", .english),
        ])
    func languages(_ text: String, _ language: Language) {
        #expect(Language(accepting: text) == language)
    }
}
