import FoundationEssentials
import FrontDoor
import World

extension LocalEngine {
    /// What runs now; a supervisor that was killed is started again and adopts it.
    package func environmentStatus() async throws -> EnvironmentStatus {
        var troubles: [WorldError] = []
        var replicas: [WorkloadStatus]
        do {
            guard let supervisor = try await knownSupervisor() else { return .empty }
            replicas = try await supervisor.status()
            troubles += try await supervisor.ping().troubles
        } catch let error as WorldError {
            // Nobody supervises, and nobody can be started to: what runs can be seen all the same.
            replicas = try SupervisorState.lastKnown(place.supervisorState)
            troubles.append(error)
        }
        var status = await EnvironmentStatus(
            replicas: replicas, asking: frontDoor, address: await publicAddress(), trouble: Self.refusal)
        status.troubles = troubles + status.troubles
        return status
    }

    /// The supervisor does so by itself, once a command has started it.
    package func wake() async throws -> [String] { [] }

    /// Stops everything; data, builds and history stay.
    ///
    /// - Returns: how many processes were stopped.
    package func down() async throws -> Int {
        guard let supervisor = try await knownSupervisor() else { return 0 }
        let running = try await supervisor.status().filter { $0.pid != nil }.count
        let all = try await supervisor.workloads()
        let services = all.filter { $0.kind == .service }.map(\.id)
        if !services.isEmpty { try await supervisor.remove(services) }
        let resources = all.filter { $0.kind == .resource }.map(\.id)
        if !resources.isEmpty { try await supervisor.remove(resources) }
        // Without routes the next front door starts empty, and not with the ports of replicas that are gone.
        if (try? await frontDoor.configuration()) != nil {
            _ = try await changeFrontDoor { configuration in
                configuration.routes = []
                for name in configuration.services.keys {
                    configuration.services[name]?.releases = []
                    configuration.services[name]?.canary = nil
                }
            }
        }
        let process = ProcessRecord(running: try await supervisor.ping().pid)
        try await supervisor.shutdown()
        // It answers before it ends.
        if let process { _ = await ProcessExit.wait(for: process, timeout: .seconds(5)) }
        return running
    }

    package func hasFrontDoor() async throws -> Bool {
        try await knownSupervisor()?.status().contains { $0.id == Self.frontDoorID } ?? false
    }
}
