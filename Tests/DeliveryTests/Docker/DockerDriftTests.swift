import Delivery
import Foundation
import Glibc
import Planning
import Spec
import Testing
import World

extension DockerTests {
    /// What is changed behind the back of a release, on a real engine: each change is that finding, and its mend takes it away.
    @Suite("Drift on a Docker engine")
    struct Drift {
        let docker: TestDocker

        init() throws { docker = try TestDocker.running() }

        @Test("each change is found as what it is, is mended as told, and nothing is found where nothing was changed")
        func drift() async throws {
            let folder = try makeScratch()
            defer { removeScratch(folder) }
            _ = try await TestDocker.probe(docker.folder)
            let engine = try await engine(folder)
            let desired = try await Fingerprints(secrets: engine.secrets, path: engine.path).filled(try state(folder))
            let journal = try Journal(path: folder + "/journal.db")
            let executor = ReleaseExecutor(engine: engine, journal: journal, holder: try LeaseHolder.current())
            let report = try await executor.deploy(desired)
            try #require(report.verdict.code == "kept", "\(report.verdict)")
            do {
                try await look(engine, journal)
            } catch {
                try await down()
                throw error
            }
            try await down()
        }

        @Test("a service of a Swarm that somebody changed is found as what was changed")
        func swarm() async throws {
            let folder = try makeScratch()
            defer { removeScratch(folder) }
            _ = try await TestDocker.probe(docker.folder)
            try await shell("docker swarm init --advertise-addr \(docker.host)")
            do {
                try await lookAtSwarm(folder)
            } catch {
                try await leave()
                throw error
            }
            try await leave()
        }

        @Test("a database that somebody changed is found as what was changed, and is mended as told, with its data")
        func database() async throws {
            let folder = try makeScratch()
            defer { removeScratch(folder) }
            try await StandInImages.ensure(on: docker)
            _ = try await TestDocker.probe(docker.folder)
            let engine = try await engine(folder)
            var desired = try state(folder)
            desired.services.removeLast()
            desired.resources = [
                DesiredResource(
                    name: try #require(ResourceName("db")), kind: "postgres", version: "15", fingerprint: "db",
                    container: DesiredStore(
                        image: "postgres:15-alpine", arguments: ["-c", "shared_buffers=32MB"],
                        check: ["pg_isready", "-h", "127.0.0.1", "-U", "postgres"], milliCPUs: 500, memory: 192 << 20))
            ]
            desired = try await Fingerprints(secrets: engine.secrets, path: engine.path).filled(desired)
            let journal = try Journal(path: folder + "/journal.db")
            let executor = ReleaseExecutor(engine: engine, journal: journal, holder: try LeaseHolder.current())
            do {
                let report = try await executor.deploy(desired)
                try #require(report.verdict.code == "kept", "\(report.verdict)")
                try await lookAtDatabase(engine, journal) {
                    let report = try await executor.deploy(desired)
                    try #require(report.verdict.code == "kept", "\(report.verdict)")
                }
            } catch {
                try await down()
                throw error
            }
            try await down()
        }

        private func lookAtDatabase(
            _ engine: DockerEngine, _ journal: Journal, _ deploy: () async throws -> Void
        ) async throws {
            func found() async throws -> [RuntimeDrift.Finding] {
                let kept = try #require(try journal.lastKept())
                return try await engine.drift(from: kept.desired, kept: kept.id, within: .seconds(60)).findings
            }
            let db = "drift-prod-resource-db"
            let psql = "docker exec -u postgres \(db) psql -XqAt -h /run/postgresql -U postgres -c"
            try await shell("\(psql) \"CREATE TABLE notes AS SELECT 'kept' AS text\"")
            #expect(try await found() == [])
            try await docker.buildImage("stranger:1")
            try await shell("docker network create elsewhere; docker volume create other")
            /// The mend that stands first, as an operator would type it.
            func mend(_ findings: [RuntimeDrift.Finding]) async throws {
                let text = try #require(findings.first?.mend)
                for (index, line) in text.split(separator: "`", omittingEmptySubsequences: false).enumerated()
                where index % 2 == 1 {
                    if line == "hauban deploy prod" { try await deploy() } else { try await shell(String(line)) }
                }
            }
            let changes: [(String, RuntimeDrift.Kind)] = [
                ("docker update --memory 128m --memory-swap 256m \(db)", .limits),
                ("docker update --cpus 0.25 \(db)", .limits),
                ("docker update --pids-limit 99 \(db)", .limits),
                ("docker update --restart no \(db)", .restart),
                ("docker network connect elsewhere \(db)", .networks),
                ("docker pause \(db)", .stopped),
                ("docker stop \(db)", .stopped),
                ("docker rm -f \(db)", .gone),
            ]
            for (change, kind) in changes {
                try await shell(change)
                let findings = try await found()
                #expect(findings.map(\.kind) == [kind] && findings.map(\.subject) == [db], "\(change): \(findings)")
                try await mend(findings)
                // That it is gone again shows in the next one being alone.
            }
            #expect(try await found() == [])
            try await remadeDatabase(db, found, mend)
            #expect(try await found() == [])
            #expect(try await shell("\(psql) 'SELECT text FROM notes'") == "kept\n", "its data outlived it all")
            try await shell("docker rm -f \(db); docker volume rm drift-prod_db-data")
            let lost = try await found()
            #expect(
                lost.map(\.kind) == [.gone, .gone] && lost.map(\.subject) == [db, "drift-prod_db-data"], "\(lost)")
            try await shell("docker volume rm other")
        }

        /// One that somebody started by hand in the place of ours, of another image and on another volume.
        private func remadeDatabase(
            _ db: String, _ found: () async throws -> [RuntimeDrift.Finding],
            _ mend: ([RuntimeDrift.Finding]) async throws -> Void
        ) async throws {
            let labels = try await shell(
                "docker inspect --format '{{range $k, $v := .Config.Labels}}--label {{$k}}={{$v}} {{end}}' \(db)"
            ).split(whereSeparator: \.isNewline).joined()
            try await shell(
                "docker rm -f \(db); docker run -d --name \(db) \(labels) -v other:/var/lib/postgresql/data -p 127.0.0.1::5432 "
                    + "--network drift-prod_data stranger:1 wait")
            let findings = try await found()
            let kinds = Set(findings.map(\.kind))
            #expect(
                kinds == [.image, .command, .user, .limits, .restart, .mounts, .ports, .privileges], "\(findings)")
            #expect(
                findings.contains { $0.found == "other is mounted at /var/lib/postgresql/data" }, "\(findings)")
            try await mend(findings)
        }

        private func leave() async throws {
            try await shell("docker service rm $(docker service ls -q) >/dev/null 2>&1; docker swarm leave --force")
            try await down()
        }

        private func lookAtSwarm(_ folder: String) async throws {
            let engine = SwarmEngine(try await engine(folder))
            let desired = try await Fingerprints(secrets: engine.secrets, path: engine.here.path)
                .filled(try state(folder))
            let journal = try Journal(path: folder + "/journal.db")
            let executor = ReleaseExecutor(engine: engine, journal: journal, holder: try LeaseHolder.current())
            let report = try await executor.deploy(desired)
            try #require(report.verdict.code == "kept", "\(report.verdict)")
            let kept = try #require(try journal.lastKept())
            func found() async throws -> [RuntimeDrift.Finding] {
                try await engine.drift(from: kept.desired, kept: kept.id, within: .seconds(60)).findings
            }
            #expect(try await found() == [])
            let worker = "drift-prod_worker-r1"
            let change = "docker service update --detach --quiet"
            let changes: [(String, RuntimeDrift.Kind, String)] = [
                ("\(change) --limit-memory 48m \(worker)", .limits, "\(change) --limit-memory 64m \(worker)"),
                ("\(change) --env-add MORE=hunter2 \(worker)", .environment, "\(change) --env-rm MORE \(worker)"),
                ("\(change) --args exit \(worker)", .command, "\(change) --args wait \(worker)"),
                ("docker service scale -d \(worker)=2", .replicas, "docker service scale -d \(worker)=1"),
            ]
            for (change, kind, undo) in changes {
                try await shell(change)
                let findings = try await found()
                #expect(
                    findings.map(\.kind) == [kind] && findings.map(\.subject) == [worker], "\(change): \(findings)")
                #expect(!"\(findings)".contains("hunter2"))
                try await shell(undo)
            }
            #expect(try await found() == [], "all is as it was")
            try await shell("docker service rm \(worker)")
            #expect(try await found().map(\.kind) == [.gone])
        }

        private func look(_ engine: DockerEngine, _ journal: Journal) async throws {
            let kept = try #require(try journal.lastKept())
            func found() async throws -> [RuntimeDrift.Finding] {
                try await engine.drift(from: kept.desired, kept: kept.id, within: .seconds(60)).findings
            }
            #expect(try await found() == [])
            let api = "drift-prod-api-r1-0"
            let image = try #require(
                try await docker.api.images(labelled: "hauban.platform=drift").flatMap(\.tags).first {
                    $0.contains("/worker:")
                })
            let other = try #require(
                try await docker.api.images(labelled: "hauban.platform=drift").flatMap(\.tags).first {
                    $0.contains("/api:")
                })
            try await docker.buildImage("stranger:1")
            try await shell("docker network create elsewhere")
            let changes: [(String, RuntimeDrift.Kind, String)] = [
                ("docker update --memory 48m --memory-swap 96m \(api)", .limits, api),
                ("docker update --cpus 0.25 \(api)", .limits, api),
                ("docker update --pids-limit 99 \(api)", .limits, api),
                ("docker update --restart no \(api)", .restart, api),
                ("docker network connect elsewhere \(api)", .networks, api),
                ("docker network disconnect drift-prod_dmz \(api)", .networks, api),
                ("docker pause \(api)", .stopped, api),
                ("docker stop -t 0 drift-prod-worker-r1-0", .stopped, "drift-prod-worker-r1-0"),
                ("docker tag \(other) \(image)", .image, image),
                ("docker run -d --name stranger --network drift-prod_apps stranger:1 wait", .foreign, "stranger"),
                ("docker run -d --name copy \(image) wait", .foreign, "copy"),
                (
                    "docker run -d --name posing --label hauban.platform=drift --label hauban.environment=prod \(image) wait",
                    .foreign, "posing"
                ),
                ("docker network connect elsewhere drift-prod-front-door", .networks, "drift-prod-front-door"),
            ]
            for (change, kind, subject) in changes {
                try await shell(change)
                let findings = try await found()
                #expect(
                    findings.map(\.kind) == [kind] && findings.map(\.subject) == [subject], "\(change): \(findings)")
                let mend = try #require(findings.first?.mend.split(separator: "`").first.map(String.init))
                try await shell(mend)
                // That it is gone again shows in the next one being alone.
            }
            #expect(try await found() == [], "all is mended")
            try await remade(image, found)
        }

        /// A container that somebody made by hand in the place of one of ours.
        private func remade(_ image: String, _ found: () async throws -> [RuntimeDrift.Finding]) async throws {
            let name = "drift-prod-worker-r1-0"
            try await shell("docker rm -f \(name)")
            #expect(try await found().map(\.kind) == [.gone])
            let labels = [
                "platform=drift", "environment=prod", "kind=service", "service=worker", "release=r1", "replica=0",
            ].map { "--label hauban.\($0)" }.joined(separator: " ")
            try await shell(
                "docker run -d --name \(name) \(labels) -e GREETING=changed -e PASSWORD=hunter2 -p 127.0.0.1::9999 -v /etc:/outside "
                    + "--privileged --network drift-prod_apps \(image) wait 1")
            let findings = try await found()
            let kinds = Set(findings.map(\.kind))
            #expect(
                kinds == [.command, .environment, .limits, .mounts, .ports, .restart, .privileges],
                "\(findings)")
            #expect(
                findings.contains { $0.found == "GREETING has another value" }
                    && findings.contains { $0.found == "PASSWORD is set" })
            #expect(
                findings.contains { $0.found == "/outside is mounted (/etc)" }
                    && findings.contains { $0.found == "it is privileged" })
            #expect(!findings.contains { "\($0)".contains("hunter2") }, "no value is told")
        }

        // MARK: The platform

        @discardableResult
        private func shell(_ line: String) async throws -> String {
            let result = try await CommandRunner.live(
                Command(
                    arguments: ["sh", "-c", line],
                    environment: [
                        "PATH": "/usr/local/bin:/usr/bin:/bin", "DOCKER_HOST": "\(docker.endpoint)",
                        "HOME": docker.folder,
                    ], workingDirectory: "/", deadline: .seconds(60)))
            try #require(result.isSuccess, "\(line): \(result.errors)")
            return result.output
        }

        private func down() async throws {
            try await shell(
                "docker rm -f $(docker ps -aq) >/dev/null; docker network prune -f >/dev/null; docker image prune -af >/dev/null"
            )
        }

        private func engine(_ folder: String) async throws -> DockerEngine {
            let package = #filePath.split(separator: "/").dropLast(4).joined(separator: "/")
            let stripped = docker.folder + "/hauban"
            if !FileManager.default.fileExists(atPath: stripped) {
                let result = try await TestDocker.run("strip", "-o", stripped, "/\(package)/.build/debug/hauban")
                try #require(result.isSuccess, "\(result.errors)")
            }
            return try DockerEngine(
                platform: try #require(PlatformName("drift")), environment: try #require(EnvironmentName("prod")),
                place: DockerPlace(state: folder + "/state", memory: folder + "/run"), api: docker.api,
                doorImage: FrontDoorImage(program: stripped),
                publication: DockerPublication(address: "0.0.0.0", port: 28_081, securePort: 28_444, host: docker.host),
                settings: DockerSettings(environment: [:]))
        }

        /// A service of two replicas and a worker.
        private func state(_ folder: String) throws -> DesiredState {
            func service(_ text: String) throws -> DesiredService {
                let path = "\(folder)/\(text)"
                try write(TestDocker.dockerfile, path + "/Dockerfile")
                try write(text, path + "/version")
                try FileManager.default.copyItem(atPath: docker.folder + "/probe", toPath: path + "/probe")
                return DesiredService(
                    name: try #require(ServiceName(text)), fingerprint: "", source: DesiredSource(path: path),
                    stopGrace: .seconds(1),
                    container: DesiredContainer(
                        repository: "drift/\(text)", user: "10001:10001", milliCPUs: 500, memory: 64 << 20))
            }
            var api = try service("api")
            api.replicas = 2
            api.listens = true
            api.port = Port(8080)
            api.readiness = Probe(check: .exec(.words(["/probe", "ask", "8080"])), interval: .seconds(1))
            var worker = try service("worker")
            worker.run = .words(["wait"])
            worker.rollout = .replace
            worker.environment = ["GREETING": "hello", "RELEASE": "${release}"]
            worker.uses = [DesiredEdge(kind: .service, target: "api", access: "call")]
            return DesiredState(
                platform: try #require(PlatformName("drift")), environment: try #require(EnvironmentName("prod")),
                services: [api, worker], routes: [DesiredRoute(path: "/", service: api.name)],
                watch: WatchSettings(window: .seconds(1)))
        }
    }
}
