import Planning
import Spec
import World

/// All replicas of one release of one service: a service of the Swarm with its tasks.
struct SwarmReplicas: Sendable, Hashable {
    static let replicas = "hauban.replicas"
    static let image = "hauban.image"
    static let forced = "hauban.forced"

    var service: SwarmService
    var name: ServiceName
    var release: ReleaseID
    /// How many there shall be, whatever somebody scaled it to by hand.
    var wanted: Int
    var fingerprint: String
    var port: Int?
    /// The network by which the front door reaches them.
    var network: String?
    var tasks: [SwarmTask] = []

    /// - Returns: `nil` for labels that somebody changed: such a service is none of ours.
    init?(_ service: SwarmService, zones: DockerLabels) {
        let labels = service.labels
        guard let name = labels[DockerLabels.service].flatMap({ ServiceName($0) }),
            let release = labels[DockerLabels.release].flatMap({ ReleaseID($0) }),
            let wanted = labels[Self.replicas].flatMap({ Int($0) })
        else { return nil }
        self.service = service
        self.name = name
        self.release = release
        self.wanted = wanted
        fingerprint = labels[DockerLabels.fingerprint] ?? ""
        port = labels[DockerLabels.port].flatMap { Int($0) }
        network = labels[DockerLabels.zone].map { zones.network($0) }
    }

    /// Those that run the image that was released; with a check of health, those that pass it.
    var running: [SwarmTask] {
        tasks.filter { $0.state == .running && $0.desired == .running && $0.image == service.labels[Self.image] }
    }

    /// The task of each replica that runs or is to, in the order of their numbers.
    var current: [SwarmTask] {
        Dictionary(grouping: tasks, by: \.slot).sorted { $0.key < $1.key }.compactMap { _, tasks in
            tasks.first { !$0.state.isEnd && ($0.desired == .running || $0.desired == .ready) }
        }
    }

    /// How often a replica ended, or could not be started, without being asked to: what Swarm remembers of it.
    var ends: Int { tasks.count(where: \.isUnasked) }

    /// How often the replica that ended most did so.
    var mostEnds: Int {
        Dictionary(grouping: tasks.filter(\.isUnasked), by: \.slot).values.map(\.count).max() ?? 0
    }

    /// What somebody else did to it, or what failed: hauban changes the number of its replicas, of which Swarm says nothing, and has their
    /// containers replaced by equal ones, which it counts. So whatever else Swarm says of a change, that it returned one by itself most of
    /// all, is none of a release of ours.
    var meddling: String? {
        let isOther = service.image != service.labels[Self.image]
        let isOwn = service.forced > 0 && service.labels[Self.forced] == "\(service.forced)"
        let isFine = service.update == nil || isOwn && ["updating", "completed"].contains(service.update)
        let isScaled = service.replicas != wanted && service.replicas > 0
        guard isOther || isScaled || !isFine else { return nil }
        var words = [
            isOwn && !isOther && !isScaled ? "\(service.name) was restarted" : "\(service.name) was changed by hand"
        ]
        if isOther { words.append("it has the image \(Printable.text(service.image, limit: 120))") }
        if isScaled { words.append("it shall have \(service.replicas) replicas in place of \(wanted)") }
        if let state = service.update { words.append("Swarm says \(Printable.text(state)): \(service.updateMessage)") }
        return (words + reasons).joined(separator: "; ")
    }

    /// Why replicas are missing, in the words of Swarm; the same words once.
    var reasons: [String] {
        var found: [String] = []
        for task in tasks.sorted(by: { ($0.slot, $0.id) < ($1.slot, $1.id) }) where !task.error.isEmpty {
            let text =
                task.error + (task.exitCode.map { $0 > 0 && !task.error.contains("(\($0))") ? " (\($0))" : "" } ?? "")
            if !found.contains(text) { found.append(text) }
        }
        return found
    }
}

extension SwarmTask {
    /// Whether it ended, or could not be started, without being asked to.
    var isUnasked: Bool { state == .failed || state == .rejected || state == .complete }
}

extension SwarmEngine {
    /// The replicas of the environment, or of one service, or of one release of it, with their tasks.
    func known(_ service: ServiceName? = nil, _ release: ReleaseID? = nil) async throws -> [SwarmReplicas] {
        var filter = labels.filter(.service)
        if let service { filter.append("\(DockerLabels.service)=\(service)") }
        if let release { filter.append("\(DockerLabels.release)=\(release)") }
        var all = try await api.services(labelled: filter).compactMap { SwarmReplicas($0, zones: labels) }
        let tasks = Dictionary(grouping: try await api.tasks(of: all.map(\.service.id)), by: \.service)
        for index in all.indices { all[index].tasks = tasks[all[index].service.id] ?? [] }
        return all.sorted { ($0.name, $0.release) < ($1.name, $1.release) }
    }

    func replicas(of service: ServiceName, _ release: ReleaseID) async throws -> SwarmReplicas? {
        try await known(service, release).first
    }
}
