import ArgumentParser
import Delivery
import FrontDoor
import Glibc
import Planning
import Spec
import World

/// The process that keeps an environment's processes; `deploy` and `up` start it.
struct SuperviseCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "supervise", abstract: "Keeps the processes of an environment.", shouldDisplay: false)

    @Option var state: String
    @Option var socket: String
    @Option var secrets: String
    @Option var environment: String

    func run() async throws {
        guard let name = EnvironmentName(environment) else {
            throw ValidationError("not an environment: \(environment)")
        }
        let store = SecretStore(folder: secrets, environment: name)
        let runtime = socket.lastIndex(of: "/").map { String(socket[..<$0]) } ?? "."
        let configuration = SupervisorConfiguration(state: state, listenerSocket: runtime + "/listeners.sock") {
            try store.resolve($0)
        }
        try await SupervisorProcess.run(configuration, socket: socket)
    }
}

/// Asks a replica from among the networks of the front door, whose container `verify` starts it in.
struct GlanceCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "glance", abstract: "Prints the status and the body of an answer.", shouldDisplay: false)

    @Argument var url: String
    @Option var seconds: Int

    func run() async throws {
        do {
            let glance = try await HTTPGlance.of(url, within: .seconds(seconds))
            StandardOutput.write("\(glance.status)\n\(glance.body)", to: STDOUT_FILENO)
        } catch {
            let why = (error as? WorldError)?.underlying ?? "\(error)"
            StandardOutput.write("\(SwarmEngine.glanceFailed)\(why)\n", to: STDERR_FILENO)
            throw ExitCode(1)
        }
    }
}

/// The process that takes an environment's requests; the supervisor starts it.
struct FrontDoorCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "front-door", abstract: "Takes the requests of an environment.", shouldDisplay: false)

    @Option var state: String
    @Option var control: String

    func run() async throws {
        let signals = SignalWatch.stream([SIGTERM, SIGINT])
        let custody = ListenerCustody(environment: ProcessEnvironment.all)
        try await FrontDoorProcess.run(state: state, control: control, signals: signals, custody: custody) { line in
            StandardOutput.write(line + "\n", to: STDERR_FILENO)
        }
    }
}
