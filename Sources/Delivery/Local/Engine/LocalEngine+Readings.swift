import World

extension LocalEngine {
    /// Measures what runs, and starts nothing for it: not even a supervisor that was killed.
    package func readings(window: Duration, within limit: Duration) async -> EnvironmentReadings {
        guard SmallFile.text(place.supervisorState) != nil else {
            return EnvironmentReadings(isDeployed: false, traffic: .success([:]), replicas: .success([:]))
        }
        async let traffic = EnvironmentReadings.traffic(of: frontDoor, window: window, within: limit)
        async let replicas = countedReplicas(limit)
        return await EnvironmentReadings(isDeployed: true, traffic: traffic, replicas: replicas)
    }

    private func countedReplicas(
        _ limit: Duration
    ) async -> Result<[String: EnvironmentReadings.Replicas], WorldError> {
        do {
            let statuses = try await SupervisorClient(socket: place.supervisorSocket).status(within: limit)
            return .success(EnvironmentReadings.replicas(statuses))
        } catch let error as WorldError {
            return .failure(error)
        } catch {
            return .failure(
                WorldError(code: "supervisor-absent", operation: "ask the supervisor", underlying: "\(error)"))
        }
    }
}
