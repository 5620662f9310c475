import Delivery
import Foundation
import Glibc
import Planning
import Spec
import Synchronization
import Testing
import World

extension DockerTests {
    /// PostgreSQL and Redis as the Docker engine keeps them, used by services as they will be.
    @Suite("Databases and caches on the Docker engine")
    struct Resources {
        let docker: TestDocker

        init() throws { docker = try TestDocker.running() }

        @Test(
            "a database and a cache are made, keep their data over releases, kills and new sizes, and give each service its rights"
        )
        func wholeLife() async throws {
            try await StandInImages.ensure(on: docker)
            let folder = try makeScratch()
            defer { removeScratch(folder) }
            let engine = try engine(folder)
            // Known before, so that one can look whether anybody is shown them.
            let passwords = [
                "resource.db.svc_api", "resource.db.svc_report", "resource.cache.svc_api", "resource.cache.hauban",
            ]
            for key in passwords { try engine.secrets.set(Secret("shown-to-nobody-\(key.count)"), for: key) }
            try engine.secrets.set(Secret("shown-to-nobody-token"), for: "token")
            let watch = ProcessWatch("shown-to-nobody")
            do {
                let first = try await filled(try state("1"), engine)
                let one = try await release(first, number: 1, times: 2, engine)
                try await grants()
                try await nobodyIsShown(folder)
                try await repeats(one, engine)

                let second = try await filled(try state("2"), engine)
                try await release(second, number: 2, engine)
                #expect(try await sql("SELECT string_agg(text, ',') FROM notes") == "one\n")
                try await comesBack()
                try await grows(second, engine)
                try await refuses(second, engine)
                try await retires(second, engine)
            } catch {
                _ = await watch.end()
                Issue.record("\(await told())")
                try await down(engine)
                throw error
            }
            let seen = await watch.end()
            #expect(seen.looks > 20)
            #expect(seen.found == [], "no list of processes shows a password")
            try await down(engine)
        }

        // MARK: Parts

        /// Writers write, readers read, and nobody comes in without a password.
        private func grants() async throws {
            #expect(try await sql("INSERT INTO notes VALUES ('one') RETURNING text") == "one\n")
            #expect(try await sql("SELECT text FROM notes", as: "report") == "one\n")
            for statement in ["INSERT INTO notes VALUES ('x')", "CREATE TABLE t (id int)", "DROP TABLE notes"] {
                let said = try await sql(statement, as: "report")
                #expect(said.contains("permission denied") || said.contains("must be owner"), "\(said)")
            }
            let stranger = try await inside("api", "psql -XqAtw -h db -U postgres -d shop -c 'SELECT 1' 2>&1 || true")
            #expect(stranger.contains("pg_hba.conf rejects"), "\(stranger)")
            #expect(try await sql("SELECT encode(digest('a', 'md5'), 'hex')") == "0cc175b9c0f1b6a831c399e269772661\n")
            #expect(try await redis("GET from-run") == "yes\n", "what the service was handed opens the cache")
            #expect(try await redis("GET from-run", as: "report") == "yes\n")
            #expect(try await redis("SET from-run no", as: "report").contains("NOPERM"))
            #expect(try await inside("api", "redis-cli -h cache GET from-run 2>&1 || true").contains("NOPERM"))
        }

        /// Neither `inspect` of any container, nor any file that others of this machine may read.
        private func nobodyIsShown(_ folder: String) async throws {
            let shown = try await docker.shell("docker inspect $(docker ps -aq)")
            #expect(shown.isSuccess && shown.output.contains("shop-prod-resource-db"))
            #expect(!shown.output.contains("shown-to-nobody"))
            let file = try await inside("api", "cat /run/secrets/db.password")
            #expect(file == "shown-to-nobody-19")
            for replica in try await docker.api.containers(labelled: ["hauban.platform=shop"]) {
                let log = try await docker.api.logs(of: replica.id, last: 1_000).map(\.text).joined()
                #expect(!log.contains("shown-to-nobody"), "\(replica.name)")
            }
        }

        /// A provision that is taken again finds its work done, and what was undone is done again.
        private func repeats(_ context: ReleaseContext, _ engine: DockerEngine) async throws {
            let before = try await resources()
            for name in ["db", "cache"] {
                let again = try await engine.perform(try step(.provision, name), in: context, within: .seconds(120))
                #expect(!again.didChange)
            }
            #expect(try await resources() == before)
            let observed = try await engine.observe(within: .seconds(60))
            #expect(observed.resources.map(\.name.text) == ["cache", "db"])
            #expect(observed.resources.filter { !$0.isRunning } == [])
            var good = observed
            good.lastGood = context.desired
            #expect(try Plan.towards(context.desired, from: good).lines == [])
            // Half done: the role is there, and its password was never noted.
            try engine.secrets.remove("resource.db.svc_report")
            let lost = try await #require(throws: WorldError.self) {
                try await engine.perform(try step(.provision, "db"), in: context, within: .seconds(120))
            }
            #expect(lost.code == "secret-missing" && lost.hint.contains("hauban secrets set resource.db.svc_report"))
            try engine.secrets.set(Secret("shown-to-nobody-other"), for: "resource.db.svc_report")
            _ = try await engine.perform(try step(.provision, "db"), in: context, within: .seconds(120))
        }

        /// A server that dies is started again by the engine, with its data.
        private func comesBack() async throws {
            #expect(try await redis("SET kept yes") == "OK\n")
            for name in ["db", "cache"] {
                let container = "shop-prod-resource-\(name)"
                _ = try? await docker.api.execute(
                    ["/bin/sh", "-c", "kill -KILL -1"], in: container, within: .seconds(30))
                try await eventually("1 running") {
                    let facts = try #require(try await docker.api.inspect(container))
                    return "\(facts.restarts) \(facts.state)"
                }
            }
            try await eventually("one\n") { try await sql("SELECT text FROM notes") }
            try await eventually("yes\n") { try await redis("GET kept") }
        }

        /// Another size is another container on the same volume.
        private func grows(_ desired: DesiredState, _ engine: DockerEngine) async throws {
            let before = try await resources()
            var larger = desired
            larger.resources[1].container?.memory = 320 << 20
            larger.resources[1].fingerprint += "/larger"
            let context = try await context(larger, 3, engine)
            #expect(try Plan.towards(larger, from: context.baseline).lines.count == 1)
            let outcome = try await engine.perform(try step(.provision, "db"), in: context, within: .seconds(120))
            #expect(outcome.didChange)
            let after = try await resources()
            #expect(after["db"] != before["db"] && after["cache"] == before["cache"])
            #expect(try await sql("SELECT text FROM notes") == "one\n")
        }

        /// Data of another major version, an extension that is not there, a kind that no container is: nothing is touched.
        private func refuses(_ desired: DesiredState, _ engine: DockerEngine) async throws {
            let before = try await resources()
            var other = desired
            other.resources[1].version = "16"
            other.resources[1].container?.image = "postgres:16-alpine"
            let major = try await failure(.provision, "db", other, engine)
            #expect(major.code == "data-version" && major.underlying.contains("version 15, and 16"))
            #expect(major.hint.contains("`version: 15`"))
            #expect(try await resources() == before)
            other = desired
            other.resources[1].extensions = ["postgis"]
            #expect(try await failure(.provision, "db", other, engine).code == "extension-missing")
            other = desired
            other.resources[1].kind = "bucket"
            other.resources[1].container = nil
            let bucket = try await failure(.provision, "db", other, engine)
            #expect(
                bucket.code == "resource-not-docker" && bucket.hint.contains("environments.prod.resources.db: null"))
        }

        /// A retired database leaves its data, and one of its name finds them.
        private func retires(_ desired: DesiredState, _ engine: DockerEngine) async throws {
            let context = try await context(desired, 4, engine)
            for _ in 0..<2 {
                let outcome = try await engine.perform(try step(.retire, "db"), in: context, within: .seconds(120))
                #expect(outcome.note?.contains("shop-prod_db-data") == true)
            }
            #expect(try await resources().keys.sorted() == ["cache"])
            let volumes = try await docker.api.volumes(labelled: "hauban.platform=shop").map(\.name)
            #expect(volumes.contains("shop-prod_db-data"))
            let earlier = try await self.context(desired, 2, engine)
            let refused = try await #require(throws: WorldError.self) {
                try await engine.perform(try step(.start, "api", isService: true), in: earlier, within: .seconds(120))
            }
            #expect(refused.code == "resource-not-running")
            _ = try await engine.perform(try step(.provision, "db"), in: context, within: .seconds(120))
            #expect(try await sql("SELECT text FROM notes") == "one\n")
        }

        /// For a failure: how each container is, and what it wrote last.
        private func told() async -> String {
            let script =
                "for name in $(docker ps -aq --filter label=hauban.platform=shop); do "
                + "docker inspect --format '{{.Name}} {{.State.Status}} {{.RestartCount}} {{json .NetworkSettings.Networks}}' $name; "
                + "docker logs --tail 6 $name 2>&1; done"
            return (try? await docker.shell(script).output) ?? ""
        }

        // MARK: Asking

        /// What a shell in a service's container says.
        private func inside(_ service: String, _ script: String, _ environment: [String: String] = [:]) async throws
            -> String
        {
            let labels = ["hauban.platform=shop", "hauban.kind=service", "hauban.service=\(service)"]
            let container = try #require(try await docker.api.containers(labelled: labels).first)
            let result = try await docker.api.execute(
                ["/bin/sh", "-c", script], in: container.id, environment: environment, within: .seconds(60))
            return result.output + result.errors
        }

        private func sql(_ statement: String, as service: String = "api") async throws -> String {
            try await inside(
                service,
                "PGPASSWORD=$(cat /run/secrets/db.password) exec psql -XqAtw -h db -U svc_\(service) -d shop -c \"$SQL\"",
                ["SQL": statement])
        }

        private func redis(_ command: String, as service: String = "api") async throws -> String {
            try await inside(
                service,
                "REDISCLI_AUTH=$(cat /run/secrets/cache.password) exec redis-cli -h cache --user svc_\(service) \(command)"
            )
        }

        /// The containers by resource.
        private func resources() async throws -> [String: String] {
            let found = try await docker.api.containers(labelled: ["hauban.platform=shop", "hauban.kind=resource"])
            return Dictionary(found.map { ($0.labels["hauban.resource"] ?? "", $0.id) }) { first, _ in first }
        }

        private func eventually(_ wanted: String, _ ask: () async throws -> String) async throws {
            let end = ContinuousClock.now + .seconds(60)
            while true {
                let said = try await ask()
                if said == wanted { return }
                try #require(ContinuousClock.now < end, "it says \(said), not \(wanted)")
                try await Task.sleep(for: .milliseconds(50))
            }
        }

        // MARK: Releasing

        private func failure(
            _ action: Step.Action, _ name: String, _ desired: DesiredState, _ engine: DockerEngine
        ) async throws -> WorldError {
            let context = try await context(desired, 5, engine)
            return try await #require(throws: WorldError.self) {
                try await engine.perform(try step(action, name), in: context, within: .seconds(120))
            }
        }

        private func step(_ action: Step.Action, _ name: String, isService: Bool = false) throws -> Step {
            let target: Target =
                isService
                ? .service(try #require(ServiceName(name))) : .resource(try #require(ResourceName(name)))
            return Step(action: action, target: target, reason: .new)
        }

        private func context(_ desired: DesiredState, _ number: Int, _ engine: DockerEngine) async throws
            -> ReleaseContext
        {
            let observed = try await engine.observe(within: .seconds(60))
            let plan = try Plan.towards(desired, from: observed)
            return ReleaseContext(
                release: ReleaseID(number), desired: desired, baseline: observed, changed: plan.changed,
                routing: Routing())
        }

        /// Every step so many times.
        @discardableResult
        private func release(
            _ desired: DesiredState, number: Int, times: Int = 1, _ engine: DockerEngine
        ) async throws -> ReleaseContext {
            let context = try await context(desired, number, engine)
            let plan = try Plan.towards(desired, from: context.baseline)
            for step in plan.steps where step.phase != .judge {
                for _ in 0..<times { _ = try await engine.perform(step, in: context, within: .seconds(120)) }
            }
            return context
        }

        private func filled(_ state: DesiredState, _ engine: DockerEngine) async throws -> DesiredState {
            try await Fingerprints(secrets: engine.secrets, path: engine.path).filled(state)
        }

        private func down(_ engine: DockerEngine) async throws {
            for container in try await docker.api.containers(labelled: ["hauban.platform=shop"]) {
                try await docker.api.remove(container.id)
            }
            for network in try await docker.api.networks(labelled: "hauban.platform=shop") {
                try await docker.api.removeNetwork(network.id)
            }
            for volume in try await docker.api.volumes(labelled: "hauban.platform=shop") {
                try await docker.api.removeVolume(volume.name)
            }
        }

        private func engine(_ folder: String) throws -> DockerEngine {
            try DockerEngine(
                platform: try #require(PlatformName("shop")), environment: try #require(EnvironmentName("prod")),
                place: DockerPlace(state: folder + "/state", memory: folder + "/run"), api: docker.api,
                doorImage: FrontDoorImage(program: "/usr/bin/true"),
                publication: DockerPublication(port: 28_081, securePort: 28_444),
                settings: DockerSettings(environment: [:]))
        }

        /// Two services of a ready image, one that writes and one that reads, and what they use.
        private func state(_ version: String) throws -> DesiredState {
            func service(_ name: String, _ access: String) throws -> DesiredService {
                let mayWrite = access == "write"
                return DesiredService(
                    name: try #require(ServiceName(name)), fingerprint: "",
                    run: .words([
                        "/bin/sh", "-c",
                        (mayWrite ? "redis-cli -h cache --user \"$CACHE_USER\" SET from-run yes >/dev/null; " : "")
                            + "trap 'exit 0' TERM; while :; do sleep 0.1; done",
                    ]),
                    environment: [
                        "VERSION": version, "DATABASE_URL": "${db.url}", "REDIS_URL": "${cache.url}",
                        "DATABASE": "${db.database} at ${db.host}:${db.port}", "TOKEN": "${secrets.token}",
                        "PGHOST": "${db.host}", "PGUSER": "${db.user}", "PGPASSWORD": "${db.password}",
                        "PGDATABASE": "${db.database}", "CACHE_USER": "${cache.user}",
                        "REDISCLI_AUTH": "${cache.password}",
                    ],
                    secrets: [try #require(SecretName("token"))],
                    uses: [
                        DesiredEdge(kind: .resource, target: "db", access: access),
                        DesiredEdge(kind: .resource, target: "cache", access: access),
                    ],
                    migrate: mayWrite
                        ? .words([
                            "/bin/sh", "-euc",
                            "[ \"$DATABASE\" = 'shop at db:5432' ]; "
                                + "[ \"$DATABASE_URL\" = \"postgresql://svc_api:$PGPASSWORD@db:5432/shop\" ]; "
                                + "[ \"$REDIS_URL\" = \"redis://svc_api:$REDISCLI_AUTH@cache:6379/0\" ]; "
                                + "psql -Xqw -v ON_ERROR_STOP=1 -c 'CREATE TABLE IF NOT EXISTS notes (text text)'",
                        ]) : nil,
                    rollout: .beside, stopGrace: .seconds(3),
                    container: DesiredContainer(
                        repository: "postgres:15-alpine", isReady: true, dockerfile: nil, user: "10001:10001",
                        memory: 64 << 20))
            }
            return DesiredState(
                platform: try #require(PlatformName("shop")), environment: try #require(EnvironmentName("prod")),
                services: [try service("api", "write"), try service("report", "read")],
                resources: [
                    DesiredResource(
                        name: try #require(ResourceName("db")), kind: "postgres", version: "15",
                        extensions: ["pgcrypto"], fingerprint: "db",
                        container: DesiredStore(
                            image: "postgres:15-alpine", arguments: ["-c", "shared_buffers=32MB"],
                            check: ["pg_isready", "-h", "127.0.0.1", "-U", "postgres", "-d", "shop"], milliCPUs: 1_000,
                            memory: 256 << 20)),
                    DesiredResource(
                        name: try #require(ResourceName("cache")), kind: "redis", version: "7", fingerprint: "cache",
                        container: DesiredStore(
                            image: "redis:7-alpine",
                            arguments: ["--appendonly", "yes", "--appendfsync", "everysec"],
                            check: ["/bin/sh", "-c", "redis-cli ping | grep -q PONG"], milliCPUs: 500,
                            memory: 128 << 20)),
                ])
        }
    }
}

/// Looks again and again at the words of all processes of this machine, those in containers among them.
private final class ProcessWatch: Sendable {
    private struct Seen {
        var looks = 0
        var found: [String] = []
    }

    private let seen = Mutex(Seen())
    private let task = Mutex<Task<Void, Never>?>(nil)

    init(_ mark: String) {
        let own = "\(getpid())"
        let task = Task {
            while !Task.isCancelled {
                for name in Folder.names(in: "/proc") where name.allSatisfy(\.isNumber) && name != own {
                    guard let bytes = try? SmallFile.read("/proc/\(name)/cmdline") else { continue }
                    let words = String(decoding: bytes, as: UTF8.self)
                    if words.contains(mark) { seen.withLock { $0.found.append(words) } }
                }
                seen.withLock { $0.looks += 1 }
                try? await Task.sleep(for: .milliseconds(25))
            }
        }
        self.task.withLock { $0 = task }
    }

    func end() async -> (looks: Int, found: [String]) {
        let task = task.withLock(\.self)
        task?.cancel()
        await task?.value
        return seen.withLock { ($0.looks, $0.found) }
    }
}
