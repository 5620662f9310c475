import Delivery
import Foundation
import Glibc
import Synchronization
import Testing
import World

/// All that needs a Docker Engine: one of their own for all of them, which ends with them.
@Suite(
    "Docker", .enabled(if: getuid() == 0, "an engine of one's own needs root, as CI has it"), .serialized,
    .dockerEngine,
    .timeLimit(.minutes(10)))
enum DockerTests {}

/// A `dockerd` in network, mount and process namespaces of its own, with its data in one folder, and an image FROM scratch with one
/// static program in it: no registry is asked.
final class TestDocker: Sendable {
    private static let current = Mutex<TestDocker?>(nil)

    /// The engine of the suite that runs.
    static func running() throws -> TestDocker { try #require(current.withLock { $0 }) }

    let folder: String
    let endpoint: DockerEndpoint
    let api: DockerAPI
    /// Where published ports are reached from the tests.
    let host: String
    private let process: Process
    var processIdentifier: Int32 { process.processIdentifier }
    private let lifeline: Pipe

    private init(folder: String, api: DockerAPI, host: String, process: Process, lifeline: Pipe) {
        self.folder = folder
        self.api = api
        self.host = host
        endpoint = api.endpoint
        self.process = process
        self.lifeline = lifeline
    }

    /// Runs work with an engine.
    static func provide(_ work: () async throws -> Void) async throws {
        let docker = try await start()
        current.withLock { $0 = docker }
        let outcome: Result<Void, any Error>
        do {
            outcome = .success(try await work())
        } catch {
            outcome = .failure(error)
        }
        current.withLock { $0 = nil }
        await docker.stop()
        try outcome.get()
    }

    private static func start() async throws -> TestDocker {
        let folder = try makeScratch()
        let net = (getpid() % 250) + 1
        let host = "10.231.\(net).2"
        try await makeCertificates(folder, host)
        // The end of its input ends it, however these tests end; with the first process of its namespace every other one goes.
        let script = """
            mount --make-rshared / && ip link set lo up || exit 1
            dockerd --data-root '\(folder)/data' --exec-root '\(folder)/run' --pidfile '\(folder)/pid' \
                --host 'unix://\(folder)/docker.sock' --log-level warn --host tcp://0.0.0.0:2376 --tlsverify \
                --tlscacert '\(folder)/tls/ca.pem' --tlscert '\(folder)/tls/server.pem' \
                --tlskey '\(folder)/tls/server-key.pem' &
            docker=$!
            cat >/dev/null
            kill -TERM $docker
            wait $docker
            umount -R '\(folder)/data' '\(folder)/run' 2>/dev/null
            true
            """
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/unshare")
        process.arguments = [
            "--net", "--mount", "--propagation", "private", "--pid", "--fork", "--kill-child", "--mount-proc", "sh",
            "-c",
            script,
        ]
        let log = folder + "/dockerd.log"
        _ = FileManager.default.createFile(atPath: log, contents: nil)
        let output = FileHandle(forWritingAtPath: log)
        let lifeline = Pipe()
        // The tests' own children must not hold it open.
        _ = fcntl(lifeline.fileHandleForWriting.fileDescriptor, F_SETFD, FD_CLOEXEC)
        process.standardInput = lifeline
        process.standardOutput = output
        process.standardError = output
        try process.run()
        let number = process.processIdentifier
        // A cable from here into its network.
        let wire = """
            set -e
            ip link add hbd\(net) type veth peer name outside netns \(number)
            ip addr add 10.231.\(net).1/24 dev hbd\(net)
            ip link set hbd\(net) up
            nsenter --net=/proc/\(number)/ns/net ip addr add \(host)/24 dev outside
            nsenter --net=/proc/\(number)/ns/net ip link set outside up
            """
        let deadline = ContinuousClock.now + .seconds(90)
        var failure = "it never answered"
        while ContinuousClock.now < deadline, process.isRunning {
            do {
                let api = try await DockerAPI(connectingTo: .unix(path: folder + "/docker.sock"), within: .seconds(5))
                let wired = try await run("sh", "-c", wire)
                guard wired.isSuccess else {
                    failure = wired.errors
                    break
                }
                return TestDocker(folder: folder, api: api, host: host, process: process, lifeline: lifeline)
            } catch {
                failure = "\(error)"
                try await Task.sleep(for: .milliseconds(50))
            }
        }
        try? lifeline.fileHandleForWriting.close()
        process.waitUntilExit()
        throw WorldError(
            code: "no-dockerd", operation: "start a Docker Engine",
            underlying: "\(failure)\n\(SmallFile.tail(log, bytes: 4_000))")
    }

    /// An authority, and a certificate of the engine and one of a client by it.
    private static func makeCertificates(_ folder: String, _ host: String) async throws {
        try Folder.make(folder + "/tls")
        let script = """
            set -e
            cd '\(folder)/tls'
            curve="-newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2"
            openssl req -x509 $curve -keyout ca-key.pem -out ca.pem -subj /CN=ca
            openssl req -x509 $curve -keyout server-key.pem -out server.pem -subj /CN=engine -CA ca.pem -CAkey ca-key.pem \
                -addext 'subjectAltName=IP:\(host)' -addext 'basicConstraints=critical,CA:FALSE'
            openssl req -x509 $curve -keyout key.pem -out cert.pem -subj /CN=client -CA ca.pem -CAkey ca-key.pem \
                -addext 'extendedKeyUsage=clientAuth' -addext 'basicConstraints=critical,CA:FALSE'
            """
        let made = try await run("sh", "-c", script)
        try #require(made.isSuccess, "\(made.errors)")
    }

    private func stop() async {
        if let left = try? await api.containers(labelled: []) {
            for container in left { try? await api.remove(container.id) }
        }
        try? lifeline.fileHandleForWriting.close()
        process.waitUntilExit()
        removeScratch(folder)
    }

    @discardableResult
    static func run(_ words: String...) async throws -> CommandResult { try await run(words) }

    @discardableResult
    static func run(_ words: [String]) async throws -> CommandResult {
        try await CommandRunner.live(
            Command(
                arguments: words, environment: ["PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"],
                workingDirectory: "/", deadline: .seconds(60)))
    }

    /// Its own network, for `nsenter`.
    var network: String { "/proc/\(process.processIdentifier)/ns/net" }

    /// Runs a script in which `docker` speaks to this engine.
    ///
    /// - Parameter isInside: whether it sees the engine's own network, where its `127.0.0.1` is.
    func shell(
        _ script: String, _ words: String..., environment: [String: String] = [:], isInside: Bool = false
    ) async throws -> CommandResult {
        let enter = isInside ? ["nsenter", "--net=\(network)"] : []
        return try await CommandRunner.live(
            Command(
                arguments: enter + ["sh", "-c", script, "sh"] + words,
                environment: [
                    "PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
                    "DOCKER_HOST": "\(endpoint)", "HOME": folder,
                ].merging(environment) { $1 }, workingDirectory: "/", deadline: .seconds(120)))
    }

    /// The `docker` program, asking this engine.
    func cli(_ words: String...) async throws -> CommandResult {
        try await Self.run(["docker", "-H", "\(endpoint)"] + words)
    }

    // MARK: The image

    /// An image with the program at `/probe`, a file `/version`, and user 10001.
    @discardableResult
    func buildImage(_ name: String, version: String = "1", labels: [String: String] = [:]) async throws -> String {
        let context = try await Self.probeContext(folder, version)
        return try await api.build(
            context.files, ImageBuild(name: try #require(ImageName(name)), labels: labels), within: .seconds(120))
    }

    static func probeContext(_ folder: String, _ version: String) async throws -> BuildContext {
        let program = try await probe(folder)
        let size = Int(try #require(try FileManager.default.attributesOfItem(atPath: program)[.size] as? Int))
        return BuildContext([
            .init("Dockerfile", .bytes(Array(dockerfile.utf8))), .init("version", .bytes(Array(version.utf8))),
            .init("probe", .file(path: program, size: size), mode: 0o755),
        ])
    }

    static let dockerfile = """
        FROM scratch
        COPY probe version /
        USER 10001:10001
        ENTRYPOINT ["/probe"]
        CMD ["serve", "8080"]

        """

    private static let compiled = Mutex<[String: String]>([:])

    /// The program, compiled once.
    static func probe(_ folder: String) async throws -> String {
        if let known = compiled.withLock({ $0[folder] }) { return known }
        let source = folder + "/probe.c"
        try write(ProbeProgram.source, source)
        let result = try await run("gcc", "-static", "-O1", "-s", "-o", folder + "/probe", source)
        try #require(result.isSuccess, "\(result.errors)")
        compiled.withLock { $0[folder] = folder + "/probe" }
        return folder + "/probe"
    }
}

struct DockerEngineTrait: SuiteTrait, TestScoping {
    func provideScope(
        for test: Test, testCase: Test.Case?, performing function: @Sendable @concurrent () async throws -> Void
    ) async throws {
        try await TestDocker.provide(function)
    }
}

extension Trait where Self == DockerEngineTrait {
    /// One Docker Engine for all tests of the suite and of those in it.
    static var dockerEngine: Self { DockerEngineTrait() }
}
