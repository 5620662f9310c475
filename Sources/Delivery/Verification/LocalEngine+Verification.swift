import FoundationEssentials
import FrontDoor
import Glibc
package import Planning
import Spec
import World

extension LocalEngine: VerifiedEngine {
    package func whereabouts(of desired: DesiredState, within deadline: Duration) async throws -> Whereabouts {
        try await Deadline.run(deadline, for: "look at what runs", keeper) {
            guard let supervisor = try await knownSupervisor() else {
                throw WorldError(
                    code: "nothing-runs", operation: "verify \(environment)", underlying: "nothing was deployed here",
                    hint: "`hauban deploy \(environment)` ships a release.")
            }
            let statuses = try await supervisor.status()
            let door = try? await frontDoor.configuration(deadline: .seconds(5))
            // What was stopped on purpose is not a release that fails: of it only an empty front door is left.
            let known = try door ?? StateFile(path: place.frontDoorState).load()
            let isServed = known?.services.values.contains { !$0.releases.isEmpty } ?? false
            guard isServed || statuses.contains(where: { $0.kind != .frontDoor }) else {
                throw WorldError(
                    code: "nothing-runs", operation: "verify \(environment)", underlying: "everything was stopped",
                    hint: "`hauban deploy \(environment)` starts it.")
            }
            let now = Int(Date().timeIntervalSince1970)
            let (closed, unknown) = ports(of: desired, statuses)
            return Whereabouts(
                address: await publicAddress(), authorities: desired.tls?.authorities,
                bypass: door?.maintenance.flatMap { $0.isOn(at: now) ? $0.token : nil },
                replicas: statuses.filter { $0.kind == .service && $0.state != .stopping && $0.state != .stopped }
                    .compactMap { status in
                        ServiceName(status.name).map { name in
                            Whereabouts.Replica(
                                service: name, name: "\(name).\(status.release).\(status.replica)", port: status.port,
                                trouble: status.state == .ready
                                    ? nil : "it is \(status.state.rawValue): \(status.reason)"
                            )
                        }
                    },
                closedPorts: closed,
                // Nobody reaches a machine that has no address but its own.
                unpublished: OutsideAddresses.all().isEmpty ? desired.resources.map(\.name.text) : [],
                unknownPorts: unknown)
        }
    }

    /// Databases and caches listen for this machine alone. What services listen on is their own affair here: they are processes
    /// like any other, on ports that change.
    private func ports(
        of desired: DesiredState, _ statuses: [WorkloadStatus]
    ) -> ([Whereabouts.ClosedPort], unknown: [String: String]) {
        let addresses = OutsideAddresses.all()
        var closed: [Whereabouts.ClosedPort] = []
        var unknown: [String: String] = [:]
        for resource in desired.resources {
            let status = statuses.first { $0.kind == .resource && $0.name == resource.name.text }
            guard let port = status?.port else {
                unknown[resource.name.text] = "it does not run, so its port is not known"
                continue
            }
            closed += addresses.map { .init(owner: resource.name.text, address: $0, port: port) }
        }
        return (closed, unknown)
    }

    package func get(
        _ path: String, of replica: Whereabouts.Replica, within deadline: Duration
    ) async throws -> HTTPGlance {
        guard let port = replica.port else {
            throw WorldError(code: "no-port", operation: "ask \(replica.name)", underlying: "it listens nowhere")
        }
        return try await HTTPGlance.of("http://127.0.0.1:\(port)\(path)", within: deadline)
    }

    package func ask(
        _ resource: DesiredResource, in desired: DesiredState, within deadline: Duration
    ) async throws -> String? {
        guard let user = desired.uses(of: resource.name).first?.service else { return nil }
        return try await Deadline.run(deadline, for: "ask \(resource.name)", keeper) {
            guard let local = try localResource(resource) else {
                throw WorldError(
                    code: "resource-not-local", operation: "ask \(resource.name)",
                    underlying: "no engine of this machine keeps a \(resource.kind)")
            }
            try await local.check(for: user)
            return "answers \(user)"
        }
    }

    package func usage(of desired: DesiredState, within deadline: Duration) async throws -> [ReplicaUsage] {
        let statuses = try await SupervisorClient(socket: place.supervisorSocket).status(within: deadline)
        let processors = max(1, Int(sysconf(Int32(_SC_NPROCESSORS_ONLN))))
        let memory = max(1, Int(sysconf(Int32(_SC_PHYS_PAGES)))) * max(1, Int(sysconf(Int32(_SC_PAGESIZE))))
        return statuses.filter { $0.kind != .frontDoor && $0.state != .stopping && $0.state != .stopped }.map {
            status in
            ReplicaUsage(
                name: status.name, replica: status.id, isReady: status.state == .ready, restarts: status.restarts,
                cpu: status.cpu, memory: status.residentBytes, processors: Double(processors),
                processorWords: processors == 1 ? "the machine's processor" : "the machine's \(processors) processors",
                memoryLimit: memory, memoryWords: "the machine's \(memory >> 20) MiB")
        }
    }
}
