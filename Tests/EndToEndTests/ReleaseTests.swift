import Glibc
import Testing
import World

/// Releases by the built binary on real processes, a real PostgreSQL and a real front door.
@Suite("A release on this machine", .serialized, .timeLimit(.minutes(5)))
struct ReleaseTests {
    @Test("is kept whole or returned whole, and loses no request")
    func story() async throws {
        try await PlatformFixture.with { shop in
            #expect(try await shop.hauban("secrets", "list").output.contains("missing"), "no secret is set yet")
            let missing = try await shop.deploy(expecting: 3)
            #expect(missing.output.contains("hauban secrets set stripe-key"), "the mend is named: \(missing.output)")
            try await setSecret(shop)

            try await shop.deploy(expecting: 0)
            let port = try await shop.port()
            #expect(try await shop.version(port) == "1")
            #expect(try await get(port, "/api/orders") == "0", "the migration made the table")
            #expect(try await get(port, "/").contains("<title>Shop</title>"), "the site is served")
            let large = HTTPRequest(
                method: "POST", url: "http://127.0.0.1:\(port)/api/orders", body: String(repeating: "x", count: 2_000))
            #expect(
                try await large.send(within: .seconds(60)).status == 413, "`expose.body` bounds what the world sends")

            let unchanged = try await shop.hauban("deploy", "dev", "--json")
            #expect(unchanged.code == 0)
            #expect(unchanged.json?["verdict"]?.string == "unchanged")
            #expect(try await shop.hauban("plan", "dev").code == 0)

            try shop.api(version: "2")
            let plan = try await shop.hauban("plan", "dev")
            #expect(plan.code == 2)
            #expect(plan.output.contains("release api; 2 services unchanged"), "\(plan.output)")
            let load = try await Load.run(port: port, path: "/api/version") { try await shop.deploy(expecting: 0) }
            #expect(load.failures.isEmpty, "\(load.failures.prefix(5)) of \(load.sent)")
            #expect(load.sent > 100)
            #expect(load.versions == ["1", "2"])

            try await returned(shop, port, fault: .errors, because: "failed")
            try await returned(shop, port, fault: .neverReady, because: "503")
            try await returned(shop, port, fault: .crash, because: "the wheel has come off")

            try shop.api(version: "4")
            try shop.write("api/schema.sql", "ALTER TABLE orders ADD COLUMN; -- not SQL")
            let load2 = try await Load.run(port: port, path: "/api/version") {
                let migration = try await shop.deploy(expecting: 3)
                #expect(migration.output.contains("syntax error"), "\(migration.output)")
            }
            #expect(load2.failures.isEmpty)
            #expect(load2.versions == ["2"])

            let back = try await shop.hauban("rollback", "dev", "--json")
            #expect(back.code == 0, "\(back.output)\(back.errors)")
            #expect(try await shop.version(port) == "1")

            let history = try await shop.hauban("history", "dev")
            #expect(history.output.contains("returned") && history.output.contains("kept"), "\(history.output)")
            let status = try await shop.hauban("status", "dev")
            #expect(status.code == 0, "\(status.output)\(status.errors)")
            #expect(status.output.contains("plain text"), "the worker's plain text is shown: \(status.output)")
            let logs = try await shop.hauban("logs", "dev", "api", "--last", "500")
            #expect(logs.output.contains("the shop 1 is open"))

            #expect(try await shop.hauban("down", "dev").code == 0)
            #expect(shop.processes().isEmpty, "no orphan: \(shop.processes())")
        }
    }

    @Test("is returned by Ctrl-C, refused while another is under way, and adopted after a kill")
    func interruptions() async throws {
        try await PlatformFixture.with { shop in
            try await setSecret(shop)
            try await shop.deploy(expecting: 0)
            let port = try await shop.port()

            // Ctrl-C in the watch.
            try shop.api(version: "2")
            let first = try shop.start("deploy", "dev", output: "first.log")
            try await shop.eventually("version 2 serves") { try await shop.version(port) == "2" }
            let second = try await shop.hauban("deploy", "dev")
            #expect(second.code == 4, "\(second.output)\(second.errors)")
            #expect(second.output.contains("process \(first.pid)"), "who holds it is named: \(second.output)")
            #expect(second.output.contains("since 2"), "and since when: \(second.output)")
            first.send(SIGINT, toGroup: false)
            #expect(try await exitCode(first, shop) == 3)
            #expect(try await shop.version(port) == "1")

            // SIGKILL of the deploy in its watch, under load: the next deploy of the same finishes it.
            let load = try await Load.run(port: port, path: "/api/version") {
                let killed = try shop.start("deploy", "dev", output: "killed.log")
                try await shop.eventually("version 2 serves") { try await shop.version(port) == "2" }
                killed.send(SIGKILL, toGroup: false)
                _ = try await exitCode(killed, shop)
                #expect(try await shop.version(port) == "2", "services outlive the tool")
                try await shop.deploy(expecting: 0)
            }
            #expect(load.failures.isEmpty, "\(load.failures.prefix(5)) of \(load.sent)")
            #expect(try await shop.version(port) == "2")

            // SIGKILL of the supervisor: everything goes on, and the next command adopts it.
            let before = try await pids(shop)
            let load2 = try await Load.run(port: port, path: "/api/version") {
                for pid in supervisors(shop) { kill(pid, SIGKILL) }
                let serving = try await shop.version(port)
                #expect(serving == "2")
                let after = try await pids(shop)
                #expect(after == before, "adopted, not restarted")
            }
            #expect(load2.failures.isEmpty, "\(load2.failures.prefix(5)) of \(load2.sent)")

            // A replica that dies is restarted.
            let replica = try #require(before["api.r3.0"] ?? before.first { $0.key.hasPrefix("api.") }?.value)
            kill(replica, SIGKILL)
            try await shop.eventually("the replica is replaced") {
                let now = try await pids(shop)
                return !now.values.contains(replica) && now.filter { $0.key.hasPrefix("api.") }.count == 2
            }

            // Stopped and started again: the data and the release are as they were.
            #expect(try await shop.hauban("down", "dev").code == 0)
            #expect(shop.processes().isEmpty, "no orphan: \(shop.processes())")
            #expect(try await shop.hauban("status", "dev").code == 1, "nothing runs")
            try await shop.deploy(expecting: 0)
            let again = try await shop.port()
            #expect(try await shop.version(again) == "2")
            #expect(try await get(again, "/api/orders") == "0")
        }
    }

    @Test("up runs everything in the foreground and stops all on Ctrl-C")
    func up() async throws {
        try await PlatformFixture.with { shop in
            try await setSecret(shop)
            let up = try shop.start("up", "dev", "--port", "0", "--watch", output: "up.log")
            func said() -> String { SmallFile.text(shop.root + "/up.log") ?? "" }
            try await shop.eventually("the platform is up", within: .seconds(60)) { said().contains("kept r1") }
            #expect(said().contains("the shop 1 is open"), "logs are shown: \(said())")
            let port = try await shop.port()
            try shop.api(version: "2")
            try await shop.eventually("the change is shipped", within: .seconds(60)) {
                (try? await shop.version(port)) == "2"
            }
            up.send(SIGINT, toGroup: false)
            #expect(try await exitCode(up, shop) == 0)
            #expect(shop.processes().isEmpty, "\(shop.processes())")
        }
    }

    // MARK: Parts

    private func returned(
        _ shop: PlatformFixture, _ port: Int, fault: PlatformFixture.Fault, because reason: String
    ) async throws {
        try shop.api(version: "3", fault: fault)
        _ = try await Load.run(port: port, path: "/api/version") {
            let outcome = try await shop.deploy(expecting: 3)
            #expect(outcome.output.contains(reason), "\(fault): \(outcome.output)")
        }
        #expect(try await shop.version(port) == "2", "\(fault) is returned")
        // Enough for each of the two replicas of the old release to answer many.
        let load = try await Load.run(port: port, path: "/api/version", requests: 100)
        #expect(load.sent >= 100)
        #expect(load.failures.isEmpty)
        #expect(load.versions == ["2"])
    }

    private func setSecret(_ shop: PlatformFixture) async throws {
        try shop.write("secret.txt", "a-value-that-must-not-show")
        let result = try await CommandRunner.live(
            Command(
                arguments: [
                    "/bin/sh", "-c", "exec \(PlatformFixture.binary) secrets set stripe-key --env dev < secret.txt",
                ],
                environment: shop.environment, workingDirectory: shop.root, deadline: .seconds(60)))
        #expect(result.isSuccess, "\(result.errors)")
        #expect(!(result.output + result.errors).contains("must-not-show"))
    }

    private func get(_ port: Int, _ path: String) async throws -> String {
        try await HTTPRequest(url: "http://127.0.0.1:\(port)\(path)").send(within: .seconds(60)).body
    }

    private func pids(_ shop: PlatformFixture) async throws -> [String: Int32] {
        let status = try await shop.hauban("status", "dev", "--json")
        guard case .array(let replicas)? = status.json?["replicas"] else { return [:] }
        var pids: [String: Int32] = [:]
        for replica in replicas {
            guard let id = replica["id"]?.string, case .number(let digits)? = replica["pid"] else { continue }
            pids[id] = Int32(digits)
        }
        return pids
    }

    private func supervisors(_ shop: PlatformFixture) -> [Int32] {
        shop.processes().filter { pid in
            let words = (try? SmallFile.read("/proc/\(pid)/cmdline")).map { String(decoding: $0, as: UTF8.self) } ?? ""
            return words.contains("\0supervise\0")
        }
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
}
