import Glibc
package import Planning
package import World

/// Looks at this machine: programs and what they say of themselves, the kernel, folders, ports.
///
/// Every question has a deadline; a program that does not answer in time counts as there, its version as unknown.
package struct MachineProbe: Sendable {
    private let variables: [String: String]
    private let runner: CommandRunner
    private let deadline: Duration

    /// - Parameter variables: handed to the programs that are asked, `PATH` among them.
    package init(variables: [String: String], runner: CommandRunner = .live, deadline: Duration = .seconds(5)) {
        self.variables = variables
        self.runner = runner
        self.deadline = deadline
    }

    private var path: String { variables["PATH"] ?? "/usr/local/bin:/usr/bin:/bin" }

    /// How each program tells its version.
    private static let questions: [String: [String]] = [
        "git": ["--version"], "python3": ["--version"], "node": ["--version"], "npm": ["--version"],
        "swift": ["--version"], "go": ["version"], "redis-server": ["--version"], "kubectl": ["version", "--client"],
        "terraform": ["version"], "gcloud": ["--version"], "aws": ["--version"], "docker": ["--version"],
    ]

    /// - Parameters:
    ///   - needs: what to look for; nothing else is started.
    ///   - state: the folder that holds state, made when it is first used.
    ///   - runtime: the folder for sockets.
    package func facts(
        needs: Set<MachineNeed>, state: String, runtime: String, publicPort: Int, clock: Int
    ) async -> MachineFacts {
        var facts = MachineFacts(kernel: KernelFeatures.version, hasPidfd: KernelFeatures.hasPidfd)
        let wanted = Self.programs(for: needs)
        facts.programs = await withTaskGroup(of: (String, String?).self) { group in
            for program in wanted { group.addTask { (program, await version(of: program)) } }
            var found: [String: String] = [:]
            for await (program, version) in group { found[program] = version }
            return found
        }
        if needs.contains(.python), facts.programs["python3"] != nil {
            facts.canMakeVirtualEnvironments =
                await run(["python3", "-c", "import ensurepip, venv"])?.isSuccess ?? false
        }
        for need in needs {
            guard case .postgres(let major) = need else { continue }
            let binaries = try? await PostgresBinaries.find(major: major, path: path, runner: runner)
            if binaries != nil { facts.postgresMajors.insert(major) }
            facts.postgresMajors.formUnion(Folder.names(in: "/usr/lib/postgresql").compactMap { Int($0) })
        }
        facts.isRoot = geteuid() == 0
        facts.users = Set(["postgres"].filter { getpwnam($0) != nil })
        if needs.contains(.docker) { await askDocker(&facts) }
        facts.hasProc = SmallFile.text("/proc/self/stat") != nil
        var limits = rlimit()
        if getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limits) == 0 {
            facts.openFiles = [limits.rlim_cur, limits.rlim_max].map { Int(clamping: $0) }
        }
        facts.publicPort = publicPort
        facts.isPublicPortFree = FreePort.isFree(publicPort)
        facts.state = Self.place(state)
        facts.runtime = Self.place(runtime)
        facts.clock = clock
        return facts
    }

    private static func programs(for needs: Set<MachineNeed>) -> Set<String> {
        Set(
            needs.flatMap { need -> [String] in
                switch need {
                case .git: ["git"]
                case .python: ["python3"]
                case .node: ["node", "npm"]
                case .swift: ["swift"]
                case .go: ["go"]
                case .redis: ["redis-server"]
                case .docker: ["docker"]
                case .kubectl: ["kubectl"]
                case .terraform: ["terraform"]
                case .gcloud: ["gcloud"]
                case .aws: ["aws"]
                case .kernel, .proc, .openFiles, .stateFolder, .runtimeFolder, .publicPort, .clock, .postgres,
                    .postgresUser, .swarm:
                    []
                }
            })
    }

    private func run(_ arguments: [String]) async -> CommandResult? {
        try? await runner(
            Command(
                arguments: arguments, environment: variables, workingDirectory: "/", deadline: deadline,
                outputLimit: 64 << 10))
    }

    /// `nil` when it is not on PATH; empty when it does not say.
    private func version(of program: String) async -> String? {
        guard (try? ProgramPath.find(program, path: path, workingDirectory: "/")) != nil else { return nil }
        guard let result = await run([program] + (Self.questions[program] ?? ["--version"])), result.isSuccess else {
            return ""
        }
        return VersionText.number(in: result.output + " " + result.errors)
    }

    private func askDocker(_ facts: inout MachineFacts) async {
        guard facts.programs["docker"] != nil else {
            let hasSocket = access("/var/run/docker.sock", R_OK | W_OK) == 0
            facts.dockerEngine = hasSocket ? "/var/run/docker.sock" : nil
            facts.dockerProblem = hasSocket ? "" : "neither `docker` nor its socket is here"
            return
        }
        let format = "{{.ServerVersion}} {{.Swarm.LocalNodeState}}"
        guard let result = await run(["docker", "info", "--format", format]), !result.isLate else {
            facts.dockerProblem = "the engine did not answer within \(deadline)"
            return
        }
        let words = result.output.split(whereSeparator: \.isWhitespace).map(String.init)
        guard result.isSuccess, let version = words.first, version.first?.isNumber == true else {
            facts.dockerProblem = "the engine does not answer"
            return
        }
        facts.dockerEngine = version
        facts.isInSwarm = words.last == "active"
    }

    /// Looks at the nearest folder that exists: what is missing below it is made when it is first used.
    private static func place(_ path: String) -> MachineFacts.Place {
        var existing = path
        while access(existing, F_OK) != 0, let slash = existing.lastIndex(of: "/"), existing != "/" {
            existing = slash == existing.startIndex ? "/" : String(existing[..<slash])
        }
        var place = MachineFacts.Place(path: path)
        if access(existing, W_OK | X_OK) != 0 {
            place.problem = existing == path ? "not writable" : "\(existing) is not writable"
        }
        var system = statvfs()
        if statvfs(existing, &system) == 0 {
            place.freeBytes = Int(clamping: UInt64(system.f_bavail) * UInt64(system.f_frsize))
        }
        return place
    }
}

/// Finding the version in what a program says.
enum VersionText {
    /// `15.14` in `postgres (PostgreSQL) 15.14 (Debian …)`: the first word that starts with digits and a dot; empty when
    /// there is none.
    static func number(in text: String) -> String {
        for word in text.split(whereSeparator: { $0.isWhitespace || "=,/:".contains($0) }) {
            let bare = word.hasPrefix("go") ? word.dropFirst(2) : word.first == "v" ? word.dropFirst() : word
            let number = bare.prefix { $0.isNumber || $0 == "." }
            if number.first?.isNumber == true, number.contains(".") {
                return number.last == "." ? String(number.dropLast()) : String(number)
            }
        }
        return ""
    }
}
