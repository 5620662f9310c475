import Glibc
import Testing
import World

/// `hauban alert`, `incident` and `oncall`, with a real control plane and without one.
@Suite("The pager from the command line", .serialized)
struct PagerTests {
    @Test("an incident's whole life by commands: from an alert to its figures")
    func life() async throws {
        try await Pager.with { pager in
            let sent = try await pager.does(
                "alert", "add", "Slow", "service=api", "--severity", "high", "--summary", "2 s", "--for", "1h")
            #expect(sent.hasPrefix("Slow service=api: sent, over at "), "\(sent)")
            try await pager.shop.eventually("the alert opens an incident") {
                try await pager.does("incident", "list").contains("i1 ")
            }
            let list = try await pager.lines("incident", "list")
            #expect(list.count == 2)
            #expect(list[0].hasPrefix("ID  SEVERITY  STATUS     OPENED "), "\(list)")
            #expect(list[1].hasPrefix("i1  high      triggered  "), "\(list)")

            #expect(try await pager.does("incident", "ack", "1").hasPrefix("i1: acknowledged, high"))
            #expect(try await pager.does("incident", "give-back", "i1").hasPrefix("i1: triggered, high"))
            #expect(try await pager.does("incident", "ack", "i1").hasPrefix("i1: acknowledged, high"))
            #expect(try await pager.does("incident", "assign", "i1", "ben").contains("with ben"))
            let worse = try await pager.does("incident", "severity", "i1", "critical")
            #expect(worse.hasPrefix("i1: triggered, critical: "), "what became worse escalates again: \(worse)")
            #expect(try await pager.does("incident", "note", "i1", "The cache is \u{1b}[31mcold.").contains("i1: "))
            #expect(
                try await pager.does("incident", "link", "i1", "https://wiki.example/slow", "--title", "Slow")
                    .hasPrefix("i1: "))
            #expect(try await pager.does("incident", "link", "i1", "https://wiki.example/more").hasPrefix("i1: "))
            let roles = try await pager.document("incident", "role", "i1", "commander", "ben", "--json")
            #expect(roles["incident"]?["roles"]?["commander"]?.string == "ben", "\(roles.text)")
            guard case .array(let entries)? = roles["incident"]?["links"] else {
                throw PlatformFixture.FixtureError(text: roles.text)
            }
            let links = entries.map { "\($0["title"]?.string ?? "") \($0["url"]?.string ?? "")" }
            #expect(links == ["Slow https://wiki.example/slow", "https://wiki.example/more https://wiki.example/more"])
            #expect(try await pager.does("incident", "snooze", "i1", "--for", "30m").contains("snoozed until"))
            let waiting = try await pager.document("incident", "show", "i1", "--json")
            #expect(waiting["remedies"]?.first?["name"]?.string == "flush", "\(waiting.text)")
            let declined = try await pager.document("incident", "decline", "i1", "flush", "--json")
            #expect(
                declined["remedies"]?.first?["state"]?.string == "declined by tester", "\(declined["remedies"] as Any)")
            let approval = try await pager.refused(1, "incident", "approve", "i1", "flush")
            #expect(approval.contains("flush waits for nobody's approval [conflict]"), "\(approval)")

            let opened = try await pager.does("incident", "open", "Also slow", "--severity", "low", "--service", "api")
            #expect(opened.hasPrefix("i2: triggered, low"), "\(opened)")
            let approved = try await pager.document("incident", "approve", "i2", "flush", "--json")
            #expect(
                approved["remedies"]?.first?["state"]?.string?.contains("tester") == true,
                "\(approved["remedies"] as Any)")
            let again = try await pager.refused(1, "incident", "run", "i2", "flush")
            #expect(again.contains("cannot run flush for i2: it is not done: "), "at most once each: \(again)")
            #expect(try await pager.does("incident", "merge", "i2", "i1").hasPrefix("i2: merged into i1"))
            #expect(try await pager.does("incident", "resolve", "i1").hasPrefix("i1: resolved, critical"))
            #expect(
                try await pager.does("incident", "reopen", "i1", "--reason", "Slow again.").hasPrefix("i1: triggered"))
            #expect(try await pager.does("incident", "resolve", "i1").hasPrefix("i1: resolved, critical"))

            let shown = try await pager.does("incident", "show", "i1")
            #expect(shown.contains("The cache is  [31mcold."), "a note does not steer the terminal: \(shown)")
            for part in ["  service       api", "ALERTS (", "ACTIONS\n  flush api: ", "TIMELINE\n", "tester: "] {
                #expect(shown.contains(part), "\(part) in \(shown)")
            }
            let json = try await pager.document("incident", "show", "i1", "--json")
            #expect(json["incident"]?["status"]?.string == "resolved")
            #expect(json["timeline"] != nil && json["pages"] != nil && json["remedies"] != nil && json["alerts"] != nil)
            let draft = try await pager.does("incident", "postmortem", "i1")
            #expect(draft.hasPrefix("#") && draft.contains("\n## Summary\n"))
            let french = try await pager.does("incident", "postmortem", "i1", "--language", "fr")
            #expect(french.hasPrefix("#") && french.contains("\n## Résumé\n"))
            let figures = try await pager.lines("incident", "figures", "--since", "7d")
            #expect(figures.first?.hasPrefix("SERVICE  INCIDENTS  ACKNOWLEDGED  RESOLVED  MTTA") == true, "\(figures)")
            #expect(figures.last?.hasPrefix("api      ") == true, "\(figures)")
            #expect(try await pager.does("incident", "list") == "No incidents are open.\n")
            let all = try await pager.document("incident", "list", "--status", "all", "--limit", "1", "--json")
            #expect(all["next"]?.string != nil, "the list was cut, and says where: \(all.text)")
        }
    }

    @Test("alerts are listed page by page, silenced with a reason, and silences ended by the beginning of their name")
    func alerts() async throws {
        try await Pager.with { pager in
            #expect(try await pager.does("alert", "list") == "No alerts are firing.\n")
            for host in ["db1", "db2", "db3"] {
                _ = try await pager.does("alert", "add", "Full", "host=\(host)", "--severity", "low", "--for", "1h")
            }
            _ = try await pager.does("alert", "add", "Other", "--severity", "low", "--for", "1h")
            #expect(try await pager.lines("alert", "list").count == 5)
            #expect(try await pager.lines("alert", "list", "Full", "host=~db[12]").count == 3)
            let cut = try await pager.document("alert", "list", "--limit", "2", "--json")
            #expect(cut.text.hasPrefix(#"{"items":[{"fingerprint":"#) && cut["next"] != nil, "\(cut.text)")
            let everything = try await pager.document("alert", "list", "--json")
            #expect(everything["next"] == nil)

            let many = (1...1100).map { #"{"labels":{"alertname":"Many","n":"\#($0)"}}"# }.joined(separator: ",")
            let answer = try await HTTPRequest(
                method: "POST", url: try pager.url() + "/api/v2/alerts", headers: ["Content-Type": "application/json"],
                body: "[\(many)]"
            ).send(within: .seconds(60))
            #expect(answer.status == 200)
            let listed = try await pager.document("alert", "list", "Many", "--json")
            guard case .array(let items)? = listed["items"] else {
                throw PlatformFixture.FixtureError(text: "no items")
            }
            let numbers = Set(items.compactMap { $0["labels"]?["n"]?.string })
            #expect(items.count == 1100 && numbers.count == 1100, "three pages, each alert once: \(items.count)")
            #expect(listed["next"] == nil)

            let silenced = try await pager.does(
                "alert", "silence", "Full", "host=db1", "--for", "2h", "--reason", "New disks.")
            #expect(silenced.contains(#"alertname="Full" host="db1" silenced until "#), "\(silenced)")
            #expect(silenced.hasSuffix(", 1 alert of now\n"), "\(silenced)")
            let muted = try await pager.lines("alert", "list", "--state", "muted")
            #expect(muted.count == 2 && muted[1].contains("muted"), "\(muted)")
            let other = try await pager.document(
                "alert", "silence", "Other", "--until", "2030-01-01T00:00:00Z", "--reason", "Known.", "--json",
                expecting: 1)
            #expect(other["error"]?["code"]?.string == "invalid", "a silence has a longest time: \(other.text)")
            let silences = try await pager.lines("alert", "silences")
            #expect(silences.count == 2 && silences[1].contains("  tester  "), "\(silences)")
            let id = String(silences[1].prefix(8))
            #expect(try await pager.refused(64, "alert", "unsilence", "zz").contains("No silence begins with 'zz'."))
            #expect(try await pager.does("alert", "unsilence", String(id.prefix(4))) == "\(id): ended\n")
            #expect(try await pager.does("alert", "silences") == "There are no silences.\n")

            let all = try await pager.refused(1, "alert", "silence", "job=~.*", "--for", "1h", "--reason", "x")
            #expect(all.contains("must not match the empty string [invalid]"), "\(all)")
            let label = try await pager.refused(1, "alert", "add", "X", "1bad=x")
            #expect(label.contains("cannot send the alert X: "), "\(label)")
        }
    }

    @Test("who is on call, and what people arrange otherwise")
    func onCall() async throws {
        try await Pager.with { pager in
            let winter = "2026-12-24 09:00"
            let who = try await pager.document("oncall", "who", "primary", "--at", winter, "--json")
            #expect(who["items"]?.first?["person"]?.string == "ana")
            #expect(who["items"]?.first?["zone"]?.string == "Europe/Paris")
            let shifts = try await pager.lines(
                "oncall", "shifts", "primary", "--from", "2026-12-21", "--to", "2027-01-04")
            #expect(shifts.first == "FROM                  TO                    FOR    ON CALL  WHY", "\(shifts)")
            #expect(shifts.count == 4, "\(shifts)")
            #expect(shifts.dropFirst().first?.hasPrefix("Mon 2026-12-21 00:00  Mon 2026-12-21 09:00") == true)

            let put = try await pager.document(
                "oncall", "override", "primary", "ben", "--from", winter, "--to", "2026-12-24 18:00", "--json")
            #expect(put["startsAt"]?.string == "2026-12-24T08:00:00Z", "by the schedule's clock: \(put.text)")
            #expect(put["endsAt"]?.string == "2026-12-24T17:00:00Z")
            let then = try await pager.does("oncall", "who", "primary", "--at", winter)
            #expect(then.contains("primary   ben      Thu 2026-12-24 18:00  ana   in the place of ana"), "\(then)")
            let overrides = try await pager.lines("oncall", "overrides", "primary")
            #expect(overrides.count == 2)
            let id = put["id"]?.string ?? ""
            #expect(
                try await pager.does("oncall", "unoverride", "primary", String(id.prefix(6)))
                    == "\(id.prefix(8)): taken back\n")
            #expect(try await pager.does("oncall", "overrides", "primary") == "primary has no overrides.\n")
            _ = try await pager.does("oncall", "away", "primary", "ana", "--from", "2026-12-24", "--to", "2026-12-25")
            let away = try await pager.does("oncall", "who", "primary", "--at", winter)
            #expect(away.contains("stands in for ana, who is away"), "\(away)")
            let calendar = try await pager.does("oncall", "calendar", "primary")
            #expect(calendar.hasPrefix("BEGIN:VCALENDAR\r\n") && calendar.contains("SUMMARY:ana"), "\(calendar)")

            #expect(try await pager.run("oncall", "shifts", "days", "--check").code == 0)
            _ = try await pager.does("oncall", "away", "days", "ana", "--to", "2h")
            let gaps = try await pager.run("oncall", "shifts", "days", "--check")
            #expect(gaps.code == 2, "\(gaps.output)")
            #expect(gaps.output.contains("NOBODY"), "\(gaps.output)")
            #expect(gaps.errors.contains("Nobody is on call for "), "\(gaps.errors)")
            #expect(try await pager.run("oncall", "shifts", "primary", "--check").code == 0)
            #expect(try await pager.does("oncall", "test", "ana").contains("on its way"))

            for (arguments, part) in [
                (["oncall", "shifts", "primry"], "no schedule has the name primry [not-found]"),
                (["oncall", "who", "primry"], "Did you mean 'primary'?"),
                (["oncall", "override", "primary", "eve", "--for", "1h"], "nobody has the name eve [invalid]"),
                (["oncall", "away", "primary", "eve", "--to", "30m"], "nobody has the name eve [invalid]"),
                (["oncall", "test", "eve"], "nobody has the name eve [not-found]"),
                (["incident", "ack", "i7"], "no incident i7 is open or was resolved lately [not-found]"),
            ] {
                let outcome = try await pager.run(arguments)
                #expect(outcome.code == 1, "\(arguments) \(outcome.output)")
                #expect(outcome.errors.contains(part), "\(outcome.errors)")
            }
        }
    }

    @Test("a wrong token, none, and nobody there are told apart, with their mends")
    func access() async throws {
        try await Pager.with { pager in
            try pager.shop.write("wrong", "hbt_wrong\n")
            let wrong = try await pager.refused(1, "incident", "list", "--token-file", pager.shop.root + "/wrong")
            #expect(wrong.contains("[token-refused]"), "\(wrong)")
            let url = try pager.url()
            let none = try await pager.refused(1, "incident", "list", "--url", url, "--data", "/nowhere")
            #expect(none.contains("[not-signed-in]") && none.contains("HAUBAN_TOKEN"), "\(none)")
            #expect(try await pager.does("incident", "list", "--url", url) == "No incidents are open.\n")
            await pager.end()
            let gone = try await pager.run("oncall", "who", "--json")
            #expect(gone.code == 1)
            #expect(gone.json?["error"]?["code"]?.string == "no-control-plane", "\(gone.output)")
            #expect(gone.errors.contains("Start one with `hauban serve`"), "\(gone.errors)")
            let refused = try await pager.refused(1, "oncall", "who", "--url", url)
            #expect(refused.contains("no control plane answers: \(url): connection refused"), "\(refused)")
        }
    }

    @Test("a laptop answers from hauban.yaml alone: who, shifts, gaps, a calendar")
    func file() async throws {
        var files = Pager.files
        files["hauban.yaml"]?.replace(
            "rotation: {zone: Europe/Paris, people: [ana]}",
            with: "rotation: {zone: Europe/Paris, people: [ana], hours: [\"mon-fri 09:00-18:00\"]}")
        let shop = try PlatformFixture(files: files)
        try await shop.used { shop in
            #expect(try await shop.hauban("check").errors.contains("[schedule-gap]"), "it is to be deployed by nobody")
            let winter = try await shop.hauban(
                "oncall", "who", "--file", "hauban.yaml", "--at", "2026-12-24 09:00", "--json")
            #expect(winter.code == 0, "\(winter.errors)")
            let days =
                #"{"schedule":"days","zone":"Europe/Paris","person":"ana","why":"turn in rotation","#
                + #""until":"2026-12-24T17:00:00Z","next":{"startsAt":"2026-12-24T17:00:00Z","#
                + #""endsAt":"2026-12-25T08:00:00Z","why":"no layer has anybody"}}"#
            let primary =
                #"{"schedule":"primary","zone":"Europe/Paris","person":"ana","why":"turn in rotation","#
                + #""until":"2026-12-24T23:00:00Z","next":{"startsAt":"2026-12-28T08:00:00Z","#
                + #""endsAt":"2027-01-04T08:00:00Z","person":"ben","why":"turn in rotation"}}"#
            #expect(winter.output == "{\"items\":[\(days),\(primary)]}\n")
            #expect(winter.errors.contains("overrides and absences are not known here"), "\(winter.errors)")
            // 02:30 is jumped over on 29 March 2026 in Paris, and is shown twice on 25 October: the first of both counts.
            for (at, moment) in [
                ("2027-03-28 02:30", "2027-03-28T01:30:00Z"), ("2026-10-25 02:30", "2026-10-25T00:30:00Z"),
            ] {
                let shown = try await shop.hauban(
                    "oncall", "shifts", "primary", "-f", "hauban.yaml", "--from", at, "--to", "2027-04-01", "--json")
                #expect(shown.output.hasPrefix(#"{"items":[{"startsAt":"\#(moment)""#), "\(at): \(shown.output)")
            }
            let gaps = try await shop.hauban("oncall", "shifts", "days", "-f", "hauban.yaml", "--check")
            #expect(gaps.code == 2 && gaps.output.contains("NOBODY"), "\(gaps.output)")
            let calendar = try await shop.hauban("oncall", "calendar", "primary", "-f", "hauban.yaml")
            #expect(calendar.output.hasPrefix("BEGIN:VCALENDAR\r\n"), "\(calendar.output)")
            let unknown = try await shop.hauban("oncall", "who", "day", "-f", "hauban.yaml")
            #expect(unknown.code == 1 && unknown.errors.contains("Did you mean 'days'?"), "\(unknown.errors)")
        }
    }

    @Test("what is not understood ends with 64, and every command has help with an example")
    func usage() async throws {
        let shop = try PlatformFixture(files: Pager.files)
        try await shop.used { shop in
            for arguments in [
                ["incident", "ack", "x"], ["incident", "snooze", "i1", "--for", "30"], ["incident", "ack"],
                ["incident", "severity", "i1", "bad"], ["incident", "merge", "i1", "two"],
                ["incident", "open", "X", "--severity", "urgent"], ["alert", "add", "X", "label"],
                ["alert", "add", "X", "--severity", "urgent"], ["alert", "silence", "X", "--reason", "y"],
                ["alert", "silence", "X", "--for", "1h"], ["alert", "list", "--state", "loud"],
                ["alert", "list", "--limit", "0"], ["oncall", "who", "--at", "tomorrow"],
                ["oncall", "who", "--env", "dev"], ["oncall", "override", "primary", "ana"],
                ["oncall", "shifts", "primary", "-f", "hauban.yaml", "--to", "2020-01-01"], ["alert", "frobnicate"],
                ["incident", "link", "i1", "wiki"], ["incident", "role", "i1", "commander"],
                ["incident", "postmortem", "i1", "--language", "de"], ["account", "rescue"],
                ["audit", "check", "--end", "x"],
            ] {
                let outcome = try await shop.hauban(arguments)
                #expect(outcome.code == 64, "\(arguments): \(outcome.code) \(outcome.errors)")
            }
            for (noun, verbs) in [
                ("alert", ["list", "add", "silence", "silences", "unsilence"]),
                (
                    "incident",
                    [
                        "list", "show", "ack", "give-back", "resolve", "reopen", "note", "assign", "snooze", "severity",
                        "merge", "run", "approve", "decline", "open", "postmortem", "figures", "link", "role",
                    ]
                ),
                (
                    "oncall",
                    ["who", "shifts", "override", "overrides", "unoverride", "away", "calendar", "test"]
                ), ("account", ["rescue"]), ("audit", ["check"]),
            ] {
                for verb in verbs {
                    let help = try await shop.hauban(noun, verb, "--help")
                    #expect(help.code == 0)
                    #expect(help.output.contains("EXAMPLES\n  hauban \(noun) \(verb)"), "\(help.output)")
                }
            }
        }
    }
}

/// A platform with people and a real control plane of its own.
private struct Pager: Sendable {
    let shop: PlatformFixture
    private let process: ProcessRecord

    static let files = [
        "hauban.yaml": """
        hauban: 1
        platform: pager
        services:
          api:
            source: api
            stack: none
            run: python3 -u server.py
            port: 8080
            health: {ready: /, live: /}
        oncall:
          primary:
            rotation: {every: week, at: "mon 09:00", start: 2026-12-21, zone: Europe/Paris, people: [ana, ben]}
            escalate: [{after: 0m, do: flush}, {after: 0m, to: primary}]
          days:
            rotation: {zone: Europe/Paris, people: [ana]}
        people:
          ana: {email: ana@pager.example}
          ben: {email: ben@pager.example}
        actions:
          flush: {about: Empties the cache., http: {url: "http://127.0.0.1:9/flush"}, approval: true}
        notify: {email: {server: localhost, port: 9, from: pager@pager.example, tls: none}}
        owner: {team: web, oncall: primary}
        teams: {web: {people: [ana, ben]}}
        environments:
          dev: {target: local}
        """,
        "api/server.py": "",
    ]

    /// Runs the body beside a control plane, and takes it down afterwards, whatever happened.
    static func with(_ body: (Pager) async throws -> Void) async throws {
        try await PlatformFixture(files: files).used { shop in
            let process = try shop.start("serve", "--listen", "127.0.0.1:0", output: "serve.log")
            let pager = Pager(shop: shop, process: process)
            do {
                try await shop.eventually("the control plane says where it is") {
                    guard process.isAlive else {
                        throw PlatformFixture.FixtureError(text: SmallFile.text(shop.root + "/serve.log") ?? "")
                    }
                    return (try? pager.url()) != nil
                }
                try await body(pager)
            } catch {
                await pager.end()
                throw error
            }
            await pager.end()
        }
    }

    func end() async {
        kill(process.pid, SIGTERM)
        _ = await ProcessExit.wait(for: process, timeout: .seconds(60))
    }

    /// What `local.json` says.
    func url() throws -> String {
        let bytes = try SmallFile.read(shop.state + "/control-plane/local.json")
        guard let url = JSONValue(parsing: bytes)?["url"]?.string else {
            throw PlatformFixture.FixtureError(text: String(decoding: bytes, as: UTF8.self))
        }
        return url
    }

    func run(_ arguments: String...) async throws -> PlatformFixture.Outcome { try await run(arguments) }

    func run(_ arguments: [String]) async throws -> PlatformFixture.Outcome {
        let result = try await CommandRunner.live(
            Command(
                arguments: [PlatformFixture.binary] + arguments,
                environment: shop.environment.merging(["USER": "tester", "TZ": "Europe/Paris"]) { $1 },
                workingDirectory: shop.root, deadline: .seconds(120)))
        guard case .exited(let code) = result.status, !result.isLate else {
            throw PlatformFixture.FixtureError(text: "\(arguments) \(result.status)\n\(result.errors)")
        }
        return PlatformFixture.Outcome(code: code, output: result.output, errors: result.errors)
    }

    /// What a command that succeeds prints.
    func does(_ arguments: String..., at place: SourceLocation = #_sourceLocation) async throws -> String {
        let outcome = try await run(arguments)
        #expect(outcome.code == 0, "\(arguments): \(outcome.errors)", sourceLocation: place)
        return outcome.output
    }

    func lines(_ arguments: String..., at place: SourceLocation = #_sourceLocation) async throws -> [String] {
        let outcome = try await run(arguments)
        #expect(outcome.code == 0, "\(arguments): \(outcome.errors)", sourceLocation: place)
        return outcome.output.split(separator: "\n").map(String.init)
    }

    func document(
        _ arguments: String..., expecting code: Int32 = 0, at place: SourceLocation = #_sourceLocation
    ) async throws -> JSONValue {
        let outcome = try await run(arguments)
        #expect(outcome.code == code, "\(arguments): \(outcome.errors)", sourceLocation: place)
        return try #require(outcome.json, "\(outcome.output)", sourceLocation: place)
    }

    /// What a command says that ends with a code.
    func refused(
        _ code: Int32, _ arguments: String..., at place: SourceLocation = #_sourceLocation
    ) async throws -> String {
        let outcome = try await run(arguments)
        #expect(outcome.code == code, "\(arguments): \(outcome.output)", sourceLocation: place)
        return outcome.errors
    }
}

extension JSONValue {
    fileprivate var first: JSONValue? {
        guard case .array(let values) = self else { return nil }
        return values.first
    }
}
