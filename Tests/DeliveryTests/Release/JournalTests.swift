import Delivery
import Foundation
import GRDB
import Planning
import Spec
import Synchronization
import Testing
import World

@Suite("The journal and its lease")
struct JournalTests {
    @Test("a file that is no database is refused with the mend")
    func garbage() throws {
        let fixture = try ReleaseFixture()
        defer { fixture.remove() }
        try Data(repeating: 0x41, count: 8192).write(to: URL(fileURLWithPath: fixture.path))
        let error = #expect(throws: WorldError.self) { try fixture.journal() }
        #expect(error?.code == "journal-corrupt")
        #expect(error?.hint.contains("move it aside") == true)
    }

    @Test("a page that was damaged on disk is found when the journal is opened")
    func damage() async throws {
        let fixture = try ReleaseFixture()
        defer { fixture.remove() }
        _ = try await fixture.executor().deploy(try ReleaseFixture.shop())
        try #require(try FileManager.default.contentsOfDirectory(atPath: fixture.folder).contains("journal.db"))
        let file = URL(fileURLWithPath: fixture.path)
        var bytes = try Data(contentsOf: file)
        try #require(bytes.count > 12_288)
        bytes.replaceSubrange(4096..<12_288, with: Data(repeating: 0xff, count: 8192))
        try bytes.write(to: file)
        let error = #expect(throws: WorldError.self) { try fixture.journal() }
        #expect(error?.code == "journal-corrupt")
    }

    @Test("a journal of a newer program is left alone")
    func newer() throws {
        let fixture = try ReleaseFixture()
        defer { fixture.remove() }
        _ = try fixture.journal()
        try DatabaseQueue(path: fixture.path).write { try $0.execute(sql: "PRAGMA user_version = 999") }
        let error = #expect(throws: WorldError.self) { try fixture.journal() }
        #expect(error?.code == "journal-newer")
    }

    @Test("a database of another program is left alone")
    func foreign() throws {
        let fixture = try ReleaseFixture()
        defer { fixture.remove() }
        try DatabaseQueue(path: fixture.path).write { try $0.execute(sql: "CREATE TABLE cats (name TEXT)") }
        let error = #expect(throws: WorldError.self) { try fixture.journal() }
        #expect(error?.code == "journal-corrupt")
        #expect(error?.underlying.contains("another program") == true)
    }

    @Test("a journal of the first version is brought up to this one and keeps its releases")
    func upgrade() async throws {
        let fixture = try ReleaseFixture()
        defer { fixture.remove() }
        _ = try await fixture.executor().deploy(try ReleaseFixture.shop())
        try await DatabaseQueue(path: fixture.path).write { database in
            try database.execute(sql: "ALTER TABLE releases DROP COLUMN restores")
            try database.execute(sql: "ALTER TABLE releases DROP COLUMN signals")
            try database.execute(sql: "ALTER TABLE leases DROP COLUMN uptime")
            try database.execute(sql: "DROP TABLE fences")
            try database.execute(sql: "PRAGMA user_version = 1")
        }
        #expect(try fixture.journal().history().map(\.verdict) == ["kept"])
        let report = try await fixture.executor().deploy(try ReleaseFixture.shop(2))
        #expect(report.release == ReleaseID(2))
    }

    @Test("a folder that is not there is an error that names the file")
    func nowhere() throws {
        let error = #expect(throws: WorldError.self) { try Journal(path: "/nonexistent/journal.db") }
        #expect(error?.code == "journal-unusable")
        #expect(error?.hint.contains("/nonexistent/journal.db") == true)
    }

    @Test("commits survive a loss of power: WAL with synchronous FULL")
    func durability() throws {
        let fixture = try ReleaseFixture()
        defer { fixture.remove() }
        #expect(try fixture.journal().pragma("journal_mode") == "wal")
        #expect(try fixture.journal().pragma("synchronous") == "2")
    }

    // MARK: Lease

    @Test("a second deploy is refused while the first one works, with who holds it")
    func twoAtOnce() async throws {
        let fixture = try ReleaseFixture()
        defer { fixture.remove() }
        _ = try await fixture.executor(pid: 4711).deploy(try ReleaseFixture.shop())
        let (began, signal) = AsyncStream.makeStream(of: Void.self)
        await fixture.engine.hold("gate.api") { signal.finish() }
        let first = try fixture.executor(pid: 4711)
        let desired = try ReleaseFixture.shop(2)
        let work = Task { try await first.deploy(desired) }
        for await _ in began {}
        let report = try await fixture.executor(pid: 4712).deploy(try ReleaseFixture.shop(3))
        #expect(
            report.verdict
                == .refused(
                    .held(holder: "ana on mast, process 4711", since: "2027-01-15T08:00:03.000Z", release: ReleaseID(2))
                ))
        #expect(report.verdict.exitCode == 4)
        #expect(try await fixture.executor(pid: 4712).recover() == nil)
        work.cancel()
        #expect(try await work.value.verdict == .returned(.cancelled))
        await fixture.engine.heal()
        #expect(try await fixture.executor(pid: 4712).deploy(try ReleaseFixture.shop(3)).verdict.code == "kept")
    }

    @Test("of many that ask at the same time, one gets the lease")
    func race() async throws {
        let fixture = try ReleaseFixture()
        defer { fixture.remove() }
        let journals = try (0..<8).map { _ in try fixture.journal() }
        let taken = try await withThrowingTaskGroup(of: Bool.self) { group in
            for (index, journal) in journals.enumerated() {
                group.addTask {
                    let holder = ReleaseFixture.holder(pid: 2000 + Int32(index))
                    switch try journal.lease(for: holder, token: "\(index)", life: { _ in .alive }) {
                    case .taken: return true
                    case .held, .doubtful: return false
                    }
                }
            }
            return try await group.reduce(into: 0) { $0 += $1 ? 1 : 0 }
        }
        #expect(taken == 1)
    }

    @Test("a holder that cannot be looked at keeps the lease for its term after the last heartbeat")
    func term() throws {
        let fixture = try ReleaseFixture()
        defer { fixture.remove() }
        let journal = try fixture.journal()
        func ask(_ token: String) throws -> Lease? {
            let answer = try journal.lease(
                for: ReleaseFixture.holder(pid: 1), token: token, term: .seconds(15), life: { _ in .unknown })
            if case .taken(let lease) = answer { return lease }
            return nil
        }
        let first = try #require(try ask("a"))
        fixture.clock.advance(by: .seconds(14))
        try journal.renew(first)
        fixture.clock.advance(by: .seconds(14))
        #expect(try ask("b") == nil)
        fixture.clock.advance(by: .seconds(1))
        let second = try #require(try ask("b"))
        let lost = #expect(throws: WorldError.self) { try journal.renew(first) }
        #expect(lost?.code == "lease-lost")
        #expect(second.fence > first.fence)
        // Giving back what was lost takes nothing from the new holder.
        try journal.release(first)
        try journal.renew(second)
        try journal.release(second)
        let third = try #require(try ask("c"))
        #expect(third.fence > second.fence, "also when it was given back in between")
    }

    @Test(
        "a calendar that was set takes no lease from a holder of this boot, and keeps none beyond its term",
        arguments: [3600.0, -3600])
    func setClock(_ step: Double) throws {
        let fixture = try ReleaseFixture()
        defer { fixture.remove() }
        let journal = try fixture.journal()
        func ask() throws -> Lease? {
            let answer = try journal.lease(
                for: ReleaseFixture.holder(pid: 2), token: "b", term: .seconds(15), life: { _ in .unknown })
            if case .taken(let lease) = answer { return lease }
            return nil
        }
        _ = try journal.lease(
            for: ReleaseFixture.holder(pid: 1), token: "a", term: .seconds(15), life: { _ in .dead })
        fixture.clock.setDate(by: step)
        fixture.clock.advance(by: .seconds(14))
        #expect(try ask() == nil, "its term is not over")
        fixture.clock.advance(by: .seconds(1))
        #expect(try ask() != nil, "its term is over")
    }

    @Test(
        "a holder of another boot whose heartbeat has a strange time is listened to for a term: one that beats keeps the lease",
        arguments: [3600.0, -3600], [true, false])
    func elsewhere(_ step: Double, _ beats: Bool) async throws {
        let fixture = try ReleaseFixture()
        defer { fixture.remove() }
        let journal = try fixture.journal()
        var other = ReleaseFixture.holder(pid: 1)
        other.process.boot = BootID(text: "another boot")
        let first = try journal.lease(for: other, token: "a", term: .seconds(15), life: { _ in .dead })
        guard case .taken(let lease) = first else {
            Issue.record("\(first)")
            return
        }
        fixture.clock.setDate(by: step)
        let began = fixture.clock.keeper.uptime()
        var settings = ReleaseExecutor.Settings()
        settings.keeper = fixture.clock.keeper
        settings.life = { _ in .unknown }
        if beats {
            let live = settings.keeper
            settings.keeper.sleep = { duration in
                // As the holder does meanwhile, by its own calendar, whatever that says.
                if duration <= .seconds(1), live.uptime() - began == .seconds(5) { try journal.renew(lease) }
                try await live.sleep(duration)
            }
        }
        let executor = ReleaseExecutor(
            engine: fixture.engine, journal: journal, holder: ReleaseFixture.holder(pid: 2), settings: settings)
        let report = try await executor.deploy(try ReleaseFixture.shop())
        #expect(report.verdict.code == (beats ? "refused" : "kept"), "\(report.verdict)")
        #expect(fixture.clock.keeper.uptime() - began >= .seconds(15), "it was listened to")
    }

    @Test("a calendar that is set while a release is watched changes nothing about it", arguments: [3600.0, -3600])
    func watched(_ step: Double) async throws {
        let fixture = try ReleaseFixture()
        defer { fixture.remove() }
        let clock = fixture.clock
        let told = Mutex<[Duration]>([])
        let report = try await fixture.executor {
            $0.progress = { event in
                guard case .watched(let elapsed, _, _) = event else { return }
                told.withLock { $0.append(elapsed) }
                if elapsed == .seconds(1) { clock.setDate(by: step) }
            }
        }.deploy(try ReleaseFixture.shop())
        #expect(report.verdict.code == "kept", "\(report.verdict)")
        #expect(told.withLock { $0 } == [.zero, .seconds(1), .seconds(2), .seconds(3)])
        #expect(try await fixture.executor().deploy(try ReleaseFixture.shop(2)).verdict.code == "kept")
    }

    @Test("a living holder's lease is never taken, however long it is silent; a dead one's at once")
    func life() throws {
        let fixture = try ReleaseFixture()
        defer { fixture.remove() }
        let journal = try fixture.journal()
        let holder = ReleaseFixture.holder(pid: 1)
        _ = try journal.lease(for: holder, token: "a", life: { _ in .unknown })
        fixture.clock.advance(by: .seconds(86_400))
        guard case .held(let by, _) = try journal.lease(for: holder, token: "b", life: { _ in .alive }) else {
            Issue.record("a living holder lost its lease")
            return
        }
        #expect(by == holder)
        guard case .taken = try journal.lease(for: holder, token: "b", life: { _ in .dead }) else {
            Issue.record("a dead holder kept its lease")
            return
        }
    }

    @Test("this process is known to live, a number with another start time to be dead, another machine not to be known")
    func looking() throws {
        let me = try LeaseHolder.current()
        #expect(me.life(seenFrom: me) == .alive)
        var reused = me
        reused.process.startTime += 1
        #expect(reused.life(seenFrom: me) == .dead)
        var elsewhere = me
        elsewhere.host = "another"
        #expect(elsewhere.life(seenFrom: me) == .unknown)
        var container = me
        container.pidNamespace = "pid:[7]"
        #expect(container.life(seenFrom: me) == .unknown)
    }

    @Test("one that lost its lease takes no further step")
    func fencing() async throws {
        let fixture = try ReleaseFixture()
        defer { fixture.remove() }
        let journal = try fixture.journal()
        let executor = try fixture.executor { settings in
            settings.checkpoint = { checkpoint in
                guard checkpoint == .stepTaken("build.mailer") else { return }
                _ = try journal.lease(for: ReleaseFixture.holder(pid: 9), token: "thief", life: { _ in .dead })
            }
        }
        let error = await #expect(throws: WorldError.self) { try await executor.deploy(try ReleaseFixture.shop()) }
        #expect(error?.code == "lease-lost")
        #expect(await fixture.engine.performed.last == "build.mailer")
    }

    // MARK: Retention

    @Test("old releases are forgotten, the latest and the latest kept ones stay")
    func retention() async throws {
        let fixture = try ReleaseFixture()
        defer { fixture.remove() }
        for version in 1...4 {
            _ = try await fixture.executor().deploy(try ReleaseFixture.shop(version))
        }
        await fixture.engine.fail("gate.api")
        for version in 5...8 {
            _ = try await fixture.executor { $0.retention = ReleaseRetention(latest: 2, latestKept: 2) }
                .deploy(try ReleaseFixture.shop(version))
        }
        #expect(try fixture.journal().history().map(\.id.number) == [8, 7, 4, 3])
        #expect(try fixture.journal().steps(of: ReleaseID(1)).isEmpty)
        await fixture.engine.heal()
        #expect(try await fixture.executor().rollback().verdict.code == "kept")
        #expect(await fingerprint(fixture, "api") == "api-v3")
    }
}

extension ReleaseFixture {
    var folder: String { (path as NSString).deletingLastPathComponent }
}
