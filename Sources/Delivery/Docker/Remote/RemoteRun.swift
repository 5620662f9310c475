import FoundationEssentials
import Planning
import Synchronization
package import World

/// One command of hauban, run on the machine of a Docker Engine: in a container of the program's own image, by the engine's API alone.
///
/// What is known of an environment lies on its server then, whoever deploys to it from wherever: one history, one lease, one store of
/// secrets, and a release that goes on when the caller's connection, or the caller, is gone.
package struct RemoteRun: Sendable {
    package struct Order: Sendable {
        /// Its words, without the program's name.
        package var words: [String]
        /// The platform's name, for the container's.
        package var platform: String
        /// Where the command is called, absolute.
        package var folder: String
        /// What it finds in ``RemoteRun/sources``, by names below that.
        package var files: [TarStream.Entry]
        package var environment: [String: String]
        /// Who sends it, and from where: `ana on mast`.
        package var caller: String
        /// What it reads from its input.
        package var input: Secret?
        package var registries: [RegistryCredentials]
        /// Folders of the server that it reads, absolute.
        package var folders: [String]

        package init(
            words: [String], platform: String, folder: String, files: [TarStream.Entry], caller: String,
            environment: [String: String] = [:], input: Secret? = nil, registries: [RegistryCredentials] = [],
            folders: [String] = []
        ) {
            self.words = words
            self.platform = platform
            self.folder = folder
            self.files = files
            self.caller = caller
            self.environment = environment
            self.input = input
            self.registries = registries
            self.folders = folders
        }
    }

    /// Where platforms lie in its container, each below its name: so the state of one is found again by every run.
    package static let sources = "/srv/hauban"
    /// Where state lies on the server, as hauban itself has it there for root.
    private static let state = "/var/lib/hauban"
    /// In memory.
    private static let memory = "/run/hauban"
    /// How long a connection may be away before the caller is told that it is.
    private static let patience = Duration.seconds(120)

    private let api: DockerAPI
    private let image: FrontDoorImage
    private let keeper: Timekeeper

    package init(_ api: DockerAPI, image: FrontDoorImage, keeper: Timekeeper = .live) {
        self.api = api
        self.image = image
        self.keeper = keeper
    }

    /// Runs it to its end; a cancelled task hands Ctrl-C on and waits all the same.
    ///
    /// - Parameter onLine: told what it writes, whole lines or pieces of long ones.
    /// - Returns: its exit code.
    /// - Throws: `WorldError`; `docker-broken-off` when the engine was not to be reached for ``patience``: the command may go on there.
    package func perform(_ order: Order, onLine: @escaping @Sendable (DockerLine) -> Void) async throws -> Int {
        let name = try await image.ensure(on: api, labels: [DockerLabels.kind: "front-door"], within: .seconds(600))
        let container = try await make(order, image: name)
        let api = api
        do {
            try await api.start(container)
        } catch {
            try? await api.remove(container)
            throw error
        }
        let following = Task { try await follow(container, onLine) }
        let code = try await withTaskCancellationHandler {
            try await following.value
        } onCancel: {
            Task { try? await api.signal(container, "INT") }
        }
        try? await api.remove(container)
        return code
    }

    private func make(_ order: Order, image: String) async throws -> String {
        let mark = String(ContentHash(of: "\(order.platform) \(UInt64.random(in: .min ... .max))".utf8).hex.prefix(8))
        let name = "hauban-\(order.platform)-\(mark)"
        let handed = "\(Self.memory)/remote/\(name)"
        var spec = ContainerSpec(name: name, image: image)
        spec.entrypoint = ["/hauban"]
        spec.command = order.words
        spec.workingFolder = order.folder
        spec.user = "0:0"
        spec.labels = [DockerLabels.platform: order.platform, DockerLabels.kind: DockerLabels.Kind.remote.rawValue]
        spec.isOfTheHost = true
        // Files of secrets are given to their containers' users, and removed again.
        spec.addedCapabilities = ["CHOWN", "DAC_OVERRIDE", "FOWNER"]
        spec.processes = 512
        spec.mounts = [
            .init(.folder("/var/run/docker.sock"), at: "/var/run/docker.sock", isReadOnly: false),
            .init(.lastingFolder(Self.state), at: Self.state, isReadOnly: false),
            .init(.lastingFolder(Self.memory), at: Self.memory, isReadOnly: false),
            .init(.memory(bytes: 64 << 20, mode: 0o1777), at: "/tmp", isReadOnly: false),
        ]
        for folder in Set(order.folders).sorted() { spec.mounts.append(.init(.folder(folder), at: folder)) }
        spec.environment = order.environment.merging(
            [
                "HAUBAN_STATE": Self.state, RemoteHandover.imageVariable: image, RemoteHandover.folderVariable: handed,
                RemoteHandover.callerVariable: order.caller,
                "DOCKER_CONFIG": handed + "/docker",
                // Nothing but hauban is there; and all the files that came are meant.
                "PATH": SourceTree.everything,
            ]
        ) { _, own in own }
        try await sweep()
        let container = try await api.create(spec)
        do {
            var files = order.files
            let folder = Self.sources.dropFirst() + "/"
            for index in files.indices { files[index].name = folder + files[index].name }
            try await api.put(TarStream(files), into: "/", of: container, within: .seconds(600))
            // Last: only a command that runs takes it away again.
            let handed = TarStream(RemoteHandover.entries(order, below: "remote/\(name)"))
            if !handed.entries.isEmpty { try await api.put(handed, into: Self.memory, of: container) }
        } catch {
            try? await api.remove(container)
            throw error
        }
        return container
    }

    /// Removes what callers left whose connection ended before the command did.
    private func sweep() async throws {
        let kind = "\(DockerLabels.kind)=\(DockerLabels.Kind.remote.rawValue)"
        for container in try await api.containers(labelled: [kind]) where container.state == .exited {
            guard let ended = try await api.inspect(container.id).flatMap({ Timestamp.parse($0.endedAt) }),
                Date().timeIntervalSince(ended.date) > 3_600
            else { continue }
            try await api.remove(container.id)
        }
    }

    /// - Returns: the exit code.
    private func follow(_ container: String, _ onLine: @escaping @Sendable (DockerLine) -> Void) async throws -> Int {
        let heard = HeardLines()
        var lastAnswer = keeper.uptime()
        while true {
            do {
                heard.begin()
                try await api.follow(container) { line in
                    if heard.isNew() { onLine(line) }
                }
                // Its log ends when it does.
                return try await api.wait(for: container, within: .seconds(30))
            } catch let error as WorldError where error.code != "docker-not-found" {
                if (try? await api.inspect(container)) != nil { lastAnswer = keeper.uptime() }
                guard keeper.uptime() < lastAnswer + Self.patience else {
                    throw WorldError(
                        code: "docker-broken-off",
                        operation: "hear what \(container.prefix(12)) does at \(api.endpoint)",
                        underlying: error.underlying,
                        hint: "It goes on there all the same; `hauban status` shows it once the engine answers.")
                }
                try await keeper.sleep(.seconds(1))
            }
        }
    }
}

/// Which lines were handed on, where a log is read again from its beginning.
private final class HeardLines: Sendable {
    private let counts = Mutex((told: 0, seen: 0))

    func begin() { counts.withLock { $0.seen = 0 } }

    func isNew() -> Bool {
        counts.withLock { counts in
            counts.seen += 1
            guard counts.seen > counts.told else { return false }
            counts.told = counts.seen
            return true
        }
    }
}
