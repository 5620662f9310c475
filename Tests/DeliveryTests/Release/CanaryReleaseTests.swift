import Delivery
import Planning
import Spec
import Synchronization
import Testing
import World

/// Releases of which a service moves in shares.
@Suite("A release with a canary")
struct CanaryReleaseTests {
    /// A shop that runs, and its next version; the API moves at 10 % and 50 %.
    private static func running() async throws -> ReleaseFixture {
        let fixture = try ReleaseFixture()
        _ = try await fixture.executor().deploy(try ReleaseFixture.canary())
        await fixture.engine.forget()
        return fixture
    }

    private static func shares(_ engine: FakeEngine) async throws -> [String] {
        let api = try ReleaseFixture.name("api")
        return await engine.tables.map { table in
            let backend = table.routing.backends.first { $0.service == api }
            return backend.map { "\($0.release)" + ($0.newcomer.map { " \($0.release) \($0.share)" } ?? "") } ?? "none"
        }
    }

    @Test("moves from share to share, and its verdict says how many requests each was judged by")
    func kept() async throws {
        let fixture = try await Self.running()
        defer { fixture.remove() }
        await fixture.engine.answer(try ReleaseFixture.name("api"), requests: 40, errors: 0)
        let told = Mutex<[String]>([])
        let report = try await fixture.executor {
            $0.progress = { event in
                guard case .held(let step, _, let window, let new, let old, _) = event else { return }
                told.withLock { $0.append("\(step.id) \(window) \(new.map(\.requests)) \(old.map(\.release))") }
            }
        }.deploy(try ReleaseFixture.canary(2))
        guard case .kept(let notes) = report.verdict else { throw Unexpected(verdict: report.verdict) }
        #expect(
            notes.filter { $0.contains("%") } == [
                "at 10% api was judged by 40 requests, 0 failed", "at 50% api was judged by 40 requests, 0 failed",
            ])
        #expect(try await Self.shares(fixture.engine) == ["r1 r2 10%", "r1 r2 50%", "r2"])
        #expect(told.withLock { $0.first } == "hold.10%.api 2.0 seconds [40] [r1]")
        #expect(told.withLock { $0.last } == "hold.50%.api 2.0 seconds [40] [r1]")
        #expect(await fixture.engine.darkness == [])
    }

    @Test("that was asked too little at its share is kept, and the verdict says so")
    func few() async throws {
        let fixture = try await Self.running()
        defer { fixture.remove() }
        await fixture.engine.answer(try ReleaseFixture.name("api"), requests: 1, errors: 0)
        let report = try await fixture.executor().deploy(try ReleaseFixture.canary(2))
        guard case .kept(let notes) = report.verdict else { throw Unexpected(verdict: report.verdict) }
        #expect(
            notes.contains(
                "at 10% api was judged by 1 request, 0 failed; judging errors and latency takes 20"), "\(notes)")
    }

    @Test("that fails at its share is returned with that share harmed, in one motion")
    func returned() async throws {
        for (from, before) in [(100_000, ["r1 r2 10%"]), (500_000, ["r1 r2 10%", "r1 r2 50%"])] {
            let fixture = try await Self.running()
            defer { fixture.remove() }
            await fixture.engine.answer(
                try ReleaseFixture.name("api"), requests: 50, errors: 50, from: Percent(millionths: from))
            let snapshot = await fixture.engine.snapshot
            let report = try await fixture.executor().deploy(try ReleaseFixture.canary(2))
            guard case .returned(.canary(let share, .tooManyErrors)) = report.verdict else {
                throw Unexpected(verdict: report.verdict)
            }
            #expect(share.millionths == from)
            #expect(report.verdict.reason?.hasPrefix("at \(share) api failed 50 of 50 requests") == true)
            #expect(report.verdict.exitCode == 3)
            let shares = try await Self.shares(fixture.engine)
            #expect(Array(shares.prefix(before.count)) == before)
            #expect(shares.dropFirst(before.count).allSatisfy { $0 == "r1" }, "back in one motion: \(shares)")
            #expect(shares.count > before.count)
            #expect(await fixture.engine.snapshot.routing == snapshot.routing)
            #expect(await fixture.engine.snapshot.replicas == snapshot.replicas)
            #expect(await fixture.engine.darkness == [])
            #expect(await !fixture.engine.performed.contains("stop-first.worker"), "nothing else has moved")
        }
    }

    @Test("is not blamed for what the old release fails in the same time")
    func bothFail() async throws {
        let fixture = try await Self.running()
        defer { fixture.remove() }
        _ = try await fixture.executor().deploy(try ReleaseFixture.canary(2))
        // From the second release on the fake answers so, old and new.
        await fixture.engine.answer(try ReleaseFixture.name("api"), requests: 100, errors: 30)
        let report = try await fixture.executor().deploy(try ReleaseFixture.canary(3))
        #expect(report.verdict.code == "kept", "\(report.verdict)")
    }

    @Test("is asked the smoke requests at its first share, by the header that forces them there")
    func smoke() async throws {
        let fixture = try await Self.running()
        defer { fixture.remove() }
        _ = try await fixture.executor().deploy(try ReleaseFixture.canary(2))
        #expect(await fixture.engine.sent.map(\.headers) == [["X-Canary": "always"], [:]])
        await fixture.engine.forget()
        await fixture.engine.answerSmoke("/api/health", 500)
        let report = try await fixture.executor().deploy(try ReleaseFixture.canary(3))
        #expect(
            report.verdict.reason
                == "smoke request GET /api/health was answered 500, expected 200, of the new release at 10%")
        #expect(try await Self.shares(fixture.engine) == ["r2 r3 10%", "r2"])
    }

    @Test("is returned when another of the release's services fails meanwhile")
    func neighbour() async throws {
        let fixture = try ReleaseFixture()
        defer { fixture.remove() }
        // The mailer is switched before, since the API calls it.
        func shop(_ version: Int) throws -> DesiredState {
            var state = try ReleaseFixture.canary(version)
            for index in state.services.indices where state.services[index].name.text == "mailer" {
                state.services[index].fingerprint = "mailer-\(version)"
            }
            return state
        }
        _ = try await fixture.executor().deploy(try shop(1))
        await fixture.engine.answer(try ReleaseFixture.name("mailer"), requests: 5, errors: 0, restarts: 1)
        let report = try await fixture.executor().deploy(try shop(2))
        #expect(report.verdict.reason?.hasPrefix("at 10% mailer ended by itself once") == true, "\(report.verdict)")
        #expect(await fixture.engine.snapshot.routing.release(of: try ReleaseFixture.name("mailer")) == ReleaseID(1))
        #expect(await fixture.engine.darkness == [])
    }

    @Test("gives everything back when it is cancelled at a share, or when a share cannot be set")
    func cancelled() async throws {
        for fails in [true, false] {
            let fixture = try await Self.running()
            defer { fixture.remove() }
            let snapshot = await fixture.engine.snapshot
            if fails { await fixture.engine.fail("shift.50%.api") }
            let task = Mutex<Task<ReleaseReport, any Error>?>(nil)
            let running = Task {
                try await fixture.executor {
                    $0.progress = { event in
                        if case .held(let step, _, _, _, _, _) = event, step.share?.millionths == 500_000 {
                            task.withLock { $0?.cancel() }
                        }
                    }
                }.deploy(try ReleaseFixture.canary(2))
            }
            task.withLock { $0 = running }
            let report = try await running.value
            #expect(report.verdict.code == "returned")
            if !fails { #expect(report.verdict == .returned(.cancelled)) }
            #expect(await fixture.engine.snapshot.routing == snapshot.routing)
            #expect(await fixture.engine.snapshot.replicas == snapshot.replicas)
        }
    }

    @Test("tells of a long hold from time to time where no line can be redrawn")
    func milestones() async throws {
        let fixture = try await Self.running()
        defer { fixture.remove() }
        var next = try ReleaseFixture.canary(2)
        for index in next.services.indices {
            next.services[index].canary = next.services[index].canary.map {
                DesiredCanary(steps: Array($0.steps.prefix(1)), hold: .seconds(30))
            }
        }
        let told = Mutex<[Duration]>([])
        _ = try await fixture.executor {
            $0.progress = { event in
                if case .held(_, let elapsed, _, _, _, isMilestone: true) = event {
                    told.withLock { $0.append(elapsed) }
                }
            }
        }.deploy(next)
        #expect(told.withLock { $0 } == [.seconds(10), .seconds(20), .seconds(30)])
    }

    @Test(
        "that was killed at a share is returned by a rollback, and before another release",
        arguments: [Checkpoint.stepWritten("shift.10%.api"), .stepTaken("shift.50%.api"), .stepWritten("hold.50%.api")])
    func killed(_ point: Checkpoint) async throws {
        for isRollback in [true, false] {
            let fixture = try await Self.running()
            defer { fixture.remove() }
            let snapshot = await fixture.engine.snapshot
            await #expect(throws: Crash.self) {
                _ = try await fixture.executor {
                    $0.checkpoint = { if $0 == point { throw Crash(at: $0) } }
                }.deploy(try ReleaseFixture.canary(2))
            }
            await fixture.engine.forget()
            if isRollback {
                let report = try await fixture.executor(pid: 2).rollback()
                #expect(report.verdict == .returned(.abandoned))
                #expect(await fixture.engine.snapshot.routing == snapshot.routing)
                #expect(await fixture.engine.snapshot.replicas == snapshot.replicas)
            } else {
                let report = try await fixture.executor(pid: 2).deploy(try ReleaseFixture.canary(3))
                #expect(report.verdict.code == "kept")
                #expect(report.recovered.map(\.verdict) == [.returned(.abandoned)])
                let shares = try await Self.shares(fixture.engine)
                #expect(shares.first == "r1", "the share is taken back first: \(shares)")
                #expect(shares.suffix(3) == ["r1 r3 10%", "r1 r3 50%", "r3"])
            }
            #expect(await fixture.engine.darkness == [])
        }
    }

    @Test("rolls back at once")
    func rollback() async throws {
        let fixture = try await Self.running()
        defer { fixture.remove() }
        _ = try await fixture.executor().deploy(try ReleaseFixture.canary(2))
        await fixture.engine.forget()
        let report = try await fixture.executor().rollback()
        #expect(report.verdict.code == "kept")
        #expect(try await Self.shares(fixture.engine) == ["r3"])
    }

    private struct Unexpected: Error {
        var verdict: Verdict
    }
}
