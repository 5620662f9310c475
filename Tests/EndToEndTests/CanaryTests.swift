import Glibc
import Testing
import World

/// Canaries by the built binary, on real processes and a real front door.
@Suite("A canary on this machine", .serialized, .timeLimit(.minutes(10)))
struct CanaryTests {
    private static let path = "/api/version"

    @Test("that fails is returned with only its share harmed")
    func bad() async throws {
        try await PlatformFixture.with { shop in
            try shop.canary(steps: "[20%, 60%]", hold: "4s")
            let first = try await shop.deploy(expecting: 0)
            #expect(!first.output.contains("shift"), "what serves nobody yet moves at once")
            let port = try await shop.port()
            try shop.api(version: "2", fault: .errors)
            var end = ContinuousClock.now
            let stories = try await Browsers.run(60, port: port, path: Self.path, pause: .milliseconds(200)) {
                browsers in
                let outcome = try await shop.deploy(expecting: 3)
                end = .now
                let reason = outcome.json?["reason"]?.string ?? ""
                #expect(reason.hasPrefix("at 20% api failed"), "\(reason)")
                try await browsers.allAskAgain()
            }
            let failures = stories.flatMap(\.failures)
            #expect(failures.count >= 3, "it was judged by what clients saw")
            #expect(failures.allSatisfy { $0.status == 500 && $0.body == "broken" }, "none but the bad release failed")
            #expect(failures.allSatisfy { $0.asked < end }, "once it was returned, nobody was sent to it")
            // A fifth of the clients met it, and the others never did. By chance none of 60 does with a probability of
            // 0.8^60 = 1.5e-6, and 30 or more do with one below 1.5e-6 (Chernoff's bound for B(60, 0.2)).
            let harmed = stories.filter { !$0.failures.isEmpty }
            #expect((1..<30).contains(harmed.count), "\(harmed.count) of 60 clients")
            for story in stories where story.failures.isEmpty { #expect(Set(story.bodies) == ["1"]) }
            #expect(stories.allSatisfy { $0.bodies.last == "1" }, "all are back")
        }
    }

    @Test(
        "moves clients one way, shows both releases, is given up by Ctrl-C, goes on after a kill, and rolls back at once"
    )
    func good() async throws {
        try await PlatformFixture.with { shop in
            try shop.canary(steps: "[20%, 50%]", hold: "3s")
            try await shop.deploy(expecting: 0)
            let port = try await shop.port()
            try shop.api(version: "2")

            // Ctrl-C at the first share.
            let cancelled = try await Browsers.run(10, port: port, path: Self.path) { browsers in
                let deploy = try await still(shop)
                #expect(try await share(shop) == "20%")
                deploy.send(SIGINT, toGroup: false)
                deploy.send(SIGCONT, toGroup: false)
                #expect(try await exitCode(deploy, shop) == 3)
                #expect(try await share(shop) == nil)
                try await browsers.allAskAgain()
            }
            #expect(cancelled.allSatisfy { $0.failures.isEmpty && $0.bodies.last == "1" })

            // SIGKILL at the first share: the same deploy goes on, and nobody moves back.
            let stories = try await Browsers.run(20, port: port, path: Self.path) { browsers in
                let killed = try await still(shop)
                #expect(try await share(shop) == "20%")
                try await testers(shop, port)
                killed.send(SIGKILL, toGroup: false)
                _ = try await exitCode(killed, shop)
                let outcome = try await shop.deploy(expecting: 0)
                guard case .array(let notes)? = outcome.json?["notes"] else {
                    throw PlatformFixture.FixtureError(text: outcome.output)
                }
                let judged = notes.compactMap(\.string).filter { $0.contains("api was judged by") }
                #expect(judged.count == 2 && judged.allSatisfy { $0.contains(", 0 failed") }, "\(notes)")
                try await browsers.allAskAgain()
            }
            for story in stories {
                #expect(story.failures.isEmpty, "\(story.failures.prefix(3))")
                #expect(story.bodies == story.bodies.sorted(), "from 1 to 2 and never back")
                #expect(story.cookie?.hasPrefix("hauban-ticket=") == true)
            }
            #expect(stories.allSatisfy { $0.bodies.last == "2" })

            let back = try await shop.hauban("rollback", "dev", "--json")
            #expect(back.code == 0, "\(back.output)\(back.errors)")
            for step in ["shift", "hold"] {
                #expect(!back.output.contains("\"\(step)"), "no share is held on the way back: \(back.output)")
            }
            #expect(try await shop.version(port) == "1")
        }
    }

    /// Starts a deploy that stands still as its first share begins to be held.
    private func still(_ shop: PlatformFixture) async throws -> ProcessRecord {
        let record = try shop.start(
            "deploy", "dev", output: "still.log", variables: ["HAUBAN_TEST_STOP_AT": "written:hold.20%.api"])
        try await shop.eventually("the deploy holds its first share") { ProcessEntry(pid: record.pid)?.state == "T" }
        return record
    }

    /// What `status` shows, and where the header leads, while the new release has a share.
    private func testers(_ shop: PlatformFixture, _ port: Int) async throws {
        for (wish, version) in [("always", "2"), ("never", "1")] {
            for _ in 0..<5 {
                let answer = try await HTTPRequest(
                    url: "http://127.0.0.1:\(port)\(Self.path)", headers: ["X-Canary": wish]
                ).send(within: .seconds(60))
                #expect(answer.body == version)
            }
        }
        let status = try await shop.hauban("status", "dev")
        #expect(status.output.contains("SHARE"), "\(status.output)")
        let rows = status.output.split(separator: "\n").filter { $0.hasPrefix("api ") }
        #expect(rows.contains { $0.contains(" 80% ") } && rows.contains { $0.contains(" 20% ") }, "\(status.output)")
    }

    private func exitCode(_ record: ProcessRecord, _ shop: PlatformFixture) async throws -> Int32? {
        var status: World.ExitStatus?
        try await shop.eventually("process \(record.pid) ends", within: .seconds(60)) {
            status = status ?? ProcessExit.reap(record.pid)
            return status != nil
        }
        if case .exited(let code)? = status { return code }
        return nil
    }

    /// The new release's share, if there is one.
    private func share(_ shop: PlatformFixture) async throws -> String? {
        let status = try await shop.hauban("status", "dev", "--json")
        guard case .array(let shares)? = status.json?["shares"] else { return nil }
        return shares.last?["share"]?.string
    }
}
