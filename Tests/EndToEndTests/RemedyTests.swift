import FoundationEssentials
import Glibc
import TestKit
import Testing
import World
import hauban

/// The platform on this machine and its control plane together: the built binary, real processes, a sink for pages.
@Suite("A platform and its control plane", .serialized, .timeLimit(.minutes(5)))
struct RemedyTests {
    @Test("a release that is returned pages; its incident names the release, who shipped it and the last good one")
    func returned() async throws {
        try await PagedPlatform.with { paged in
            try await paged.served { _ in
                try await paged.shop.deploy(expecting: 0)
                #expect(try await paged.verdict("r1") == "kept", "told before the command ended")
                try paged.write(version: 2, isBad: true)
                let bad = try await paged.shop.hauban("deploy", "dev", "--label", "2.0", "--json")
                #expect(bad.code == 3, "\(bad.output)\(bad.errors)")
                #expect(!bad.errors.contains("note"), "\(bad.errors)")
                try await paged.shop.eventually("the sink takes a page") { !paged.taken("incident.page").isEmpty }
                let page = try #require(paged.taken("incident.page").first)
                let incident = try #require(page["incident"])
                let releases = paged.list(incident["releases"])
                #expect(incident["service"]?.string == "api" && incident["severity"]?.string == "high", "\(page.text)")
                #expect(releases.first?["id"]?.string == "r2", "\(page.text)")
                #expect(releases.first?["version"]?.string == "2.0")
                let history = try await paged.shop.hauban("history", "dev", "--json")
                let who = try #require(releases.first?["by"]?.string)
                #expect(!who.isEmpty && history.output.contains("\"\(who)\""), "\(who), \(history.output)")
                #expect(incident["lastGoodRelease"]?.string == "r1")
                let alert = try #require(paged.list(incident["alerts"]).first)
                #expect(alert["name"]?.string == "ReleaseReturned")
                #expect(alert["summary"]?.string?.contains("release r2 (2.0) of paged to dev was returned") == true)
                #expect(try await paged.verdict("r2") == "returned")

                // The next good release of the service ends the matter.
                try paged.write(version: 3)
                try await paged.shop.deploy(expecting: 0)
                try await paged.shop.eventually("it is over") { !paged.taken("incident.resolved").isEmpty }
                #expect(paged.taken("incident.page").count == 1, "one page for one release")
            }
        }
    }

    @Test("what the front door and the supervisor know of a service is at the control plane")
    func measured() async throws {
        try await PagedPlatform.with { paged in
            try await paged.shop.deploy(expecting: 0)
            let port = try await paged.shop.port()
            try await paged.served { _ in
                try await paged.shop.eventually("its requests are counted") {
                    _ = try await paged.shop.version(port)
                    let services = paged.list(try await paged.ask("GET", "/api/v1/services")["items"])
                    guard let api = services.first(where: { $0["name"]?.string == "api" }) else { return false }
                    return Double(api["requestsPerSecond"]?.text ?? "").map { $0 > 0 } == true
                        && api["replicasReady"]?.text == "2" && api["replicasWanted"]?.text == "2"
                        && Double(api["errorShare"]?.text ?? "") == 0
                }
            }
        }
    }

    @Test("a bad release that kept passing its watch and then alerts is gone back from, and nobody is woken")
    func returnRelease() async throws {
        try await PagedPlatform.with { paged in
            // What the control plane did not hear it reads from the journal when it comes.
            try await paged.shop.deploy(expecting: 0)
            try paged.write(version: 2)
            try await paged.shop.deploy(expecting: 0)
            let port = try await paged.shop.port()
            #expect(try await paged.shop.version(port) == "2")
            try await paged.served { _ in
                try await paged.shop.eventually("it knows r2") { try await paged.verdict("r2") == "kept" }
                // An alert that names the release is no symptom of its switch, and is not held back for it.
                try await paged.alert("Errors", #""release":"r2""#)
                try await paged.shop.eventually("version 1 serves again") {
                    try await paged.shop.version(port) == "1"
                }
                try await paged.shop.eventually("the remedy says what it did") {
                    try await paged.remedy("return-release", of: "i1")?.hasPrefix("succeeded") == true
                }
                let incident = try await paged.ask("GET", "/api/v1/incidents/i1")
                #expect(incident.text.contains("r3 went back from r2 to r1"), "\(incident.text)")
                #expect(try await paged.verdict("r3") == "kept")
                #expect(try await paged.verdict("r2") == "returned", "nothing goes back to it any more")
                #expect(paged.taken("incident.page").isEmpty)
            }
        }
    }

    @Test(
        "a migration is gone back across where hauban.yaml says that the version before can run after it, else people are told"
    )
    func migrations() async throws {
        try await PagedPlatform.with { paged in
            func ship(_ version: Int, _ migrate: String?) async throws {
                try paged.write(version: version)
                try paged.declare(migrate: migrate)
                try await paged.shop.deploy(expecting: 0)
            }
            try await ship(1, nil)
            try await ship(2, #"{run: "true", compatible: true}"#)
            let plan = try await paged.shop.hauban("plan", "dev")
            #expect(plan.code == 0, "nothing to do: \(plan.output)")
            let port = try await paged.shop.port()
            try await paged.served { _ in
                try await paged.shop.eventually("it knows r2") { try await paged.verdict("r2") == "kept" }
                #expect(try await paged.migration("r1") == "none")
                #expect(try await paged.migration("r2") == "compatible")
                try await paged.alert("Errors", #""release":"r2""#)
                try await paged.shop.eventually("version 1 serves again") { try await paged.shop.version(port) == "1" }
                try await paged.shop.eventually("the remedy says so") {
                    try await paged.remedy("return-release", of: "i1")?.hasPrefix("succeeded") == true
                }
                #expect(paged.taken("incident.page").isEmpty)
                for (version, migrate, word, why) in [
                    (
                        3, "\"true\"", "unknown",
                        "nobody said whether the version before can run after the migration of r4"
                    ),
                    (
                        4, #"{run: "true", compatible: false}"#, "incompatible",
                        "the version before cannot run after the migration of r5"
                    ),
                ] {
                    let release = "r\(version + 1)"
                    try await paged.ask("POST", "/api/v1/incidents/i\(version - 2)/resolve", "{}")
                    try await ship(version, migrate)
                    #expect(try await paged.migration(release) == word)
                    // Of another cause, so that it opens an incident of its own.
                    try await paged.alert("Errors\(version)", "\"release\":\"\(release)\"")
                    let incident = "i\(version - 1)"
                    try await paged.shop.eventually("somebody is told of \(incident)") {
                        paged.taken("incident.page").contains { $0["incident"]?["id"]?.string == incident }
                    }
                    let told = try await paged.ask("GET", "/api/v1/incidents/\(incident)").text
                    #expect(told.contains(why), "\(told)")
                    #expect(try await paged.shop.version(port) == "\(version)", "it serves on")
                }
            }
        }
    }

    @Test("a command and a restart are done where the service runs, and a killed serve does a remedy at most once")
    func once() async throws {
        try await PagedPlatform.with { paged in
            try await paged.shop.deploy(expecting: 0)
            let port = try await paged.shop.port()
            func counted() -> String { SmallFile.text(paged.shop.root + "/count") ?? "" }
            let killed = try await paged.serve()
            // They name the release, so that they are not held back for its switch.
            let before = try await pids(port)
            try await paged.alert("Stuck", #""release":"r1""#)
            try await paged.shop.eventually("the service was restarted") {
                try await paged.remedy("restart", of: "i1")?.hasPrefix("succeeded") == true
            }
            #expect(try await pids(port).isDisjoint(with: before), "both replicas are others")
            // Alerts of one service join its open incident.
            try await paged.ask("POST", "/api/v1/incidents/i1/resolve", "{}")
            try await paged.alert("Count", #""release":"r1""#)
            try await paged.shop.eventually("the command is under way") { counted() == "api\n" }
            kill(killed.pid, SIGKILL)
            _ = await ProcessExit.wait(for: killed, timeout: .seconds(60))
            try await paged.served { _ in
                try await paged.alert("Count", #""release":"r1""#)
                try await paged.shop.eventually("that it was broken off is said") {
                    try await paged.remedy("count", of: "i2")?.hasPrefix("failed") == true
                }
                let incident = try await paged.ask("GET", "/api/v1/incidents/i2")
                #expect(incident.text.contains("it was broken off when the control plane ended"), "\(incident.text)")
                #expect(counted() == "api\n", "begun once, and never again")
            }
        }
    }

    @Test("up runs the control plane with the platform, tells where it is, and ends it with the rest")
    func up() async throws {
        try await PagedPlatform.with { paged in
            let up = try paged.shop.start("up", "dev", "--port", "0", output: "up.log")
            func said() -> String { SmallFile.text(paged.shop.root + "/up.log") ?? "" }
            try await paged.shop.eventually("the platform is up") { said().contains("kept r1") }
            let url = try #require(
                said().split(separator: "\n").first { $0.hasPrefix("control plane: ") }?.dropFirst(15).description)
            #expect(said().contains("\(url)/set-up?token="))
            #expect(try await HTTPRequest(url: url + "/health").send(within: .seconds(60)).body == "OK")
            try await paged.shop.eventually("its release is told") { try await paged.verdict("r1") == "kept" }
            let second = try await paged.shop.hauban("serve", "--listen", "127.0.0.1:0")
            #expect(second.errors.contains("[store-locked]"), "one control plane keeps one store: \(second.errors)")
            up.send(SIGINT, toGroup: false)
            #expect(await ProcessExit.wait(for: up, timeout: .seconds(60)) == .exited(code: 0), "\(said())")
            #expect(paged.shop.processes().isEmpty, "\(paged.shop.processes())")
            #expect(SmallFile.text(paged.shop.state + "/control-plane/local.json") == nil)

            let bare = try paged.shop.start("up", "dev", "--port", "0", "--no-plane", output: "bare.log")
            func bareSaid() -> String { SmallFile.text(paged.shop.root + "/bare.log") ?? "" }
            try await paged.shop.eventually("the platform is up again") { bareSaid().contains("kept r") }
            #expect(!bareSaid().contains("control plane"))
            bare.send(SIGINT, toGroup: false)
            #expect(await ProcessExit.wait(for: bare, timeout: .seconds(60)) == .exited(code: 0))
        }
    }

    @Test("the ledger of remedies takes each once, reads what a kill cut, and does nothing that it cannot write")
    func ledger() throws {
        let folder = TemporaryFolder()
        let path = folder.path + "/remedies.jsonl"
        let ledger = try RemedyLedger(path: path)
        #expect(try ledger.begin("i1/restart", at: 1) == .new)
        #expect(try ledger.begin("i1/restart", at: 2) == .open)
        try ledger.end("i1/restart", succeeded: true, output: "two\nlines", at: 3)
        #expect(try ledger.begin("i2/count", at: 4) == .new)
        var bytes = try SmallFile.read(path)
        bytes += Array(#"{"key":"i3/cu"#.utf8)
        try AtomicFile.write(bytes, to: path)
        let next = try RemedyLedger(path: path)
        #expect(try next.begin("i1/restart", at: 5) == .over(succeeded: true, output: "two\nlines"))
        #expect(try next.begin("i2/count", at: 5) == .open, "begun, and its end is not known")
        #expect(try next.begin("i3/cut", at: 5) == .new)
        #expect(try RemedyLedger(path: path).begin("i3/cut", at: 6) == .open, "a line after a cut one is whole")
        let nowhere = try RemedyLedger(path: folder.path + "/none/remedies.jsonl")
        #expect(throws: WorldError.self) { try nowhere.begin("i1/restart", at: 1) }
    }

    /// The processes that answer; both replicas answer some of a hundred requests.
    private func pids(_ port: Int) async throws -> Set<String> {
        var pids: Set<String> = []
        for _ in 1...100 {
            pids.insert(try await HTTPRequest(url: "http://127.0.0.1:\(port)/api/pid").send(within: .seconds(60)).body)
        }
        return pids
    }
}
