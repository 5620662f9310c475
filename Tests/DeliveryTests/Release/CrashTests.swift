import Delivery
import Planning
import Spec
import Testing
import World

@Suite("A kill at any point")
struct CrashTests {
    /// A story that can be broken off at every point and taken up again.
    struct Story: Sendable, CustomTestStringConvertible {
        var testDescription: String
        /// Before the part that is broken off.
        var before: @Sendable (ReleaseFixture) async throws -> Void = { _ in }
        var broken: @Sendable (ReleaseExecutor) async throws -> ReleaseReport
        /// Whether the command, given again after it was done, has nothing left to do.
        var isRepeatable = true
    }

    static let stories: [Story] = [
        Story(testDescription: "a first release") { try await $0.deploy(try ReleaseFixture.small()) },
        Story(
            testDescription: "a second release",
            before: { _ = try await $0.executor().deploy(try ReleaseFixture.small()) },
            broken: { try await $0.deploy(try ReleaseFixture.small(2)) }),
        Story(
            testDescription: "a release that removes services",
            before: { _ = try await $0.executor().deploy(try ReleaseFixture.small()) },
            broken: { try await $0.deploy(try ReleaseFixture.smaller()) }),
        Story(
            testDescription: "a release that is returned by its watch",
            before: {
                _ = try await $0.executor().deploy(try ReleaseFixture.small())
                await $0.engine.answer(try ReleaseFixture.name("api"), requests: 200, errors: 100)
            },
            broken: { try await $0.deploy(try ReleaseFixture.small(2)) }, isRepeatable: false),
        Story(
            testDescription: "a release that is returned because its worker does not get ready",
            before: {
                _ = try await $0.executor().deploy(try ReleaseFixture.small())
                await $0.engine.fail("gate.worker")
            },
            broken: { try await $0.deploy(try ReleaseFixture.small(2)) }, isRepeatable: false),
        Story(
            testDescription: "a canary",
            before: { _ = try await $0.executor().deploy(try ReleaseFixture.canary()) },
            broken: { try await $0.deploy(try ReleaseFixture.canary(2)) }),
        Story(
            testDescription: "a canary that is returned at half of the requests",
            before: {
                _ = try await $0.executor().deploy(try ReleaseFixture.canary())
                await $0.engine.answer(
                    try ReleaseFixture.name("api"), requests: 200, errors: 100, from: Percent(millionths: 500_000))
            },
            broken: { try await $0.deploy(try ReleaseFixture.canary(2)) }, isRepeatable: false),
        Story(
            testDescription: "a rollback",
            before: {
                // One more than it needs: going back twice would be seen.
                _ = try await $0.executor().deploy(try ReleaseFixture.small(3))
                _ = try await $0.executor().deploy(try ReleaseFixture.small())
                _ = try await $0.executor().deploy(try ReleaseFixture.small(2))
            },
            broken: { try await $0.rollback() }, isRepeatable: false),
    ]

    @Test("the same command again ends in the state of an unbroken run", arguments: stories)
    func sameCommand(_ story: Story) async throws {
        try await breakEverywhere(story) { fixture, dead in
            if !story.isRepeatable, dead == .ended { return }
            _ = try await story.broken(try fixture.executor(pid: 2))
        }
    }

    @Test("status alone ends it in the state of an unbroken run", arguments: stories)
    func status(_ story: Story) async throws {
        try await breakEverywhere(story) { fixture, _ in _ = try await fixture.executor(pid: 2).recover() }
    }

    @Test("a kill of the one that goes on too, at points all over both")
    func twice() async throws {
        let story = Self.stories[3]
        let ready = try await Prepared(story)
        let first = Fuse()
        let whole = try await run(ready, first) { _, _ in }
        for index in stride(from: 1, to: first.seen.count, by: 9) {
            let second = Fuse()
            _ = try await run(ready, Fuse(dieAt: index)) { fixture, _ in
                _ = try await fixture.executor(pid: 2) { $0.checkpoint = second.pass }.recover()
            }
            for other in stride(from: index % 3, to: second.seen.count, by: 3) {
                let end = try await run(ready, Fuse(dieAt: index)) { fixture, _ in
                    await #expect(throws: Crash.self) {
                        let fuse = Fuse(dieAt: other)
                        _ = try await fixture.executor(pid: 2) { $0.checkpoint = fuse.pass }.recover()
                    }
                    _ = try await fixture.executor(pid: 3).recover()
                }
                #expect(end == whole, "killed at \(first.seen[index]), then at \(second.seen[other])")
            }
        }
    }

    @Test("a rollback after a kill returns the release that was under way, and only that")
    func rollbackInstead() async throws {
        let story = Self.stories[1]
        let ready = try await Prepared(story)
        let fuse = Fuse()
        _ = try await run(ready, fuse) { _, _ in }
        let undecided = fuse.seen.prefix { $0 != .keepRecorded }
        for index in undecided.indices {
            let fixture = try await ready.copy()
            defer { fixture.remove() }
            let before = await serving(fixture)
            let dying = Fuse(dieAt: index)
            await #expect(throws: Crash.self) {
                _ = try await story.broken(try fixture.executor { $0.checkpoint = dying.pass })
            }
            let report = try await fixture.executor(pid: 2).rollback()
            #expect(report.verdict == .returned(.abandoned), "killed at \(fuse.seen[index])")
            #expect(await serving(fixture) == before, "killed at \(fuse.seen[index])")
            #expect(await fixture.engine.darkness == [])
        }
    }

    @Test("another release after a kill first returns what was under way, or finishes it when it serves")
    func anotherInstead() async throws {
        let story = Self.stories[1]
        let ready = try await Prepared(story)
        let fuse = Fuse()
        _ = try await run(ready, fuse) { _, _ in }
        for index in fuse.seen.indices {
            let fixture = try await ready.copy()
            defer { fixture.remove() }
            let dying = Fuse(dieAt: index)
            await #expect(throws: Crash.self) {
                _ = try await story.broken(try fixture.executor { $0.checkpoint = dying.pass })
            }
            let report = try await fixture.executor(pid: 2).deploy(try ReleaseFixture.small(3))
            #expect(report.verdict.code == "kept", "killed at \(fuse.seen[index])")
            #expect(await fingerprint(fixture, "api") == "api-v3")
            #expect(await fixture.engine.darkness == [], "killed at \(fuse.seen[index])")
            #expect(await fixture.engine.snapshot.replicas.count == 3)
        }
    }

    // MARK: Parts

    private func breakEverywhere(
        _ story: Story, mend: (ReleaseFixture, Checkpoint) async throws -> Void
    ) async throws {
        let ready = try await Prepared(story)
        let fuse = Fuse()
        let whole = try await run(ready, fuse) { _, _ in }
        #expect(fuse.seen.count > 20)
        for index in fuse.seen.indices {
            let end = try await run(ready, Fuse(dieAt: index), mend: mend)
            #expect(end == whole, "killed at \(fuse.seen[index])")
        }
    }

    /// Runs a story until the fuse blows, if it does, then what should mend it.
    private func run(
        _ ready: Prepared, _ fuse: Fuse, mend: (ReleaseFixture, Checkpoint) async throws -> Void
    ) async throws -> End {
        let fixture = try await ready.copy()
        defer { fixture.remove() }
        do {
            _ = try await ready.story.broken(try fixture.executor { $0.checkpoint = fuse.pass })
        } catch let crash as Crash {
            try await mend(fixture, crash.at)
        }
        let journal = try fixture.journal()
        #expect(try journal.open() == nil)
        let engine = fixture.engine
        #expect(await engine.darkness == [])
        return End(
            snapshot: await engine.snapshot, migrations: await engine.migrations,
            verdicts: try journal.history().map { $0.verdict ?? "none" })
    }

    /// A story's beginning, told once and copied for each run.
    private final class Prepared: Sendable {
        let story: Story
        let fixture: ReleaseFixture

        init(_ story: Story) async throws {
            self.story = story
            fixture = try ReleaseFixture()
            try await story.before(fixture)
        }

        deinit { fixture.remove() }

        func copy() async throws -> ReleaseFixture { try await fixture.copy() }
    }

    private struct End: Hashable {
        var snapshot: FakeEngine.Snapshot
        var migrations: [String]
        var verdicts: [String]
    }
}

extension ReleaseFixture {
    /// As few services as have every kind of step: thousands of releases are broken off.
    static func small(_ version: Int = 1) throws -> DesiredState {
        try shop(version) { state in
            state.services.removeAll { $0.name.text == "web" }
            state.routes.removeAll { $0.service.text == "web" }
            state.resources.removeAll { $0.name.text == "db" }
        }
    }

    /// The same with an API whose traffic moves in shares.
    static func canary(_ version: Int = 1) throws -> DesiredState {
        var state = try small(version)
        for index in state.services.indices where state.services[index].name.text == "api" {
            state.services[index].canary = shares
        }
        return state
    }

    /// Without the site, the worker and the cache.
    static func smaller() throws -> DesiredState {
        var state = try small(2)
        state.services.removeAll { $0.name.text == "docs" || $0.name.text == "worker" }
        state.routes.removeAll { $0.service.text == "docs" }
        state.resources = []
        return state
    }
}
