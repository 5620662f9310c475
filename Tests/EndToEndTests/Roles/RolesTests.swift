import Foundation
import Glibc
import Synchronization
import TestKit
import Testing
import World

/// The four roles as processes of the built binary.
@Suite("A control plane of four processes", .serialized, .timeLimit(.minutes(20)))
struct RolesTests {
    private static let platform = """
        hauban: 1
        platform: split
        owner: {team: all, oncall: watch}
        people:
          ana: {phone: "+33612345678"}
        teams:
          all: {people: [ana]}
        oncall:
          watch:
            rotation: {every: week, at: "mon 09:00", zone: Europe/Paris, people: [ana]}
            escalate: [{after: 0s, to: watch}]
        routes:
          all: {match: {severity: critical}, to: watch, group: [alertname], wait: 0s, interval: 1s}
        notify:
          sms: {url: "http://127.0.0.1:9/none", body: '{"to":"${to}","text":"${text}"}'}
        services:
          api: {source: ., run: sleep 1000}
        environments:
          dev: {target: local}
        """

    @Test(
        "the real amtool tells ingest, the console shows the incident, oncall says who is on call; a killed one is missed by nobody"
    )
    func life() async throws {
        try await SplitPlane.with(Self.platform) { plane in
            for role in SplitPlane.roles { try await plane.start(role) }
            let added = try await CommandRunner.live(
                Command(
                    arguments: [
                        "amtool", "--alertmanager.url=http://127.0.0.1:\(plane.port("ingest"))", "alert", "add", "Mast",
                        "service=api", "severity=critical", "--annotation=summary=the mast leans",
                    ],
                    environment: ServeProcess.environment(TemporaryFolder()), workingDirectory: "/",
                    deadline: .seconds(60)))
            #expect(added.isSuccess, "\(added.output) \(added.errors)")
            let cookie = try await Self.signIn(plane)
            let page = try await HTTPRequest(
                url: "http://127.0.0.1:\(plane.port("console"))/incidents", headers: ["Cookie": cookie]
            ).send(within: .seconds(60))
            #expect(page.status == 200)
            #expect(page.body.contains("the mast leans"), "\(page.body.suffix(2000))")
            var environment = ServeProcess.environment(TemporaryFolder())
            environment["HAUBAN_TOKEN"] = try await plane.token()
            let who = try await CommandRunner.live(
                Command(
                    arguments: [
                        PlatformFixture.binary, "oncall", "who", "--url", "http://127.0.0.1:\(plane.port("oncall"))",
                    ], environment: environment, workingDirectory: "/", deadline: .seconds(60)))
            #expect(who.isSuccess && who.output.contains("ana"), "\(who.output) \(who.errors)")
            for role in SplitPlane.roles {
                #expect(try plane.metric(role, "hauban_role_info{role=\"\(role)\"}") == "1")
                #expect(plane.log(role).contains("listening on 127.0.0.1:\(plane.port(role))"))
            }
            // Nobody decides: what is told is taken all the same.
            await plane.end("incidents", SIGKILL)
            #expect(try PostingClient.post(plane.port("ingest"), name: "Meanwhile", round: 0))
            #expect(try PostingClient.get(plane.port("console"), "/sign-in").hasPrefix("HTTP/1.1 503"))
            try await plane.start("incidents")
            let token = try await plane.token()
            try await eventually(within: .seconds(60)) {
                let said = try PostingClient.ask(plane.port("ingest"), "GET", "/api/v2/alerts", token: token)
                return said.json?.text.contains("Meanwhile") == true
            }
            for role in SplitPlane.roles.reversed() {
                #expect(await plane.end(role, SIGTERM) == .exited(code: 0), "\(role): \(plane.log(role))")
            }
        }
    }

    /// Sets the first administrator up, by the link of the deciding role, at the console.
    private static func signIn(_ plane: SplitPlane) async throws -> String {
        let mark = try #require(plane.log("incidents").firstRange(of: "/set-up?token="))
        let token = plane.log("incidents")[mark.upperBound...].prefix { !$0.isWhitespace }
        let console = "http://127.0.0.1:\(plane.port("console"))"
        let answer = try await HTTPRequest(
            method: "POST", url: console + "/set-up",
            headers: [
                "Content-Type": "application/x-www-form-urlencoded", "Origin": console, "Sec-Fetch-Site": "same-origin",
            ],
            body: "token=\(token)&name=ana&password=an+unlikely+mast+and+stay&again=an+unlikely+mast+and+stay"
        ).send(within: .seconds(60))
        #expect(answer.status == 303, "\(answer.body)")
        return String(try #require(answer.fields["set-cookie"]).prefix { $0 != ";" })
    }

    @Test("SIGKILL for ingest and incidents under load: what was answered 2xx counts, and counts once")
    func kills() async throws {
        let asked = ProcessInfo.processInfo.environment["HAUBAN_ROLE_KILLS"].flatMap { Int($0) } ?? 8
        let seed =
            ProcessInfo.processInfo.environment["HAUBAN_SERVE_SEED"].flatMap { UInt64($0) }
            ?? .random(in: 0..<1_000_000_000)
        var random = SeededGenerator(seed: seed)
        try await SplitPlane.with(Self.platform) { plane in
            try await plane.start("incidents")
            try await plane.start("ingest")
            let key = try await Self.key(plane)
            try await eventually(within: .seconds(60)) {
                try Self.opsgenie(
                    plane.port("ingest"), key, "/v2/alerts", #"{"message":"anchor","alias":"anchor","priority":"P1"}"#)
            }
            var alerts: Set<String> = []
            var notes: Set<String> = []
            for round in 1...asked {
                let load = RoleLoad(port: plane.port("ingest"), round: round, key: key)
                load.start()
                try await eventually(within: .seconds(60)) { load.alerts.count > 3 && load.notes.count > 3 }
                try await Task.sleep(for: .microseconds(Int.random(in: 0...150_000, using: &random)))
                var killed = [["incidents"], ["ingest"], ["incidents", "ingest"]].randomElement(using: &random) ?? []
                killed.shuffle(using: &random)
                for role in killed {
                    await plane.end(role, SIGKILL)
                    let before = load.alerts.count
                    // Without anybody who decides, ingest goes on answering.
                    if role == "incidents", !killed.contains("ingest") {
                        try await eventually(within: .seconds(60)) { load.alerts.count > before + 3 }
                    }
                    try await Task.sleep(for: .microseconds(Int.random(in: 0...100_000, using: &random)))
                }
                // The ingest role starts with nobody to ask, as often as not.
                for role in killed { try await plane.start(role) }
                try await load.stop()
                alerts.formUnion(load.alerts)
                notes.formUnion(load.notes)
            }
            try await eventually(within: .seconds(120)) { try plane.metric("ingest", "hauban_spool_entries") == "0" }
            let note = "seed \(seed)"
            let found = try Self.incidents(plane.port("incidents"), try await plane.token())
            let lost = alerts.filter { found.titles[$0] == nil }
            #expect(lost.isEmpty, "\(note): of \(alerts.count) in no incident: \(lost.sorted().prefix(3))")
            let twice = found.titles.filter { $0.value > 1 }
            #expect(twice.isEmpty, "\(note): \(twice.prefix(3))")
            let silent = notes.filter { found.notes[$0] == nil }
            #expect(silent.isEmpty, "\(note): notes lost: \(silent.sorted().prefix(3))")
            let repeated = found.notes.filter { $0.value > 1 }
            #expect(repeated.isEmpty, "\(note): counted more than once: \(repeated.prefix(3))")
            print("RolesTests: \(asked) kills, \(alerts.count) alerts and \(notes.count) notes answered 2xx, \(note)")
        }
    }

    private static func key(_ plane: SplitPlane) async throws -> String {
        let answer = try await HTTPRequest(
            method: "POST", url: "http://127.0.0.1:\(plane.port("incidents"))/api/v1/integrations",
            headers: ["Authorization": "Bearer \(try await plane.token())", "Content-Type": "application/json"],
            body: #"{"name":"genie","sender":"opsgenie"}"#
        ).send(within: .seconds(60))
        return try #require(JSONValue(parsing: Array(answer.body.utf8))?["key"]?.string)
    }

    /// - Returns: whether it was answered 202.
    static func opsgenie(_ port: Int, _ key: String, _ target: String, _ body: String) throws -> Bool {
        guard let client = PostingClient(port: port) else { throw PostingClient.Unreachable() }
        return client.exchange(
            "POST \(target) HTTP/1.1\r\nHost: a\r\nAuthorization: GenieKey \(key)\r\nContent-Type: application/json\r\n"
                + "Connection: close\r\nContent-Length: \(body.utf8.count)\r\n\r\n\(body)"
        ).hasPrefix("HTTP/1.1 202")
    }

    /// How often each alert's name is in an incident, and how often each note is in a timeline.
    private static func incidents(
        _ port: Int, _ token: String
    ) throws -> (titles: [String: Int], notes: [String: Int]) {
        var titles: [String: Int] = [:]
        var notes: [String: Int] = [:]
        var next = ""
        func list(_ value: JSONValue?) -> [JSONValue] { if case .array(let list)? = value { list } else { [] } }
        repeat {
            let page = try PostingClient.ask(
                port, "GET", "/api/v1/incidents?status=all&limit=500\(next)", token: token)
            for item in list(page.json?["items"]) {
                let id = item["id"]?.string ?? ""
                let one = try PostingClient.ask(port, "GET", "/api/v1/incidents/\(id)", token: token).json
                for alert in list(one?["alerts"]) {
                    titles[alert["labels"]?["alertname"]?.string ?? "", default: 0] += 1
                }
                for entry in list(one?["timeline"]) {
                    guard let what = entry["what"]?.string, let mark = what.firstRange(of: "note-") else { continue }
                    let note = what[mark.lowerBound...].prefix { $0 == "-" || $0.isLetter || $0.isNumber }
                    notes[String(note), default: 0] += 1
                }
            }
            next = page.json?["next"]?.string.map { "&cursor=\($0)" } ?? ""
        } while !next.isEmpty
        return (titles, notes)
    }

    @Test(
        "what does not go together is told before anything is begun",
        arguments: [
            (["--role", "ingest", "--plane-token-file", "t"], "needs --plane"),
            (["--role", "incidents"], "needs --plane-token-file"),
            (["--role", "incidents", "--plane", "http://127.0.0.1:1", "--plane-token-file", "t"], "--plane is for"),
            (["--plane-token-file", "t"], "is for --role"),
            (["--role", "everything", "--plane-token-file", "t"], "everything"),
            (
                [
                    "--role", "ingest", "--plane", "http://127.0.0.1:1", "--plane-token-file", "t", "--spool-limit",
                    "much",
                ], "much"
            ),
        ])
    func combinations(_ options: [String], _ words: String) async throws {
        let folder = TemporaryFolder()
        let result = try await CommandRunner.live(
            Command(
                arguments: [PlatformFixture.binary, "serve", "--listen", "127.0.0.1:0"] + options,
                environment: ServeProcess.environment(folder), workingDirectory: folder.path, deadline: .seconds(60)))
        #expect(result.status == .exited(code: 64), "\(result.errors)")
        #expect(result.errors.contains(words), "\(result.errors)")
    }

    @Test(
        "a token that others could read on its way, or that is too short, is refused with its mend",
        arguments: [
            ("http://10.0.0.5:9093", "0123456789abcdef0123456789abcdef", "[in-clear]"),
            ("http://127.0.0.1:1", "0123456789", "[weak-token]"),
            ("ftp://127.0.0.1", "0123456789abcdef0123456789abcdef", "[bad-url]"),
        ])
    func tokens(_ url: String, _ token: String, _ code: String) async throws {
        let folder = TemporaryFolder()
        try folder.write("plane.token", token)
        let result = try await CommandRunner.live(
            Command(
                arguments: [
                    PlatformFixture.binary, "serve", "--role", "console", "--listen", "127.0.0.1:0", "--plane", url,
                    "--plane-token-file", folder.path + "/plane.token",
                ],
                environment: ServeProcess.environment(folder), workingDirectory: folder.path, deadline: .seconds(60)))
        #expect(result.status == .exited(code: 1))
        #expect(result.errors.contains(code), "\(result.errors)")
        #expect(!result.errors.contains(token))
    }
}

/// Senders of alerts and of notes, each said once, who come back when they are cut off.
private final class RoleLoad: Sendable {
    private let port: Int
    private let round: Int
    private let key: String
    private let answered = Mutex<(alerts: Set<String>, notes: Set<String>)>(([], []))
    private let isOver = Atomic(false)
    private let ended = Mutex(0)

    init(port: Int, round: Int, key: String) {
        self.port = port
        self.round = round
        self.key = key
    }

    /// What was answered 2xx.
    var alerts: Set<String> { answered.withLock { $0.alerts } }
    var notes: Set<String> { answered.withLock { $0.notes } }

    func start() {
        Thread.detachNewThread { [self] in
            var number = 0
            while !isOver.load(ordering: .relaxed) {
                guard let connection = PostingClient(port: port) else {
                    usleep(5000)
                    continue
                }
                while !isOver.load(ordering: .relaxed) {
                    number += 1
                    let name = "alert-\(round)-\(number)"
                    let body =
                        #"[{"labels":{"alertname":"\#(name)","severity":"critical"},"endsAt":"2099-01-01T00:00:00Z"}]"#
                    guard connection.post(body) else { break }
                    answered.withLock { _ = $0.alerts.insert(name) }
                    usleep(8000)
                }
            }
            ended.withLock { $0 += 1 }
        }
        Thread.detachNewThread { [self] in
            var number = 0
            while !isOver.load(ordering: .relaxed) {
                number += 1
                let name = "note-\(round)-\(number)"
                let target = "/v2/alerts/anchor/notes?identifierType=alias"
                if (try? RolesTests.opsgenie(port, key, target, #"{"note":"\#(name)"}"#)) == true {
                    answered.withLock { _ = $0.notes.insert(name) }
                }
                usleep(10_000)
            }
            ended.withLock { $0 += 1 }
        }
    }

    func stop() async throws {
        isOver.store(true, ordering: .relaxed)
        try await eventually(within: .seconds(120)) { ended.withLock { $0 } == 2 }
    }
}
