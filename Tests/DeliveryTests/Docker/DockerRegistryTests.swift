import Delivery
import Foundation
import Glibc
import Planning
import Spec
import Testing
import World

extension DockerTests {
    /// What is built goes to a registry, and comes back from it: real ones (Debian's `docker-registry`), open and with passwords.
    @Suite("Registries")
    struct Registries {
        let docker: TestDocker

        init() throws { docker = try TestDocker.running() }

        @Test("a built image is pushed, noted by its digest, and fetched where the engine has lost it")
        func open() async throws {
            let folder = try makeScratch()
            defer { removeScratch(folder) }
            let registry = try await TestRegistry.start(docker, folder, port: 5_000)
            defer { registry.stop() }
            let engine = try engine(folder, "\(folder)/one")
            let service = try await service(folder, "127.0.0.1:5000/team/web", engine)
            let built = try await build(service, 1, engine)
            #expect(built.didChange && built.note?.isEmpty == false)
            let first = try #require(try part(engine, 1))
            let pinned = try #require(first.pinned)
            #expect(pinned.hasPrefix("127.0.0.1:5000/team/web@sha256:"))
            #expect(try await registry.holds("team/web", pinned))
            #expect(try await build(service, 2, engine).didChange == false)

            // A rollback on an engine that has lost it: by its digest, from an earlier release's note.
            try await forget(first)
            let again = try await build(service, 3, engine)
            #expect(again.note == "from the cache")
            #expect(try part(engine, 3)?.image == first.image)

            // Another machine builds nothing that was pushed.
            try await forget(first)
            let other = try self.engine(folder, "\(folder)/two")
            #expect(try await build(service, 1, other).note == "from the cache")
            #expect(try part(other, 1)?.pinned == pinned)
            #expect(try part(other, 1)?.image == first.image)

            // As a ready image, by its content.
            try await forget(first)
            var ready = service
            ready.fingerprint = "ready"
            ready.source = nil
            ready.container = DesiredContainer(repository: pinned, isReady: true, dockerfile: nil)
            _ = try await build(ready, 2, other)
            #expect(try part(other, 2)?.image == first.image)
            ready.fingerprint = "gone"
            ready.container?.repository = "127.0.0.1:5000/team/nothing:1"
            let gone = try await failure(ready, 3, other)
            #expect(["docker-image-missing", "docker-not-found"].contains(gone.code), "\(gone)")
            try await forget(first)
        }

        @Test("a registry that asks who one is is shown what the keychain's helper has, and nobody else is")
        func closed() async throws {
            let folder = try makeScratch()
            defer { removeScratch(folder) }
            let registry = try await TestRegistry.start(docker, folder, port: 5_001, isClosed: true)
            defer { registry.stop() }
            let engine = try engine(folder, "\(folder)/one")
            let service = try await service(folder, "127.0.0.1:5001/team/web", engine)
            let refused = try await failure(service, 1, engine)
            #expect(refused.code == "registry-refuses", "\(refused)")
            #expect(refused.hint.contains("docker login"))
            #expect(try part(engine, 1) == nil, "what was not pushed is not released")

            try write(
                """
                #!/bin/sh
                read -r address || true
                [ "$1 $address" = 'get 127.0.0.1:5001' ] || { echo 'credentials not found in native keychain'; exit 1; }
                echo '{"ServerURL":"127.0.0.1:5001","Username":"ci","Secret":"s3cret-of-ci"}'

                """, folder + "/docker-credential-ring")
            _ = chmod(folder + "/docker-credential-ring", 0o755)
            try write(#"{"credHelpers":{"127.0.0.1:5001":"ring"}}"#, folder + "/config/config.json")
            _ = try await build(service, 1, try self.engine(folder, "\(folder)/one"))
            let pushed = try #require(try part(engine, 1))
            let pinned = try #require(pushed.pinned)
            #expect(try await registry.holds("team/web", pinned))
            try await forget(pushed)
        }

        // MARK: Parts

        private struct Part: Decodable {
            var image: String
            var name: String
            var pinned: String?
        }

        private func part(_ engine: DockerEngine, _ release: Int) throws -> Part? {
            guard let bytes = try? SmallFile.read(engine.place.state + "/releases/r\(release).json") else { return nil }
            return try JSONDecoder().decode([String: Part].self, from: Data(bytes))["web"]
        }

        private func build(_ service: DesiredService, _ release: Int, _ engine: DockerEngine) async throws
            -> StepOutcome
        {
            let desired = DesiredState(
                platform: engine.platform, environment: engine.environment, services: [service])
            let context = ReleaseContext(
                release: ReleaseID(release), desired: desired, baseline: ObservedState(), changed: [service.name],
                routing: Routing())
            return try await engine.perform(
                Step(action: .build, target: .service(service.name), reason: .new), in: context, within: .seconds(120))
        }

        private func failure(_ service: DesiredService, _ release: Int, _ engine: DockerEngine) async throws
            -> WorldError
        {
            try await #require(throws: WorldError.self) { try await build(service, release, engine) }
        }

        private func forget(_ part: Part) async throws {
            let image = try #require(try await docker.api.image(part.image))
            for name in image.tags + image.digests { try await docker.api.removeImage(name) }
            #expect(try await docker.api.image(part.image) == nil)
        }

        private func service(_ folder: String, _ repository: String, _ engine: DockerEngine) async throws
            -> DesiredService
        {
            let path = folder + "/web"
            try write("FROM scratch\nCOPY version /\nCMD [\"/version\"]\n", path + "/Dockerfile")
            try write("of \(repository)", path + "/version")
            let service = DesiredService(
                name: try #require(ServiceName("web")), fingerprint: "", source: DesiredSource(path: path),
                container: DesiredContainer(repository: repository, isPushed: true))
            let state = DesiredState(
                platform: engine.platform, environment: engine.environment, services: [service])
            return try #require(
                try await Fingerprints(secrets: engine.secrets, path: engine.path).filled(state).services.first)
        }

        private func engine(_ folder: String, _ state: String) throws -> DockerEngine {
            try DockerEngine(
                platform: try #require(PlatformName("shelf")), environment: try #require(EnvironmentName("prod")),
                place: DockerPlace(state: state, memory: state + "/run"), api: docker.api,
                doorImage: FrontDoorImage(program: "/usr/bin/true"),
                publication: DockerPublication(port: 28_082, securePort: 28_445),
                settings: DockerSettings(environment: ["DOCKER_CONFIG": folder + "/config", "HOME": folder]),
                revision: "0123456789abcdef", path: folder + ":/usr/bin:/bin")
        }
    }
}

/// Debian's registry, in the engine's own network, where what is at 127.0.0.1 needs no certificate.
private final class TestRegistry: Sendable {
    private let docker: TestDocker
    private let port: Int
    private let credentials: String
    private let process: Process

    private init(_ docker: TestDocker, _ port: Int, _ credentials: String, _ process: Process) {
        self.docker = docker
        self.port = port
        self.credentials = credentials
        self.process = process
    }

    static func start(_ docker: TestDocker, _ folder: String, port: Int, isClosed: Bool = false) async throws
        -> TestRegistry
    {
        try #require(
            access("/usr/bin/docker-registry", X_OK) == 0, "no docker-registry: run scripts/packages.sh")
        // ci, s3cret-of-ci: bcrypt, the only form that it takes.
        try write(
            "ci:$2b$04$snU5wMLzCSY11dw/TNI27ec36mMBUEmClADD2dSHLmkj3KyssVBUm\n", folder + "/htpasswd")
        let configuration = """
            version: 0.1
            log: {level: error}
            storage: {filesystem: {rootdirectory: \(folder)/registry}}
            http: {addr: "127.0.0.1:\(port)"}

            """
        let auth = "auth: {htpasswd: {realm: test, path: \(folder)/htpasswd}}\n"
        try write(configuration + (isClosed ? auth : ""), folder + "/registry.yml")
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/setpriv")
        process.arguments = [
            "--pdeathsig", "KILL", "nsenter", "--net=\(docker.network)", "/usr/bin/docker-registry", "serve",
            folder + "/registry.yml",
        ]
        process.standardOutput = FileHandle.nullDevice
        process.standardError = FileHandle.nullDevice
        try process.run()
        let registry = TestRegistry(docker, port, isClosed ? "ci:s3cret-of-ci" : "", process)
        let end = ContinuousClock.now + .seconds(60)
        while try await registry.ask("/v2/") != "200" {
            try #require(ContinuousClock.now < end && process.isRunning, "the registry answers")
            try await Task.sleep(for: .milliseconds(50))
        }
        return registry
    }

    /// Whether it has what a pinned name says.
    func holds(_ repository: String, _ pinned: String) async throws -> Bool {
        let digest = pinned.split(separator: "@").last.map(String.init) ?? ""
        return try await ask("/v2/\(repository)/manifests/\(digest)") == "200"
    }

    private func ask(_ path: String) async throws -> String {
        let script = """
            curl -s -o /dev/null -w '%{http_code}' -u "$2" \
                -H 'Accept: application/vnd.docker.distribution.manifest.v2+json' "http://127.0.0.1:$1" || true
            """
        return try await docker.shell(script, "\(port)\(path)", credentials, isInside: true).output
    }

    func stop() {
        process.terminate()
        process.waitUntilExit()
    }
}
