import Delivery
import Planning
import Spec
import Synchronization
import Testing
import World

@Suite("The release executor")
struct ReleaseExecutorTests {
    @Test("a first release starts what is needed before what needs it, and leads nowhere dark")
    func first() async throws {
        let fixture = try ReleaseFixture()
        defer { fixture.remove() }
        let report = try await fixture.executor().deploy(try ReleaseFixture.shop())
        guard case .kept(let notes) = report.verdict else { throw Unexpected(report.verdict) }
        #expect(report.release == ReleaseID(1))
        #expect(notes.contains { $0.contains("api received 0 of the 20 requests") })
        #expect(await fixture.engine.darkness == [])
        let performed = await fixture.engine.performed
        let mailer = try #require(performed.firstIndex(of: "switch.docs.mailer"))
        let api = try #require(performed.firstIndex(of: "start.api"))
        #expect(mailer < api)
    }

    @Test("the same again changes nothing and makes no release")
    func unchanged() async throws {
        let fixture = try ReleaseFixture()
        defer { fixture.remove() }
        _ = try await fixture.executor().deploy(try ReleaseFixture.shop())
        let before = await fixture.engine.performed.count
        let report = try await fixture.executor().deploy(try ReleaseFixture.shop())
        #expect(report.verdict == .unchanged)
        #expect(report.release == nil)
        #expect(await fixture.engine.performed.count == before)
        #expect(try fixture.journal().history().count == 1)
    }

    @Test("a good second release swaps in one motion and leaves unchanged services alone")
    func second() async throws {
        let fixture = try ReleaseFixture()
        defer { fixture.remove() }
        _ = try await fixture.executor().deploy(try ReleaseFixture.shop())
        let report = try await fixture.executor().deploy(try ReleaseFixture.shop(2), label: "abc123")
        #expect(report.verdict.code == "kept")
        #expect(report.verdict.exitCode == 0)
        #expect(report.plan?.unchanged == [try ReleaseFixture.name("mailer")])
        let snapshot = await fixture.engine.snapshot
        #expect(snapshot.routing.release(of: try ReleaseFixture.name("api")) == ReleaseID(2))
        #expect(snapshot.routing.release(of: try ReleaseFixture.name("mailer")) == ReleaseID(1))
        #expect(snapshot.replicas.keys.filter { $0.release == ReleaseID(1) }.map(\.service.text) == ["mailer"])
        #expect(await fixture.engine.darkness == [])
        let newest = try #require(try fixture.journal().history().first)
        #expect(newest.label == "abc123")
        #expect(newest.verdict == "kept")
        #expect(newest.duration != nil)
    }

    @Test("a failing migration leaves the old version serving and switches nothing")
    func migration() async throws {
        let fixture = try ReleaseFixture()
        defer { fixture.remove() }
        _ = try await fixture.executor().deploy(try ReleaseFixture.shop())
        let before = await fixture.engine.snapshot
        await fixture.engine.fail("migrate.api")
        let report = try await fixture.executor().deploy(try ReleaseFixture.shop(2))
        guard case .returned(.step(let step, let message, let hint, _)) = report.verdict else {
            throw Unexpected(report.verdict)
        }
        #expect(step.id == "migrate.api")
        #expect(message.contains("it broke"))
        #expect(hint == "mend it")
        #expect(report.verdict.exitCode == 3)
        #expect(report.logTails.first?.lines == ["api r2 said goodbye"])
        #expect(await serving(fixture) == served(before))
        #expect(await fixture.engine.performed.contains { $0.hasPrefix("switch") && $0.contains("web") } == true)
        #expect(await fixture.engine.performed.last == "migrate.api")
    }

    @Test(
        "whatever fails, the old version serves again and nothing new runs",
        arguments: [
            "build.web", "start.web", "gate.api", "switch.api.docs.web", "stop-first.worker", "start.worker",
            "gate.worker",
        ])
    func anyStep(_ step: String) async throws {
        let fixture = try ReleaseFixture()
        defer { fixture.remove() }
        _ = try await fixture.executor().deploy(try ReleaseFixture.shop())
        let before = await fixture.engine.snapshot
        await fixture.engine.fail(step)
        let report = try await fixture.executor().deploy(try ReleaseFixture.shop(2))
        #expect(report.verdict.code == "returned")
        #expect(report.plan?.step(step) != nil)
        #expect(await serving(fixture) == served(before))
        #expect(await fixture.engine.darkness == [])
    }

    @Test("a release whose requests fail after the switch is returned by the watch, with the numbers")
    func watch() async throws {
        let fixture = try ReleaseFixture()
        defer { fixture.remove() }
        _ = try await fixture.executor().deploy(try ReleaseFixture.shop())
        let before = await fixture.engine.snapshot
        let events = Mutex<[String]>([])
        await fixture.engine.answer(try ReleaseFixture.name("api"), requests: 200, errors: 100)
        let executor = try fixture.executor { settings in
            settings.progress = { event in
                if case .returning(let failure) = event { events.withLock { $0.append(failure.text) } }
            }
        }
        let report = try await executor.deploy(try ReleaseFixture.shop(2))
        guard case .returned(.watch(.tooManyErrors(let service, 100, 200, _, _))) = report.verdict else {
            throw Unexpected(report.verdict)
        }
        #expect(service.text == "api")
        #expect(events.withLock { $0.count } == 1)
        #expect(await serving(fixture) == served(before))
        #expect(await fixture.engine.darkness == [])
    }

    @Test("a front door that says nothing is no success")
    func noData() async throws {
        let fixture = try ReleaseFixture()
        defer { fixture.remove() }
        _ = try await fixture.executor().deploy(try ReleaseFixture.shop())
        await fixture.engine.loseSignals()
        let report = try await fixture.executor().deploy(try ReleaseFixture.shop(2))
        guard case .returned(.watch(.noData)) = report.verdict else { throw Unexpected(report.verdict) }
    }

    @Test("a smoke request that is answered otherwise returns the release")
    func smoke() async throws {
        let fixture = try ReleaseFixture()
        defer { fixture.remove() }
        _ = try await fixture.executor().deploy(try ReleaseFixture.shop())
        let before = await fixture.engine.snapshot
        await fixture.engine.answerSmoke("/api/health", 500)
        let report = try await fixture.executor().deploy(try ReleaseFixture.shop(2))
        #expect(
            report.verdict
                == .returned(
                    .smoke(
                        service: try ReleaseFixture.name("api"), request: "GET /api/health",
                        problem: "was answered 500, expected 200")))
        #expect(await serving(fixture) == served(before))
    }

    @Test("a return that fails says so and names what is left")
    func failingReturn() async throws {
        let fixture = try ReleaseFixture()
        defer { fixture.remove() }
        _ = try await fixture.executor().deploy(try ReleaseFixture.shop())
        await fixture.engine.answerSmoke("/api/health", 500)
        await fixture.engine.fail("stop-new.web")
        let report = try await fixture.executor().deploy(try ReleaseFixture.shop(2))
        guard case .failed(.smoke, let left) = report.verdict else { throw Unexpected(report.verdict) }
        #expect(left.count == 1)
        #expect(left.first?.contains("stop the new web failed") == true)
        #expect(report.verdict.exitCode == 5)
        // What else was switched is back all the same.
        #expect(await fixture.engine.snapshot.routing.release(of: try ReleaseFixture.name("api")) == ReleaseID(1))
        // And the next release tidies up.
        await fixture.engine.heal()
        let next = try await fixture.executor().deploy(try ReleaseFixture.shop())
        #expect(next.verdict.code == "kept")
        #expect(await fixture.engine.snapshot.replicas.keys.contains { $0.release == ReleaseID(2) } == false)
    }

    @Test("what serves although its release was not kept is no success the next time")
    func unkept() async throws {
        let fixture = try ReleaseFixture()
        defer { fixture.remove() }
        _ = try await fixture.executor().deploy(try ReleaseFixture.shop())
        await fixture.engine.answerSmoke("/api/health", 500)
        await fixture.engine.fail("switch-back.api.docs.web")
        let report = try await fixture.executor().deploy(try ReleaseFixture.shop(2))
        #expect(report.verdict.code == "failed")
        #expect(await fixture.engine.snapshot.routing.release(of: try ReleaseFixture.name("api")) == ReleaseID(2))
        #expect(await fixture.engine.darkness == [])
        let again = try await fixture.executor().plan(try ReleaseFixture.shop(2))
        #expect(try again.get().lines.contains("build api: is of a release that was not kept"))
    }

    @Test("an undo that fails once is tried again")
    func secondTry() async throws {
        let fixture = try ReleaseFixture()
        defer { fixture.remove() }
        _ = try await fixture.executor().deploy(try ReleaseFixture.shop())
        await fixture.engine.fail("gate.api")
        await fixture.engine.fail("stop-new.web", times: 1)
        let report = try await fixture.executor().deploy(try ReleaseFixture.shop(2))
        #expect(report.verdict.code == "returned")
    }

    @Test("an old replica that will not stop does not undo a kept release")
    func settling() async throws {
        let fixture = try ReleaseFixture()
        defer { fixture.remove() }
        _ = try await fixture.executor().deploy(try ReleaseFixture.shop())
        await fixture.engine.fail("stop-old.api")
        let report = try await fixture.executor().deploy(try ReleaseFixture.shop(2))
        guard case .kept(let notes) = report.verdict else { throw Unexpected(report.verdict) }
        #expect(notes.contains { $0.contains("stop api") && $0.contains("the next deploy tries again") })
        await fixture.engine.heal()
        let next = try await fixture.executor().deploy(try ReleaseFixture.shop(2))
        #expect(next.plan?.lines == ["stop api: left over from an earlier release"])
        #expect(next.verdict.code == "kept")
    }

    @Test("cancelling in the middle returns the release", arguments: ["build.api", "gate.web", "gate.worker"])
    func cancellation(_ step: String) async throws {
        let fixture = try ReleaseFixture()
        defer { fixture.remove() }
        _ = try await fixture.executor().deploy(try ReleaseFixture.shop())
        let before = await fixture.engine.snapshot
        let (began, signal) = AsyncStream.makeStream(of: Void.self)
        await fixture.engine.hold(step) { signal.finish() }
        let executor = try fixture.executor()
        let desired = try ReleaseFixture.shop(2)
        let deploy = Task { try await executor.deploy(desired) }
        for await _ in began {}
        deploy.cancel()
        let report = try await deploy.value
        #expect(report.verdict == .returned(.cancelled))
        #expect(await serving(fixture) == served(before))
        #expect(try fixture.journal().leaseHolder() == nil)
    }

    @Test("services that are no longer declared are taken off the front door, drained and stopped")
    func removal() async throws {
        let fixture = try ReleaseFixture()
        defer { fixture.remove() }
        _ = try await fixture.executor().deploy(try ReleaseFixture.shop())
        let smaller = try ReleaseFixture.shop { state in
            state.services.removeAll { $0.name.text == "docs" || $0.name.text == "worker" }
            state.routes.removeAll { $0.service.text == "docs" }
            state.resources.removeAll { $0.name.text == "cache" }
        }
        let report = try await fixture.executor().deploy(smaller)
        #expect(report.verdict.code == "kept")
        let snapshot = await fixture.engine.snapshot
        #expect(snapshot.routing.release(of: try ReleaseFixture.name("docs")) == nil)
        #expect(!snapshot.replicas.keys.contains { $0.service.text == "worker" })
        #expect(snapshot.stoppedResources.map(\.text) == ["cache"])
        #expect(await fixture.engine.darkness == [])
    }

    @Test("services in a circle are refused before anything is begun")
    func circle() async throws {
        let fixture = try ReleaseFixture()
        defer { fixture.remove() }
        let desired = try ReleaseFixture.shop { state in
            for index in state.services.indices where state.services[index].name.text == "mailer" {
                state.services[index].dependsOn = state.services.map(\.name).filter { $0.text == "web" }
            }
        }
        let report = try await fixture.executor().deploy(desired)
        #expect(
            report.verdict
                == .refused(.impossible("services depend on each other in a circle: api → mailer → web → api")))
        #expect(await fixture.engine.performed == [])
    }

    @Test("rollback goes back to the release before, and twice goes back two")
    func rollback() async throws {
        let fixture = try ReleaseFixture()
        defer { fixture.remove() }
        for version in 1...3 {
            _ = try await fixture.executor().deploy(try ReleaseFixture.shop(version), label: "v\(version)")
        }
        let once = try await fixture.executor().rollback()
        #expect(once.verdict.code == "kept")
        #expect(once.release == ReleaseID(4))
        #expect(await fingerprint(fixture, "api") == "api-v2")
        _ = try await fixture.executor().rollback()
        #expect(await fingerprint(fixture, "api") == "api-v1")
        let thrice = try await fixture.executor().rollback()
        #expect(thrice.verdict == .refused(.nothingToReturnTo))
        let chosen = try await fixture.executor().rollback(to: ReleaseID(3))
        #expect(chosen.verdict.code == "kept")
        #expect(await fingerprint(fixture, "api") == "api-v3")
        let history = try fixture.journal().history()
        #expect(history.map(\.kind) == [.rollback, .rollback, .rollback, .deploy, .deploy, .deploy])
        #expect(history.map(\.label) == ["v3", "v1", "v2", "v3", "v2", "v1"])
        #expect(history.map { $0.restores?.number } == [3, 1, 2, nil, nil, nil])
    }

    @Test("rollback never leads to a release that was rolled back, also when another was kept since")
    func rollbackPastOne() async throws {
        let fixture = try ReleaseFixture()
        defer { fixture.remove() }
        for version in 1...2 { _ = try await fixture.executor().deploy(try ReleaseFixture.shop(version)) }
        _ = try await fixture.executor().rollback()
        _ = try await fixture.executor().deploy(try ReleaseFixture.shop(3))
        let back = try await fixture.executor().rollback()
        #expect(back.verdict.code == "kept")
        #expect(await fingerprint(fixture, "api") == "api-v1", "2 was rolled back")
        #expect(try fixture.journal().history().first?.restores == ReleaseID(1))
        #expect(try await fixture.executor().rollback().verdict == .refused(.nothingToReturnTo))
    }
}

/// A verdict that a test did not expect.
struct Unexpected: Error {
    var verdict: Verdict
    init(_ verdict: Verdict) { self.verdict = verdict }
}

/// What serves and works; builds and resources may stay behind when a release is returned.
struct Served: Hashable {
    var replicas: [FakeEngine.Key: FakeEngine.Replicas]
    var routing: Routing
}

func served(_ snapshot: FakeEngine.Snapshot) -> Served {
    Served(replicas: snapshot.replicas, routing: snapshot.routing)
}

func serving(_ fixture: ReleaseFixture) async -> Served { served(await fixture.engine.snapshot) }

func fingerprint(_ fixture: ReleaseFixture, _ name: String) async -> String? {
    let snapshot = await fixture.engine.snapshot
    let found = snapshot.replicas.first { $0.key.service.text == name }
    return found?.value.fingerprint
}
