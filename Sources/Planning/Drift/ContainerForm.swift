package import Spec

/// A container as it is, as far as a release says how it should be.
package struct ContainerForm: Sendable, Hashable {
    package var name: String
    /// `running`, `exited`, `paused`.
    package var state: String
    /// The image's id.
    package var image: String
    package var command: [String]
    /// With what the image itself sets.
    package var environment: [String: String]
    package var user: String
    /// Bytes; 0 without a bound.
    package var memory: Int
    /// Billionths of a processor; 0 without a bound.
    package var nanoCPUs: Int
    package var processes: Int
    package var restart: String
    /// Places in the container where something of outside lies, with what: `/tmp (memory)`.
    package var mounts: [String: String]
    package var networks: Set<String>
    /// Ports of the container that the machine publishes: `8080/tcp`.
    package var ports: Set<String>
    /// What it may beyond what a release lets it, a clause each.
    package var liberties: Set<String>

    package init(
        name: String, state: String = "running", image: String = "", command: [String] = [],
        environment: [String: String] = [:], user: String = "", memory: Int = 0, nanoCPUs: Int = 0,
        processes: Int = 0, restart: String = "", mounts: [String: String] = [:], networks: Set<String> = [],
        ports: Set<String> = [], liberties: Set<String> = []
    ) {
        self.name = name
        self.state = state
        self.image = image
        self.command = command
        self.environment = environment
        self.user = user
        self.memory = memory
        self.nanoCPUs = nanoCPUs
        self.processes = processes
        self.restart = restart
        self.mounts = mounts
        self.networks = networks
        self.ports = ports
        self.liberties = liberties
    }
}

/// A container as a release says that it should be; what is nil or absent is not judged.
package struct ContainerExpectation: Sendable, Hashable {
    package var path: SpecPath
    package var name: String
    package var environmentName: EnvironmentName
    package var image: String?
    package var command: [String]?
    /// Values that are known; they never leave the comparison.
    package var variables: [String: String] = [:]
    /// Names that may be there besides, with values that only the engine puts together.
    package var otherVariables: Set<String> = []
    /// What the image itself sets; nil where nobody knows, and then no variable is judged as one too many.
    package var imageVariables: [String: String]?
    package var user: String?
    package var memory: Int?
    package var nanoCPUs: Int?
    package var processes: Int?
    package var restart: String?
    /// Places that must be there, and those that may.
    package var mounts: Set<String>?
    package var optionalMounts: Set<String> = []
    /// The volumes of the engine that hold its data, by place: it keeps them when it is made anew.
    package var volumes: [String: String] = [:]
    package var networks: Set<String>?
    /// The address that others know it by, by network.
    package var addresses: [String: String] = [:]
    package var ports: Set<String>?
    package var judgesLiberties = true

    package init(_ path: SpecPath, name: String, environment: EnvironmentName) {
        self.path = path
        self.name = name
        environmentName = environment
    }

    /// What differs; a container that does not run is judged all the same.
    package func findings(_ seen: ContainerForm?) -> [RuntimeDrift.Finding] {
        guard let seen else {
            return [
                .init(
                    path, name, .gone, found: "there is no such container", wanted: "it runs",
                    mend: volumes.isEmpty
                        ? "`docker ps -a` shows what is left of it. \(anew)"
                        : "`hauban deploy \(environmentName)` makes it anew on its data.")
            ]
        }
        var findings: [RuntimeDrift.Finding] = []
        func add(_ kind: RuntimeDrift.Kind, _ found: String, _ wanted: String, _ mend: String) {
            findings.append(.init(path, name, kind, found: found, wanted: wanted, mend: mend))
        }
        if seen.state != "running" {
            add(
                .stopped, "it is \(seen.state)", "it runs",
                "`docker \(seen.state == "paused" ? "unpause" : "start") \(name)`")
        }
        if let image, image != seen.image { add(.image, "it runs \(Self.short(seen.image))", Self.short(image), anew) }
        if let command, command != seen.command {
            // A command may hold what is nobody's to read.
            add(.command, "it was started with another command", "the command of its release", anew)
        }
        environment(seen, add)
        if let user, user != seen.user {
            add(.user, "it runs as \(seen.user.isEmpty ? "the image's user" : seen.user)", user, anew)
        }
        limits(seen, add)
        if let restart, restart != seen.restart {
            add(
                .restart, seen.restart.isEmpty ? "no" : seen.restart, restart,
                "`docker update --restart \(restart) \(name)`")
        }
        if let mounts {
            for place in mounts.subtracting(seen.mounts.keys).sorted() {
                add(.mounts, "nothing is mounted at \(place)", "its release's", anew)
            }
            for place in Set(seen.mounts.keys).subtracting(mounts).subtracting(optionalMounts).sorted() {
                add(.mounts, "\(place) is mounted (\(seen.mounts[place] ?? ""))", "nothing there", anew)
            }
        }
        for (place, volume) in volumes.sorted(by: { $0.key < $1.key }) {
            guard let found = seen.mounts[place], found != volume else { continue }
            add(.mounts, "\(found) is mounted at \(place)", volume, anew)
        }
        if let networks {
            for network in networks.subtracting(seen.networks).sorted() {
                add(
                    .networks, "it is not in \(network)", "it is",
                    "`docker network connect \(addresses[network].map { "--ip \($0) " } ?? "")\(network) \(name)`")
            }
            for network in seen.networks.subtracting(networks).sorted() {
                add(.networks, "it is in \(network)", "it is not", "`docker network disconnect \(network) \(name)`")
            }
        }
        if let ports {
            for port in seen.ports.subtracting(ports).sorted() {
                add(.ports, "\(port) is published", "it is not", anew)
            }
            for port in ports.subtracting(seen.ports).sorted() {
                add(.ports, "\(port) is not published", "it is", anew)
            }
        }
        if judgesLiberties {
            for liberty in seen.liberties.sorted() { add(.privileges, liberty, "it has not", anew) }
        }
        return findings
    }

    /// A deploy replaces what a release changed, and what does not run.
    private var anew: String {
        volumes.isEmpty
            ? "`docker rm -f` takes it away; when no replica of it runs `hauban deploy \(environmentName)` starts them anew, "
                + "else the next release of it does."
            : "`docker rm -f \(name)` takes it away, and `hauban deploy \(environmentName)` makes it anew on its data."
    }

    private func environment(_ seen: ContainerForm, _ add: (RuntimeDrift.Kind, String, String, String) -> Void) {
        for (name, value) in variables.sorted(by: { $0.key < $1.key }) {
            guard let found = seen.environment[name] else {
                add(.environment, "\(name) is not set", "its release's value", anew)
                continue
            }
            if found != value { add(.environment, "\(name) has another value", "its release's", anew) }
        }
        guard let imageVariables else { return }
        for (name, value) in seen.environment.sorted(by: { $0.key < $1.key })
        where variables[name] == nil && !otherVariables.contains(name) {
            switch imageVariables[name] {
            case nil: add(.environment, "\(name) is set", "it is not", anew)
            case .some(let own) where own != value: add(.environment, "\(name) has another value", "its image's", anew)
            case .some: break
            }
        }
    }

    private func limits(_ seen: ContainerForm, _ add: (RuntimeDrift.Kind, String, String, String) -> Void) {
        func text(_ bytes: Int) -> String { bytes == 0 ? "without a bound" : "\(ByteCount(bytes: bytes))" }
        func share(_ billionths: Int) -> String {
            billionths == 0 ? "without a bound" : "\(CPUCount(millis: billionths / 1_000_000))"
        }
        if let memory, memory != seen.memory {
            let size = memory == 0 ? "" : "`docker update --memory \(memory) --memory-swap \(2 * memory) \(name)`"
            add(.limits, "memory is \(text(seen.memory))", text(memory), size.isEmpty ? anew : size)
        }
        if let nanoCPUs, nanoCPUs != seen.nanoCPUs {
            let cpus =
                "\(nanoCPUs / 1_000_000_000).\(String(nanoCPUs % 1_000_000_000 + 1_000_000_000).dropFirst().prefix(3))"
            add(
                .limits, "processors are \(share(seen.nanoCPUs))", share(nanoCPUs),
                nanoCPUs == 0 ? anew : "`docker update --cpus \(cpus) \(name)`")
        }
        if let processes, processes != seen.processes {
            add(
                .limits, seen.processes <= 0 ? "processes are without a bound" : "\(seen.processes) processes at most",
                "\(processes)", "`docker update --pids-limit \(processes) \(name)`")
        }
    }

    /// `sha256:0123456789ab`.
    private static func short(_ image: String) -> String {
        image.hasPrefix("sha256:") ? String(image.prefix(19)) : image
    }
}
