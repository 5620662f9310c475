import World

/// What a container uses at a moment.
package struct ContainerUsage: Sendable, Hashable {
    /// Processor time since it was started.
    package var processorTime: Duration
    /// Without what the kernel keeps of files and would give back.
    package var memory: Int
}

extension DockerAPI {
    /// Maps to `GET /containers/{id}/stats` with `one-shot`, which has no second sample to compare with and so answers at once.
    ///
    /// - Returns: `nil` for one that does not run.
    package func usage(of container: String, within deadline: Duration = .seconds(20)) async throws -> ContainerUsage? {
        let answer: DockerAnswer
        do {
            answer = try await ask(
                "GET", Self.path(container, "stats"), ["stream": "false", "one-shot": "true"],
                for: "measure \(container)", within: deadline)
        } catch let error as WorldError where ["docker-not-found", "docker-conflict"].contains(error.code) {
            return nil
        }
        // One that has ended has members without values.
        guard let used = answer.member("cpu_stats")?.member("cpu_usage"), let memory = answer.member("memory_stats"),
            memory.member("usage") != nil
        else { return nil }
        let total = try memory.number("usage")
        // By the version of control groups: `inactive_file`, or `total_inactive_file` (docs.docker.com/reference/cli/docker/container/stats).
        let statistics = memory.member("stats")
        let key = ["total_inactive_file", "inactive_file"].first { statistics?.member($0) != nil }
        let idle = try key.flatMap { try statistics?.number($0) } ?? 0
        return ContainerUsage(
            processorTime: .nanoseconds(try used.number("total_usage")), memory: max(0, total - idle))
    }
}
