import GRDB
import Glibc
import Testing
import World

/// Two commands at one environment, on real processes that stand still at chosen points.
@Suite("The lease", .serialized, .timeLimit(.minutes(10)))
struct LeaseTests {
    @Test("of a holder that stands still on this machine is never taken, however long it is silent")
    func living() async throws {
        try await TinyPlatform.make().used { shop in
            try await shop.deploy(expecting: 0)
            try TinyPlatform.write(version: 2, to: shop)
            let holder = try await still(shop, at: "written:start.api")
            try await forge(shop, "UPDATE leases SET heartbeat = heartbeat - 3600, uptime = uptime - 3600")
            for command in ["deploy", "rollback", "down"] {
                let other = try await shop.hauban(command, "dev")
                #expect(other.code == 4, "\(other.output)\(other.errors)")
                #expect(other.output.contains("process \(holder.pid)"), "who holds it is named: \(other.output)")
            }
            #expect(try await shop.hauban("status", "dev").code == 0)
            holder.send(SIGCONT, toGroup: false)
            #expect(await ProcessExit.wait(for: holder, timeout: .seconds(60)) == .exited(code: 0))
            #expect(try await shop.version(try await shop.port()) == "2")
        }
    }

    @Test(
        "of a holder that nobody can look at is taken after its term; when it wakes it stops, and undoes nothing of what was done",
        arguments: [
            (at: "written:switch.mailer.api.site", then: "rollback", serves: 1),
            (at: "written:stop-first.worker", then: "rollback", serves: 1),
            (at: "written:switch.mailer.api.site", then: "deploy", serves: 2),
            (at: "written:stop-old.api", then: "status", serves: 2),
        ])
    func fenced(_ story: (at: String, then: String, serves: Int)) async throws {
        try await TinyPlatform.make().used { shop in
            try await shop.deploy(expecting: 0)
            let port = try await shop.port()
            let files = try EnvironmentFiles(shop)
            let reference = try await files.end().withoutVersion(1)
            try TinyPlatform.write(version: 2, to: shop)
            _ = try await Witness.watch(port: port, version: "1") { witness in
                witness.expect(1, 2)
                let sleeper = try await still(shop, at: story.at)
                // As if it ran on another machine: whether it lives cannot be seen from here.
                try await forge(shop, "UPDATE leases SET holder = json_set(holder, '$.host', 'elsewhere')")
                let early = try await shop.hauban(story.then, "dev")
                #expect(
                    early.code == (story.then == "status" ? 0 : 4), "before its term: \(early.output)\(early.errors)")
                #expect(try files.lastRelease()?.verdict == nil, "nobody ended it before the term of its holder")
                try await forge(shop, "UPDATE leases SET heartbeat = heartbeat - 3600, uptime = uptime - 3600")
                let heir = try await shop.hauban(story.then, "dev")
                #expect(heir.code == (story.then == "rollback" ? 3 : 0), "\(heir.output)\(heir.errors)")
                witness.expect(story.serves)
                let end = try await files.end()
                #expect(end.withoutVersion(story.serves) == reference)

                sleeper.send(SIGCONT, toGroup: false)
                #expect(await ProcessExit.wait(for: sleeper, timeout: .seconds(60)) == .exited(code: 1))
                let said = SmallFile.text(shop.root + "/still.log") ?? ""
                #expect(said.contains("another process took over"), "\(said)")
                #expect(try await files.end() == end)
                let findings = witness.take()
                #expect(findings.count == 0, "\(findings.prefix(3))")
            }
        }
    }

    // MARK: Parts

    /// Starts a deploy that stops itself at a point.
    private func still(_ shop: PlatformFixture, at point: String) async throws -> ProcessRecord {
        let record = try shop.start(
            "deploy", "dev", output: "still.log", variables: ["HAUBAN_TEST_STOP_AT": point])
        try await shop.eventually("the deploy stands still at \(point)") { ProcessEntry(pid: record.pid)?.state == "T" }
        return record
    }

    private func forge(_ shop: PlatformFixture, _ statement: String) async throws {
        let files = try EnvironmentFiles(shop)
        try await DatabaseQueue(path: files.folder + "/journal.sqlite").write { database in
            try database.execute(sql: statement)
            #expect(database.changesCount == 1)
        }
    }
}
