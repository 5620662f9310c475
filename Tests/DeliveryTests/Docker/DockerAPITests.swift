import Delivery
import Foundation
import Synchronization
import Testing
import World

extension DockerTests {
    @Suite("API of a real engine")
    struct API {
        let docker: TestDocker
        let api: DockerAPI
        private static let label = "hauban.test"

        init() throws {
            docker = try TestDocker.running()
            api = docker.api
        }

        private func spec(_ name: String, _ command: [String]) -> ContainerSpec {
            var spec = ContainerSpec(name: name, image: "test/probe:1")
            spec.command = command
            spec.labels = [Self.label: name]
            return spec
        }

        /// Runs a container and gives it to the test, and takes it away.
        private func with(
            _ spec: ContainerSpec, _ work: (String) async throws -> Void
        ) async throws {
            if try await api.image("test/probe:1") == nil { try await docker.buildImage("test/probe:1") }
            let id = try await api.create(spec)
            do {
                try await api.start(id)
                try await work(id)
            } catch {
                try? await api.remove(id)
                throw error
            }
            try await api.remove(id)
            #expect(try await api.inspect(id) == nil)
        }

        /// Looks again until it is so.
        private func eventually(_ what: String, _ isSo: () async throws -> Bool) async throws {
            let end = ContinuousClock.now + .seconds(60)
            while try await !isSo() {
                try #require(ContinuousClock.now < end, "\(what)")
                try await Task.sleep(for: .milliseconds(20))
            }
        }

        @Test("the version is agreed upon, and the engine says what it is")
        func version() async throws {
            let version = try await api.version(within: .seconds(20))
            #expect(version >= .oldest)
            #expect(version <= .newest)
            try await api.ping()
            let facts = try await api.facts()
            #expect(facts.operatingSystem == "linux")
            #expect(facts.memory > 100 << 20)
            #expect(facts.folder == docker.folder + "/data")
        }

        @Test("an engine is reached by TCP when both sides show their certificates, and not otherwise")
        func tls() async throws {
            let files = DockerEndpoint.TLSFiles(folder: docker.folder + "/tls")
            let far = try await DockerAPI(connectingTo: try DockerEndpoint("tcp://\(docker.host)", tls: files))
            #expect(try await far.facts().folder == docker.folder + "/data")
            var strange = files
            strange.authority = files.certificate
            let error = try await #require(throws: WorldError.self) {
                try await DockerAPI(connectingTo: try DockerEndpoint("tcp://\(docker.host)", tls: strange))
            }
            #expect(error.code == "docker-unreachable", "\(error)")
        }

        @Test("an engine is reached through ssh, whose complaints are told")
        func ssh() async throws {
            let folder = try makeScratch()
            defer { removeScratch(folder) }
            // Stands in for ssh and the other machine: it runs what it was asked to there.
            try write(
                """
                #!/bin/sh
                case "$*" in
                *"-l ana -- shop.example docker system dial-stdio")
                    export DOCKER_HOST=unix://\(docker.folder)/docker.sock DOCKER_CONFIG=\(folder)
                    exec docker system dial-stdio ;;
                esac
                echo 'Host key verification failed.' >&2
                exit 255

                """, folder + "/ssh")
            _ = chmod(folder + "/ssh", 0o755)
            let variables = ["PATH": folder + ":/usr/local/bin:/usr/bin:/bin"]
            let far = try await DockerAPI(
                connectingTo: try DockerEndpoint("ssh://ana@shop.example"), environment: variables)
            #expect(try await far.facts().folder == docker.folder + "/data")
            #expect(try await far.containers(labelled: ["nobody.has=this"]) == [])
            let error = try await #require(throws: WorldError.self) {
                try await DockerAPI(connectingTo: try DockerEndpoint("ssh://evil.example"), environment: variables)
            }
            #expect(error.code == "docker-unreachable", "\(error)")
            #expect(error.underlying.contains("Host key verification failed"))
        }

        @Test("an image is built from a context, labelled, named, looked at and removed")
        func image() async throws {
            let lines = Mutex<[String]>([])
            let context = try await TestDocker.probeContext(docker.folder, "7")
            let name = try #require(ImageName("test/built:7"))
            let id = try await api.build(
                context.files, ImageBuild(name: name, labels: [Self.label: "image"]), within: .seconds(120)
            ) { line in lines.withLock { $0.append(line) } }
            #expect(lines.withLock { $0.contains { $0.hasPrefix("Step 1/") } })
            let image = try #require(try await api.image("test/built:7"))
            #expect(image.id == id)
            #expect(image.user == "10001:10001")
            #expect(image.labels[Self.label] == "image")
            #expect(image.bytes > 10_000)
            try await api.tag(id, as: try #require(ImageName("test/other:8")))
            #expect(try await api.image("test/other:8")?.id == id)
            let found = try await api.images(labelled: Self.label + "=image")
            #expect(found.map(\.id) == [id])
            #expect(found.first?.tags.sorted() == ["test/built:7", "test/other:8"])
            // The same content is the same image, whenever it is built.
            let again = try await api.build(
                context.files, ImageBuild(name: name, labels: [Self.label: "image"]), within: .seconds(120))
            #expect(again == id)
            try await api.removeImage("test/built:7")
            try await api.removeImage("test/other:8")
            try await api.removeImage("test/other:8")
            #expect(try await api.image(id) == nil)
        }

        @Test("a build that fails says its last words, one with a mistake in its Dockerfile too")
        func brokenBuild() async throws {
            func build(_ text: String) async throws -> WorldError {
                let context = BuildContext([.init("Dockerfile", .bytes(Array(text.utf8)))])
                let name = try #require(ImageName("test/broken:1"))
                return try await #require(throws: WorldError.self) {
                    try await api.build(context.files, ImageBuild(name: name), within: .seconds(60))
                }
            }
            let missing = try await build("FROM scratch\nCOPY nothing /\n")
            #expect(missing.code == "image-build-failed", "\(missing)")
            #expect(missing.underlying.contains("nothing"))
            #expect(missing.hint.contains("Step 2/2"))
            let mistake = try await build("FRM scratch\n")
            #expect(mistake.code == "docker-refused", "\(mistake)")
            #expect(mistake.underlying.lowercased().contains("frm"))
        }

        @Test("networks and volumes are made, found by their labels, and removed")
        func networks() async throws {
            let id = try await api.createNetwork("test-inside", isInternal: true, labels: [Self.label: "net"])
            let found = try await api.networks(labelled: Self.label + "=net")
            #expect(found.map(\.name) == ["test-inside"])
            #expect(found.first?.isInternal == true)
            #expect(found.first?.id == id)
            let taken = try await #require(throws: WorldError.self) {
                try await api.createNetwork("test-inside", isInternal: true, labels: [:])
            }
            #expect(taken.code == "docker-conflict")
            try await api.removeNetwork("test-inside")
            try await api.removeNetwork("test-inside")
            #expect(try await api.networks(labelled: Self.label + "=net") == [])

            try await api.createVolume("test-data", labels: [Self.label: "data"])
            try await api.createVolume("test-data", labels: [Self.label: "data"])
            #expect(try await api.volumes(labelled: Self.label).map(\.name) == ["test-data"])
            try await api.removeVolume("test-data")
            try await api.removeVolume("test-data")
            #expect(try await api.volumes(labelled: Self.label) == [])
        }

        @Test("a container is made with its limits and denied the rest, runs, says what it says, and is stopped")
        func container() async throws {
            let network = try await api.createNetwork("test-net", isInternal: false, labels: [:])
            var spec = spec("test-serve", ["serve", "8080"])
            spec.networks = [.init("test-net", aliases: ["api"])]
            spec.memory = 64 << 20
            spec.milliCPUs = 500
            spec.processes = 32
            spec.environment = ["GREETING": "hello"]
            spec.mounts = [.init(.memory(bytes: 1 << 20, mode: 0o1777), at: "/tmp")]
            spec.health = .init(
                command: ["/probe", "ask", "8080"], interval: .seconds(1), timeout: .seconds(2), retries: 3,
                start: .seconds(5))
            spec.ports = [.init(address: "0.0.0.0", port: 0, containerPort: 8080)]
            try await with(spec) { id in
                let facts = try #require(try await api.inspect("test-serve"))
                #expect(facts.id == id)
                #expect(facts.state == .running)
                #expect(facts.restarts == 0)
                #expect(facts.labels[Self.label] == "test-serve")
                #expect(facts.addresses["test-net"]?.isEmpty == false)
                #expect(facts.processID > 0)
                let listed = try await api.containers(labelled: [Self.label + "=test-serve"])
                #expect(listed.map(\.name) == ["test-serve"])
                #expect(listed.first?.state == .running)

                let port = try #require(facts.ports[8080])
                let answer = try await HTTPRequest(url: "http://\(docker.host):\(port)/").send(within: .seconds(20))
                #expect(answer.body == "1")
                try await eventually("it becomes healthy") { try await api.inspect(id)?.health == .healthy }

                let denied = try await api.execute(["/probe", "write", "/x"], in: id, within: .seconds(20))
                #expect(denied.status == .exited(code: 1))
                #expect(denied.errors.contains("Read-only file system"))
                #expect(try await api.execute(["/probe", "write", "/tmp/x"], in: id, within: .seconds(20)).isSuccess)
                let said = try await api.execute(
                    ["/probe", "environment", "GREETING"], in: id, within: .seconds(20))
                #expect(said.output == "hello\n")
                let set = try await api.execute(["/probe", "show", "/proc/self/status"], in: id, within: .seconds(20))
                    .output
                #expect(set.contains("NoNewPrivs:\t1"))
                #expect(set.contains("CapEff:\t0000000000000000"))
                #expect(set.contains("CapBnd:\t0000000000000000"))

                let lines = try await api.logs(of: id, last: 10)
                #expect(lines.map(\.text) == ["serving 1"])
                #expect(lines.first?.time.hasSuffix("Z") == true)
                try await api.start(id)
                try await api.stop(id, grace: .seconds(5))
                try await api.stop(id, grace: .seconds(5))
                let ended = try #require(try await api.inspect(id))
                #expect(ended.state == .exited)
                #expect(ended.exitCode == 0)
            }
            try await api.removeNetwork(network)
        }

        @Test("what does not heed its signal is killed when its grace is over, and what ends says how")
        func ending() async throws {
            try await with(spec("test-stay", ["stay"])) { id in
                try await eventually("it ignores the signal") { try await !api.logs(of: id, last: 1).isEmpty }
                try await api.stop(id, grace: .seconds(1))
                #expect(try await api.inspect(id)?.exitCode == 137)
            }
            try await with(spec("test-exit", ["exit", "7"])) { id in
                let code = try await api.wait(for: id, within: .seconds(30))
                #expect(code == 7)
                let facts = try await api.inspect(id)
                #expect(facts?.exitCode == 7)
            }
        }

        @Test("both outputs are told apart, and followed to the end")
        func logs() async throws {
            try await with(spec("test-say", ["say", String(repeating: "long ", count: 4_000)])) { id in
                let heard = Mutex<[DockerLine]>([])
                try await api.follow(id) { line in heard.withLock { $0.append(line) } }
                let lines = heard.withLock(\.self)
                #expect(lines.filter { $0.stream == .error }.map(\.text) == ["and an error"])
                let output = lines.filter { $0.stream == .output }.map(\.text).joined()
                #expect(output.hasPrefix("long long "))
                #expect(output.utf8.count >= 20_000)
            }
        }

        @Test("what happens to containers is heard, with their labels")
        func events() async throws {
            try await with(spec("test-quiet", ["wait"])) { _ in
                let heard = Mutex<[DockerEvent]>([])
                let (opened, open) = AsyncStream<Void>.makeStream()
                let api = api
                let watch = Task {
                    try await api.events(labelled: "hauban.test=test-loud", isOpen: { open.yield() }) { event in
                        heard.withLock { $0.append(event) }
                    }
                }
                for await _ in opened { break }
                try await with(spec("test-loud", ["exit", "3"])) { id in
                    try await eventually("its end is told") {
                        heard.withLock { $0.contains { $0.action == "die" && $0.container == id } }
                    }
                }
                watch.cancel()
                _ = await watch.result
                let events = heard.withLock(\.self)
                #expect(events.allSatisfy { $0.attributes["hauban.test"] == "test-loud" })
                let death = try #require(events.first { $0.action == "die" })
                #expect(death.attributes["exitCode"] == "3")
                #expect(death.time > 0)
            }
        }

        @Test("files are put into a running container's volume with their mode and owner")
        func archive() async throws {
            try await api.createVolume("test-files", labels: [:])
            var spec = spec("test-files", ["wait"])
            spec.mounts = [.init(.volume("test-files"), at: "/files", isReadOnly: false)]
            try await with(spec) { id in
                let long = "folder/" + String(repeating: "n", count: 150)
                try await api.put(
                    TarStream([
                        .init("key", .bytes(Array("secret".utf8)), mode: 0o400, user: 10_001, group: 10_001),
                        .init("folder", .folder, mode: 0o755),
                        .init(long, .bytes(Array("far".utf8)), mode: 0o444),
                    ]), into: "/files", of: id)
                let key = try await api.execute(["/probe", "show", "/files/key"], in: id, within: .seconds(20))
                #expect(key.output == "400 10001:10001 secret\n")
                let far = try await api.execute(["/probe", "show", "/files/\(long)"], in: id, within: .seconds(20))
                #expect(far.output == "444 0:0 far\n")
            }
            try await api.removeVolume("test-files")
        }

        @Test("refusals have codes and mends")
        func refusals() async throws {
            var missing = ContainerSpec(name: "test-missing", image: "test/nothing:1")
            missing.labels = [:]
            let image = try await #require(throws: WorldError.self) { try await api.create(missing) }
            #expect(image.code == "docker-image-missing")
            #expect(image.operation.contains("test-missing"))
            #expect(!image.hint.isEmpty)
            let gone = try await #require(throws: WorldError.self) { try await api.start("test-gone") }
            #expect(gone.code == "docker-not-found")
            #expect(try await api.inspect("test-gone") == nil)

            var one = spec("test-port", ["serve", "8080"])
            one.ports = [.init(address: "0.0.0.0", port: 18_080, containerPort: 8080)]
            one.networks = [.init("bridge")]
            try await with(one) { _ in
                let conflict = try await #require(throws: WorldError.self) { try await api.create(one) }
                #expect(conflict.code == "docker-conflict")
                var other = one
                other.name = "test-port-2"
                let id = try await api.create(other)
                let taken = try await #require(throws: WorldError.self) { try await api.start(id) }
                #expect(taken.code == "port-taken", "\(taken)")
                try await api.remove(id)
            }
            let pulled = try await #require(throws: WorldError.self) {
                try await api.pull(try #require(ImageName("127.0.0.1:1/nothing:1")), within: .seconds(60))
            }
            #expect(pulled.operation.contains("127.0.0.1:1/nothing:1"))
        }

        @Test("a call that waits is broken off at its deadline, and the engine goes on answering")
        func deadline() async throws {
            try await with(spec("test-forever", ["wait"])) { id in
                let late = try await #require(throws: WorldError.self) {
                    try await api.wait(for: id, within: .milliseconds(300))
                }
                #expect(late.code == "timed-out")
                try await api.ping()
            }
        }
    }
}
