import Delivery
import Foundation
import GRDB
import Planning
import Spec
import Synchronization
import Testing
import World

/// A platform, its fake world and its journal; executors come and go.
struct ReleaseFixture: Sendable {
    let engine: FakeEngine
    let path: String
    let clock = TestClock()

    init(_ engine: FakeEngine = FakeEngine()) throws {
        self.engine = engine
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent(
            "hauban-release-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        path = folder.appendingPathComponent("journal.db").path
    }

    /// The same world and journal once more; no executor may be at work.
    func copy() async throws -> ReleaseFixture {
        let other = try ReleaseFixture(await engine.copy())
        if FileManager.default.fileExists(atPath: path) {
            try await DatabaseQueue(path: path).writeWithoutTransaction { database in
                try database.execute(sql: "VACUUM INTO ?", arguments: [other.path])
            }
        }
        other.clock.advance(by: clock.keeper.uptime())
        return other
    }

    /// Removes the journal's folder.
    func remove() { try? FileManager.default.removeItem(atPath: (path as NSString).deletingLastPathComponent) }

    func journal() throws -> Journal { try Journal(path: path, keeper: clock.keeper) }

    /// - Parameter pid: of the holder; those below 1000 count as dead to others, the rest as alive.
    func executor(
        pid: Int32 = 1, term: Duration = .seconds(15), _ change: (inout ReleaseExecutor.Settings) -> Void = { _ in }
    ) throws -> ReleaseExecutor {
        var settings = ReleaseExecutor.Settings()
        settings.keeper = clock.keeper
        settings.leaseTerm = term
        settings.life = { $0.process.pid < 1000 ? .dead : .alive }
        change(&settings)
        return ReleaseExecutor(
            engine: engine, journal: try journal(), holder: Self.holder(pid: pid), settings: settings)
    }

    static func holder(pid: Int32) -> LeaseHolder {
        LeaseHolder(
            process: ProcessRecord(pid: pid, startTime: UInt64(pid), boot: BootID(text: "boot")), host: "mast",
            pidNamespace: "pid:[1]", user: "ana")
    }

    // MARK: The platform

    /// web → api → mailer, a worker that is replaced, a site, two resources.
    static func shop(_ version: Int = 1, _ change: (inout DesiredState) -> Void = { _ in }) throws -> DesiredState {
        let v = "v\(version)"
        let mailer = DesiredService(name: try name("mailer"), fingerprint: "mailer-1", listens: true)
        let api = DesiredService(
            name: try name("api"), fingerprint: "api-\(v)", replicas: 2, listens: true, migrate: .shell("alembic up"),
            dependsOn: [mailer.name])
        let web = DesiredService(name: try name("web"), fingerprint: "web-\(v)", listens: true, dependsOn: [api.name])
        let docs = DesiredService(
            name: try name("docs"), fingerprint: "docs-\(v)", source: DesiredSource(path: "/docs", siteOutput: "dist"))
        let worker = DesiredService(
            name: try name("worker"), fingerprint: "worker-\(v)", rollout: .replace, dependsOn: [api.name])
        var state = DesiredState(
            platform: try #require(PlatformName("shop")), environment: try #require(EnvironmentName("prod")),
            services: [mailer, api, web, docs, worker],
            resources: [
                DesiredResource(name: try resource("db"), kind: "postgres", version: "15", fingerprint: "db-1"),
                DesiredResource(name: try resource("cache"), kind: "redis", fingerprint: "cache-1"),
            ],
            routes: [
                DesiredRoute(path: "/", service: web.name), DesiredRoute(path: "/api", service: api.name),
                DesiredRoute(path: "/docs", service: docs.name),
            ],
            watch: WatchSettings(window: .seconds(3), interval: .seconds(1)),
            smoke: [SmokeRequest(service: api.name, path: "/api/health")])
        change(&state)
        return state
    }

    /// 10 %, then half, two seconds each.
    static let shares = DesiredCanary(
        steps: [Percent(millionths: 100_000), Percent(millionths: 500_000)], hold: .seconds(2))

    static func name(_ text: String) throws -> ServiceName { try #require(ServiceName(text)) }
    static func resource(_ text: String) throws -> ResourceName { try #require(ResourceName(text)) }
}

/// A clock for executors: waits of up to a second pass at once, longer ones (deadlines, heartbeats) last until cancelled.
final class TestClock: Sendable {
    private let passed = Mutex(Duration.zero)

    func advance(by duration: Duration) { passed.withLock { $0 += duration } }

    private let wrong = Mutex(0.0)

    /// Sets the calendar, as a person or a time server does; uptime goes on as before.
    func setDate(by seconds: Double) { wrong.withLock { $0 += seconds } }

    var keeper: Timekeeper {
        Timekeeper(
            uptime: { [self] in passed.withLock { $0 } },
            date: { [self] in
                Date(
                    timeIntervalSince1970: 1_800_000_000 + passed.withLock { $0 } / .seconds(1)
                        + wrong.withLock { $0 })
            },
            sleep: { [self] duration in
                if duration > .seconds(1) {
                    try await Task.sleep(for: .seconds(3600))
                } else {
                    advance(by: duration)
                    try Task.checkCancellation()
                    await Task.yield()
                }
            })
    }
}

/// The death of a process, at a checkpoint.
struct Crash: CrashMarker {
    var at: Checkpoint
}

/// Remembers checkpoints, and dies at one of them.
final class Fuse: Sendable {
    private let state = Mutex<(seen: [Checkpoint], dieAt: Int?)>(([], nil))

    init(dieAt: Int? = nil) { state.withLock { $0.dieAt = dieAt } }

    var seen: [Checkpoint] { state.withLock { $0.seen } }

    func pass(_ checkpoint: Checkpoint) throws {
        let dies = state.withLock { state in
            state.seen.append(checkpoint)
            return state.seen.count - 1 == state.dieAt
        }
        if dies { throw Crash(at: checkpoint) }
    }
}
