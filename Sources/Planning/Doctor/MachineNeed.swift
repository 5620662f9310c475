package import Spec

/// One thing that a machine must have before something of Hauban works on it.
package enum MachineNeed: Sendable, Hashable, Comparable {
    case kernel, proc, openFiles, stateFolder, runtimeFolder, publicPort, clock
    case git, python, node, swift, go
    case postgres(Int)
    case postgresUser
    case redis
    case docker, swarm, kubectl, terraform, gcloud, aws

    /// The name in the table and in JSON.
    package var title: String {
        switch self {
        case .kernel: "kernel"
        case .proc: "/proc"
        case .openFiles: "open files"
        case .stateFolder: "state folder"
        case .runtimeFolder: "runtime folder"
        case .publicPort: "port"
        case .clock: "clock"
        case .git: "git"
        case .python: "Python"
        case .node: "Node.js and npm"
        case .swift: "Swift"
        case .go: "Go"
        case .postgres(let major): "PostgreSQL \(major)"
        case .postgresUser: "user postgres"
        case .redis: "Redis"
        case .docker: "Docker Engine"
        case .swarm: "Docker Swarm"
        case .kubectl: "kubectl"
        case .terraform: "Terraform"
        case .gcloud: "gcloud"
        case .aws: "AWS CLI"
        }
    }
}

/// What asks something of a machine: one environment of a platform, or a target that a platform might have.
package struct DoctorSubject: Sendable, Hashable {
    /// `dev (local)`, or the target alone.
    package var title: String
    package var target: Environment.Target
    package var stacks: Set<Stack>
    package var postgresMajors: Set<Int>
    package var hasRedis: Bool

    /// The version that `local` starts where the platform names none.
    package static let usualPostgres = 15

    /// A target by itself, with nothing that services of one kind would need.
    package init(target: Environment.Target) {
        title = target.rawValue
        self.target = target
        stacks = []
        postgresMajors = []
        hasRedis = false
    }

    /// Without a platform: `local` by itself is asked about; what kinds of services and the other targets need is shown.
    package static var withoutPlatform: (asked: [DoctorSubject], others: [DoctorSubject]) {
        let local = DoctorSubject(target: .local)
        let stacks = [Stack.python, .node, .swift, .go].map { stack in
            var subject = local
            subject.title = "\(stack.rawValue) services"
            subject.stacks = [stack]
            return subject
        }
        var postgres = local
        postgres.title = "postgres resources"
        postgres.postgresMajors = [usualPostgres]
        var redis = local
        redis.title = "redis resources"
        redis.hasRedis = true
        let targets = Environment.Target.allCases.filter { $0 != .local }.map { DoctorSubject(target: $0) }
        return ([local], stacks + [postgres, redis] + targets)
    }

    /// An environment; `stacks` are those that its services are built with.
    package init(platform: Platform, environment: EnvironmentName, target: Environment.Target, stacks: Set<Stack>) {
        title = "\(environment) (\(target.rawValue))"
        self.target = target
        self.stacks = stacks
        let databases = platform.resources.values.filter { $0.kind == .postgres }
        postgresMajors = Set(databases.map { $0.version ?? Self.usualPostgres })
        hasRedis = platform.resources.values.contains { $0.kind == .redis }
    }

    /// What it needs; `isRoot` since PostgreSQL's server refuses to run as root and needs a user of its own then.
    package func needs(isRoot: Bool) -> Set<MachineNeed> {
        switch target {
        case .local:
            var needs: Set<MachineNeed> = [
                .kernel, .proc, .openFiles, .stateFolder, .runtimeFolder, .publicPort, .clock, .git,
            ]
            for stack in stacks {
                switch stack {
                case .python: needs.insert(.python)
                case .node: needs.insert(.node)
                case .swift: needs.insert(.swift)
                case .go: needs.insert(.go)
                case .site, .plain: break
                }
            }
            needs.formUnion(postgresMajors.map { .postgres($0) })
            if isRoot, !postgresMajors.isEmpty { needs.insert(.postgresUser) }
            if hasRedis { needs.insert(.redis) }
            return needs
        case .docker: return [.clock, .git, .stateFolder, .docker]
        case .swarm: return [.clock, .git, .stateFolder, .docker, .swarm]
        case .kubernetes: return [.clock, .git, .stateFolder, .docker, .kubectl]
        case .gcp: return [.clock, .git, .stateFolder, .docker, .terraform, .gcloud]
        case .aws: return [.clock, .git, .stateFolder, .docker, .terraform, .aws]
        }
    }
}
