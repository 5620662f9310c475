import World

/// Asks the supervisor of an environment; one connection a question.
package struct SupervisorClient: Sendable {
    private let socket: String
    private var fence: Int?

    package init(socket: String) { self.socket = socket }

    /// The same for the holder of a lease: the supervisor refuses it once it was asked by a later one.
    package func fenced(_ fence: Int?) -> SupervisorClient {
        var client = self
        client.fence = fence
        return client
    }

    /// Says that this lease is the one that counts.
    ///
    /// - Throws: `WorldError` with the code `lease-lost` when a later one does.
    package func claim(within limit: Duration = .seconds(5)) async throws { _ = try await ping(within: limit) }

    /// Who answers.
    ///
    /// - Throws: `WorldError` with the code `supervisor-absent` when nobody does.
    package func ping(within limit: Duration = .seconds(2)) async throws -> SupervisorIdentity {
        guard case .pong(let identity) = try await ask(.ping, within: limit) else { throw Self.odd }
        return identity
    }

    /// Starts workloads; those that run already are left alone.
    package func start(_ workloads: [Workload], within limit: Duration = .seconds(30)) async throws {
        try await expectDone(.start(workloads), limit)
    }

    /// Ends replicas and waits until they have.
    package func stop(_ ids: [String], within limit: Duration = .seconds(120)) async throws {
        try await expectDone(.stop(ids), limit)
    }

    /// Ends replicas and forgets them.
    package func remove(_ ids: [String], within limit: Duration = .seconds(120)) async throws {
        try await expectDone(.remove(ids), limit)
    }

    /// Restarts replicas, without waiting.
    package func restart(_ ids: [String], within limit: Duration = .seconds(10)) async throws {
        try await expectDone(.restart(ids), limit)
    }

    /// All replicas as they are now.
    package func status(within limit: Duration = .seconds(10)) async throws -> [WorkloadStatus] {
        guard case .statuses(let statuses) = try await ask(.status, within: limit) else { throw Self.odd }
        return statuses
    }

    /// The workloads, as they were given.
    package func workloads(within limit: Duration = .seconds(10)) async throws -> [Workload] {
        guard case .workloads(let workloads) = try await ask(.workloads, within: limit) else { throw Self.odd }
        return workloads
    }

    /// Waits until all are ready; ends early when one of them cannot become so.
    package func waitUntilReady(
        _ ids: [String], within limit: Duration, givingUpAfter attempts: Int? = nil
    ) async throws -> ReadinessVerdict {
        let request = ControlRequest.waitUntilReady(ids, attempts: attempts)
        guard case .readiness(let verdict) = try await ask(request, within: limit) else { throw Self.odd }
        return verdict
    }

    /// Ends everything and the supervisor.
    package func shutdown(within limit: Duration = .seconds(180)) async throws {
        try await expectDone(.shutdown, limit)
    }

    /// Ends the supervisor and leaves everything running.
    package func detach(within limit: Duration = .seconds(10)) async throws { try await expectDone(.detach, limit) }

    /// What happens from now on; ends with the supervisor.
    package func events() async throws -> AsyncStream<SupervisorEvent> {
        let opened = LineChannel(try await connect(within: .seconds(2)))
        let envelope = ControlEnvelope(version: ControlEnvelope.currentVersion, deadline: 0, request: .events)
        try await opened.socket.send(ControlLine.encode(envelope), timeout: .seconds(2))
        return AsyncStream { continuation in
            let task = Task {
                var channel = opened
                while !Task.isCancelled, let line = try? await channel.next(timeout: nil),
                    case .event(let event)? = try? ControlLine.decode(ControlReply.self, line)
                {
                    continuation.yield(event)
                }
                continuation.finish()
            }
            continuation.onTermination = { _ in task.cancel() }
        }
    }

    private func expectDone(_ request: ControlRequest, _ limit: Duration) async throws {
        guard case .done = try await ask(request, within: limit) else { throw Self.odd }
    }

    private func ask(_ request: ControlRequest, within limit: Duration) async throws -> ControlReply {
        var channel = LineChannel(try await connect(within: limit))
        let seconds = Double(limit.components.seconds) + Double(limit.components.attoseconds) / 1e18
        let envelope = ControlEnvelope(
            version: ControlEnvelope.currentVersion, deadline: seconds, fence: fence, request: request)
        try await channel.socket.send(ControlLine.encode(envelope), timeout: limit)
        // The supervisor keeps the deadline; the second is for its answer that it was late.
        guard let line = try await channel.next(timeout: limit + .seconds(1)) else {
            throw WorldError(
                code: "supervisor-ended", operation: "ask the supervisor", underlying: "it closed the connection",
                hint: "See supervisor.log in its state folder.")
        }
        let reply = try ControlLine.decode(ControlReply.self, line)
        if case .refused(let error) = reply { throw error }
        return reply
    }

    private func connect(within limit: Duration) async throws -> Socket {
        do {
            return try await Socket.connect(path: socket, timeout: limit)
        } catch let error as WorldError where error.code != "socket-path-too-long" {
            throw WorldError(
                code: "supervisor-absent", operation: error.operation, underlying: error.underlying,
                hint: "No supervisor runs for this environment; `hauban up` or `hauban deploy` starts one.")
        }
    }

    private static var odd: WorldError {
        WorldError(
            code: "protocol", operation: "ask the supervisor", underlying: "its answer does not fit the question",
            hint: "Use the hauban that started the supervisor.")
    }
}
