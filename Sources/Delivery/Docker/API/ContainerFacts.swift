import FoundationEssentials
import World

/// A container as the engine says that it is.
package struct ContainerFacts: Sendable, Hashable {
    package enum State: String, Sendable, Hashable {
        case created, running, paused, restarting, removing, exited, dead
    }

    package enum Health: String, Sendable, Hashable {
        case none, starting, healthy, unhealthy
    }

    package var id: String
    package var name: String
    package var image: String
    package var labels: [String: String]
    package var state: State
    package var health: Health
    /// Checks that failed in a row.
    package var failingStreak: Int
    /// What the last check that failed said.
    package var healthOutput: String?
    package var exitCode: Int
    package var isOutOfMemory: Bool
    /// The program that asks it how it is; nil when nobody asks.
    package var check: [String]?
    /// Why it could not be started, in the engine's words.
    package var error: String
    /// How often it was started again by its restart policy.
    package var restarts: Int
    /// RFC 3339; the year 1 when it never was.
    package var startedAt: String
    /// The same of its last end.
    package var endedAt: String
    package var processID: Int
    /// Addresses by the names of its networks; empty texts while it does not run.
    package var addresses: [String: String]
    /// Ports of the engine's machine by those of the container.
    package var ports: [Int: Int]

    init(_ answer: DockerAnswer) throws {
        id = try answer.text("Id")
        name = String(try answer.text("Name").drop { $0 == "/" })
        image = try answer.text("Image")
        let config = try answer.required("Config")
        labels = try config.dictionary("Labels")
        let test = try config.member("Healthcheck")?.texts("Test") ?? []
        check = test.first == "CMD" && test.count > 1 ? Array(test.dropFirst()) : nil
        let state = try answer.required("State")
        guard let known = State(rawValue: try state.text("Status")) else {
            throw state.invalid("has a status that is unknown")
        }
        self.state = known
        exitCode = try state.number("ExitCode")
        isOutOfMemory = try state.flag("OOMKilled")
        error = Printable.text(try state.text("Error"))
        startedAt = try state.text("StartedAt")
        endedAt = try state.text("FinishedAt")
        processID = try state.number("Pid")
        restarts = try answer.number("RestartCount")
        health = .none
        failingStreak = 0
        if let found = state.member("Health") {
            health = Health(rawValue: try found.text("Status")) ?? .none
            failingStreak = try found.number("FailingStreak")
            healthOutput = try found.list("Log").last { try $0.number("ExitCode") != 0 }.map {
                Printable.text(try $0.text("Output"), limit: 300)
            }
        }
        addresses = [:]
        ports = [:]
        let network = try answer.required("NetworkSettings")
        for (name, endpoint) in try network.members("Networks") {
            addresses[name] = endpoint.member("IPAddress") == nil ? "" : try endpoint.text("IPAddress")
        }
        for (key, bindings) in try network.members("Ports") where bindings.value != .null {
            guard let own = Int(key.prefix { $0 != "/" }) else { continue }
            for binding in try bindings.list() {
                if let port = Int(try binding.text("HostPort")) { ports[own] = port }
            }
        }
    }
}

/// A container in a list.
package struct ListedContainer: Sendable, Hashable {
    package var id: String
    package var name: String
    package var labels: [String: String]
    package var state: ContainerFacts.State

    init(_ answer: DockerAnswer) throws {
        id = try answer.text("Id")
        name = String(try answer.texts("Names").first?.drop { $0 == "/" } ?? "")
        labels = try answer.dictionary("Labels")
        guard let known = ContainerFacts.State(rawValue: try answer.text("State")) else {
            throw answer.invalid("has a State that is unknown")
        }
        state = known
    }
}
