import World

/// A server of a Swarm, as its managers see it.
package struct SwarmNode: Sendable, Hashable {
    package enum State: String, Sendable, Hashable {
        case unknown, down, ready, disconnected
    }

    package var id: String
    package var name: String
    /// Where the others reach it.
    package var address: String
    package var state: State
    /// Why it is not ready, in the Swarm's words.
    package var message: String
    /// `active`, `pause` (no new tasks) or `drain` (none at all).
    package var availability: String
    package var isManager: Bool
    /// Of a manager: whether the others reach it.
    package var isReachable: Bool

    init(_ answer: DockerAnswer) throws {
        id = try answer.text("ID")
        name = Printable.text(try answer.member("Description")?.member("Hostname")?.text() ?? id, limit: 64)
        let status = try answer.required("Status")
        guard let known = State(rawValue: try status.text("State")) else {
            throw status.invalid("has a State that is unknown")
        }
        state = known
        message = Printable.text(try status.member("Message")?.text() ?? "")
        address = Printable.text(try status.member("Addr")?.text() ?? "", limit: 64)
        let spec = try answer.required("Spec")
        availability = try spec.member("Availability")?.text() ?? "active"
        isManager = try spec.member("Role")?.text() == "manager"
        isReachable = try answer.member("ManagerStatus")?.member("Reachability")?.text() == "reachable"
    }
}

/// A service of a Swarm.
package struct SwarmService: Sendable, Hashable {
    package var id: String
    package var name: String
    package var labels: [String: String]
    package var image: String
    package var replicas: Int
    /// `updating`, `paused`, `completed`, `rollback_started`, `rollback_paused` or `rollback_completed`, once its containers were changed.
    package var update: String?
    package var updateMessage: String
    /// Ports of servers that lead to it.
    package var published: [Int]
    /// How often its containers were replaced by equal ones.
    package var forced: Int

    /// What it shall be, as the engine sent it, and the number of that.
    let spec: JSONValue
    let version: Int

    init(_ answer: DockerAnswer) throws {
        id = try answer.text("ID")
        version = try answer.required("Version").number("Index")
        let spec = try answer.required("Spec")
        self.spec = spec.value
        name = try spec.text("Name")
        labels = try spec.dictionary("Labels")
        let task = try spec.required("TaskTemplate")
        image = try task.required("ContainerSpec").text("Image")
        forced = task.member("ForceUpdate") == nil ? 0 : try task.number("ForceUpdate")
        replicas =
            try spec.required("Mode").member("Replicated")?.member("Replicas").map { _ in
                try spec.required("Mode").required("Replicated").number("Replicas")
            } ?? 0
        published =
            try answer.member("Endpoint")?.list("Ports")
            .compactMap { $0.member("PublishedPort") == nil ? nil : try $0.number("PublishedPort") } ?? []
        let status = answer.member("UpdateStatus")
        update = try status?.member("State")?.text()
        updateMessage = Printable.text(try status?.member("Message")?.text() ?? "")
    }
}

/// One container of a service, on the server that it was given to.
package struct SwarmTask: Sendable, Hashable {
    /// docs.docker.com/engine/swarm/how-swarm-mode-works/swarm-task-states
    package enum State: String, Sendable, Hashable {
        case new, allocated, pending, assigned, accepted, preparing, ready, starting, running, complete, shutdown,
            failed
        case rejected, remove, orphaned

        /// Whether it will never run again.
        package var isEnd: Bool {
            switch self {
            case .new, .allocated, .pending, .assigned, .accepted, .preparing, .ready, .starting, .running: false
            case .complete, .shutdown, .failed, .rejected, .remove, .orphaned: true
            }
        }
    }

    package var id: String
    package var service: String
    package var slot: Int
    /// Nil until there is room for it somewhere.
    package var node: String?
    package var desired: State
    /// With a check of health it runs once that has passed.
    package var state: State
    /// RFC 3339: since when it is in its state.
    package var since: String
    /// The container on its server, once there was one.
    package var container: String?
    package var image: String
    /// Why it ended or does not start.
    package var error: String
    package var exitCode: Int?
    /// By the names of its networks.
    package var addresses: [String: String]

    init(_ answer: DockerAnswer) throws {
        func known(_ text: String) throws -> State {
            guard let state = State(rawValue: text) else { throw answer.invalid("has a state that is unknown") }
            return state
        }
        id = try answer.text("ID")
        service = try answer.text("ServiceID")
        slot = answer.member("Slot") == nil ? 0 : try answer.number("Slot")
        node = try answer.member("NodeID").map { try $0.text() }
        desired = try known(try answer.text("DesiredState"))
        let status = try answer.required("Status")
        state = try known(try status.text("State"))
        error = Printable.text(try status.member("Err")?.text() ?? "", limit: 300)
        since = try status.member("Timestamp")?.text() ?? ""
        let container = status.member("ContainerStatus")
        self.container = try container?.member("ContainerID")?.text()
        exitCode = container?.member("ExitCode") == nil ? nil : try container?.number("ExitCode")
        image = try answer.required("Spec").required("ContainerSpec").text("Image")
        addresses = [:]
        for attachment in try answer.list("NetworksAttachments") {
            guard let name = try attachment.member("Network")?.member("Spec")?.member("Name")?.text(),
                let first = try attachment.texts("Addresses").first
            else { continue }
            addresses[name] = String(first.prefix { $0 != "/" })
        }
    }
}

/// A secret of a Swarm. Its value cannot be read back.
package struct SwarmSecret: Sendable, Hashable {
    package var id: String
    package var name: String
    package var labels: [String: String]

    init(_ answer: DockerAnswer) throws {
        id = try answer.text("ID")
        let spec = try answer.required("Spec")
        name = try spec.text("Name")
        labels = try spec.dictionary("Labels")
    }
}
