import Glibc
import World

/// Answers for a supervisor on a Unix-domain socket, to processes of its own user.
package struct SupervisorServer: Sendable {
    /// Why the server ended.
    package enum Ending: Sendable, Hashable {
        case shutdown
        case detach
        case cancelled
    }

    private let supervisor: Supervisor
    private let configuration: SupervisorConfiguration
    private let listener: UnixListener

    /// Binds the socket; the supervisor must have taken its environment over, whose lock guards the socket too.
    ///
    /// - Throws: `WorldError`
    package init(_ supervisor: Supervisor, _ configuration: SupervisorConfiguration, socket: String) throws {
        self.supervisor = supervisor
        self.configuration = configuration
        listener = try UnixListener.bind(path: socket)
    }

    /// Answers until somebody asks for the end or the task is cancelled.
    package func run() async -> Ending {
        defer { listener.removeFile() }
        return await withTaskGroup(of: Ending?.self) { group in
            let (endings, ending) = AsyncStream.makeStream(of: Ending.self)
            group.addTask {
                await withTaskGroup(of: Void.self) { connections in
                    while let socket = await listener.accept() {
                        connections.addTask { await serve(socket, ending) }
                    }
                    connections.cancelAll()
                }
                return .cancelled
            }
            group.addTask {
                for await ending in endings { return ending }
                return nil
            }
            var answer: Ending?
            while answer == nil, let next = await group.next() { answer = next }
            group.cancelAll()
            return answer ?? .cancelled
        }
    }

    private func serve(_ socket: Socket, _ ending: AsyncStream<Ending>.Continuation) async {
        var channel = LineChannel(socket)
        while !Task.isCancelled {
            do {
                guard let line = try await channel.next(timeout: .seconds(600)) else { return }
                let envelope = try ControlLine.decode(ControlEnvelope.self, line)
                guard envelope.version == ControlEnvelope.currentVersion else {
                    throw WorldError(
                        code: "protocol-version", operation: "read the request",
                        underlying:
                            "version \(envelope.version), this supervisor speaks \(ControlEnvelope.currentVersion)",
                        hint:
                            "Use the hauban that started the supervisor, or stop all with it: `hauban down`.")
                }
                if case .events = envelope.request {
                    for await event in await supervisor.events() {
                        try await socket.send(ControlLine.encode(ControlReply.event(event)), timeout: .seconds(10))
                    }
                    return
                }
                let limit = Duration.seconds(max(0, min(envelope.deadline, 86400)))
                let reply = await answer(envelope.request, fence: envelope.fence, limit)
                try await socket.send(ControlLine.encode(reply), timeout: .seconds(10))
                switch (envelope.request, reply) {
                case (.shutdown, .done): ending.yield(.shutdown)
                case (.detach, .done): ending.yield(.detach)
                default: break
                }
            } catch {
                if Task.isCancelled { return }
                let refusal =
                    error as? WorldError
                    ?? WorldError(code: "bad-request", operation: "read the request", underlying: "\(error)")
                guard let bytes = try? ControlLine.encode(ControlReply.refused(refusal)) else { return }
                try? await socket.send(bytes, timeout: .seconds(1))
                return
            }
        }
    }

    private func answer(_ request: ControlRequest, fence: Int?, _ limit: Duration) async -> ControlReply {
        do {
            try await supervisor.admit(fence)
            return try await Deadline.run(limit, for: "answer within the asker's deadline", configuration.keeper) {
                try await perform(request, limit)
            }
        } catch let error as WorldError {
            return .refused(error)
        } catch {
            return .refused(WorldError(code: "internal", operation: "answer", underlying: "\(error)"))
        }
    }

    private func perform(_ request: ControlRequest, _ limit: Duration) async throws -> ControlReply {
        switch request {
        case .ping:
            let troubles = [await supervisor.trouble, await supervisor.logs.trouble].compactMap { $0 }
            return .pong(
                SupervisorIdentity(
                    protocolVersion: ControlEnvelope.currentVersion, pid: getpid(), state: configuration.state,
                    troubles: troubles, listeners: await supervisor.heldListeners))
        case .start(let workloads): try await supervisor.start(workloads)
        case .stop(let ids): try await supervisor.stop(ids)
        case .remove(let ids): try await supervisor.remove(ids)
        case .restart(let ids): await supervisor.restart(ids)
        case .status: return .statuses(await supervisor.status())
        case .workloads: return .workloads(await supervisor.workloads())
        case .waitUntilReady(let ids, let attempts):
            // A little less than the asker waits, so that the verdict arrives instead of a late nothing.
            let wait = max(.zero, limit - .milliseconds(100))
            return .readiness(try await supervisor.waitUntilReady(ids, within: wait, givingUpAfter: attempts))
        case .shutdown: try await supervisor.shutdown(.asked)
        case .detach: await supervisor.detach()
        case .events: break
        }
        return .done
    }
}
