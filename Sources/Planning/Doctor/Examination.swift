import Spec

/// What a machine lacks, and the command that mends each lack.
package struct Examination: Sendable, Hashable {
    package enum State: String, Sendable, Hashable, Codable {
        case good
        /// Lacking, and something that was asked about needs it.
        case lacking
        /// Lacking, and only other targets need it.
        case notNeeded = "not-needed"

        /// For the table.
        package var mark: String {
            switch self {
            case .good: "✓"
            case .lacking: "✗"
            case .notNeeded: "–"
            }
        }
    }

    package struct Row: Sendable, Hashable {
        package var need: MachineNeed
        package var state: State
        /// A version, a path, or what is wrong.
        package var found: String
        /// Titles of the subjects that need it.
        package var neededBy: [String]
        /// The command or sentence that mends it; `nil` when nothing is to be mended.
        package var mend: String?
    }

    package var rows: [Row]

    /// Nothing that was asked about lacks anything.
    package var isWell: Bool { !rows.contains { $0.state == .lacking } }

    /// Judges a machine.
    /// - Parameters:
    ///   - asked: what must be able to run here.
    ///   - others: what is shown as well, without being demanded.
    package static func of(_ facts: MachineFacts, asked: [DoctorSubject], others: [DoctorSubject] = []) -> Examination {
        let demanded = Set(asked.flatMap { $0.needs(isRoot: facts.isRoot) })
        let subjects = asked + others
        let all = Set(subjects.flatMap { $0.needs(isRoot: facts.isRoot) }).sorted()
        return Examination(
            rows: all.map { need in
                let (lack, found) = Self.judge(need, facts)
                return Row(
                    need: need, state: lack == nil ? .good : demanded.contains(need) ? .lacking : .notNeeded,
                    found: found,
                    neededBy: Self.names(of: need, subjects, facts),
                    mend: lack)
            })
    }

    /// Who needs it; what a target needs by itself is not repeated for each kind of service on it.
    private static func names(of need: MachineNeed, _ subjects: [DoctorSubject], _ facts: MachineFacts) -> [String] {
        let who = subjects.filter { $0.needs(isRoot: facts.isRoot).contains(need) }
        let plain = who.filter { $0.title == $0.target.rawValue }.map(\.target)
        return who.filter { $0.title == $0.target.rawValue || !plain.contains($0.target) }.map(\.title)
    }

    /// - Returns: the mend when it lacks, and what was found.
    private static func judge(_ need: MachineNeed, _ facts: MachineFacts) -> (mend: String?, found: String) {
        func program(_ name: String, _ mend: String) -> (String?, String) {
            guard let version = facts.programs[name] else { return (mend, "`\(name)` is not on PATH") }
            return (nil, version.isEmpty ? "there" : version)
        }
        switch need {
        case .kernel:
            let version = facts.kernel.map(String.init).joined(separator: ".")
            // pidfd_open(2) came with Linux 5.3; it is how a supervisor adopts the processes of the one before it.
            guard facts.hasPidfd else {
                return ("Boot Linux 5.3 or later.", "\(version) without pidfd_open")
            }
            return (nil, "Linux \(version)")
        case .proc:
            return facts.hasProc ? (nil, "mounted") : ("mount -t proc proc /proc", "not mounted")
        case .openFiles:
            let soft = facts.openFiles.first ?? 0
            return soft >= 1024 ? (nil, "\(soft)") : ("ulimit -n 4096", "\(soft), fewer than 1024")
        case .stateFolder: return place(facts.state, least: 1 << 30)
        case .runtimeFolder: return place(facts.runtime, least: 16 << 20)
        case .publicPort:
            // A lack of comfort only: another one is chosen then, and the platform's own front door may be what has it.
            let taken = "\(facts.publicPort) is taken; `hauban up` chooses another, or say which: `--port 3000`"
            return (nil, facts.isPublicPortFree ? "\(facts.publicPort) is free" : taken)
        case .clock:
            // 2025-01-01 and 2100-01-01: certificates and logs of a clock outside are of no use.
            let isSane = (1_735_689_600..<4_102_444_800).contains(facts.clock)
            return isSane ? (nil, "set") : ("timedatectl set-ntp true", "\(facts.clock) s since 1970 cannot be right")
        case .git: return program("git", "apt-get install git")
        case .python:
            let (mend, found) = program("python3", "apt-get install python3 python3-venv")
            guard mend == nil, !facts.canMakeVirtualEnvironments else { return (mend, found) }
            return ("apt-get install python3-venv", "\(found), but it cannot make virtual environments with pip")
        case .node:
            let (mend, found) = program("node", "apt-get install nodejs npm")
            guard mend == nil else { return (mend, found) }
            let (npmMend, npm) = program("npm", "apt-get install npm")
            return (npmMend, npmMend == nil ? "\(found), npm \(npm)" : npm)
        case .swift: return program("swift", "See https://www.swift.org/install/linux and put it on PATH.")
        case .go: return program("go", "apt-get install golang-go")
        case .postgres(let major):
            if facts.postgresMajors.contains(major) { return (nil, "there") }
            let others = facts.postgresMajors.sorted().map(String.init).joined(separator: ", ")
            return (
                "apt-get install postgresql-\(major)",
                others.isEmpty ? "no PostgreSQL server" : "this machine has \(others)"
            )
        case .postgresUser:
            return facts.users.contains("postgres")
                ? (nil, "there")
                : (
                    "adduser --system --group --home /var/lib/postgresql postgres",
                    "missing; root cannot run PostgreSQL itself"
                )
        case .redis: return program("redis-server", "apt-get install redis-server")
        case .docker:
            if let engine = facts.dockerEngine { return (nil, engine.isEmpty ? "answers" : engine) }
            return (
                facts.programs["docker"] == nil ? "apt-get install docker.io" : "systemctl start docker",
                facts.dockerProblem.isEmpty ? "no engine answers" : facts.dockerProblem
            )
        case .swarm:
            return facts.isInSwarm ? (nil, "member") : ("docker swarm init", "this engine is in no Swarm")
        case .kubectl: return program("kubectl", "See https://kubernetes.io/docs/tasks/tools/.")
        case .terraform: return program("terraform", "See https://developer.hashicorp.com/terraform/install.")
        case .gcloud: return program("gcloud", "See https://cloud.google.com/sdk/docs/install.")
        case .aws: return program("aws", "apt-get install awscli")
        }
    }

    private static func place(_ place: MachineFacts.Place, least: Int) -> (String?, String) {
        if let problem = place.problem {
            return ("mkdir -p \(place.path) && chown \"$(id -u)\" \(place.path)", "\(place.path): \(problem)")
        }
        guard let free = place.freeBytes, free < least else {
            return (nil, place.path + (place.freeBytes.map { ", \(Self.size($0)) free" } ?? ""))
        }
        return ("df -h \(place.path)  # and remove what is not needed", "\(place.path): only \(Self.size(free)) free")
    }

    private static func size(_ bytes: Int) -> String {
        bytes >= 1 << 30 ? "\(bytes >> 30) GiB" : "\(bytes >> 20) MiB"
    }
}
