import Glibc
import NIOCore

/// The front door as a process of its own: what the executable's hidden command runs.
package enum FrontDoorProcess {
    /// Serves until a signal or the control API ends it.
    ///
    /// Starts with the configuration of the state file, without routes when there is none. SIGHUP and SIGPIPE are ignored:
    /// the front door outlives the terminal and the supervisor that started it.
    ///
    /// - Parameters:
    ///   - state: path of the file that keeps the configuration in force.
    ///   - control: path of the control API's socket, at most 107 bytes.
    ///   - threads: event loops.
    ///   - signals: those that end it; it cannot catch them itself.
    ///   - grace: how long requests in flight may take after a signal.
    ///   - custody: listening sockets that are open already, and who keeps them meanwhile.
    ///   - report: told in a line what happens, for the supervisor's log.
    /// An address that somebody else has is bound as soon as it is free; the other listeners serve meanwhile.
    /// - Throws: `FrontDoorError` when the state cannot be read.
    package static func run(
        state: String, control: String, threads: Int = System.coreCount,
        signals: AsyncStream<Int32> = AsyncStream { _ in }, grace: Duration = .seconds(30),
        custody: ListenerCustody = ListenerCustody(),
        report: @escaping @Sendable (String) -> Void = { _ in }
    ) async throws {
        for number in [SIGPIPE, SIGHUP] { signal(number, SIG_IGN) }
        raiseDescriptorLimit()
        let (stops, stop) = AsyncStream.makeStream(of: (reason: String, grace: Duration).self)
        let listening = Task { for await number in signals { stop.yield(("signal \(number)", grace)) } }
        defer { listening.cancel() }

        let stateFile = StateFile(path: state)
        let configuration = try stateFile.load() ?? FrontDoorConfiguration(generation: 0)
        let door = try await FrontDoor.start(
            configuration, threads: threads, stateFile: stateFile, isRestart: true, custody: custody, report: report)
        let server: ControlServer
        do {
            server = try await ControlServer.start(path: control, door: door) { grace in
                stop.yield(("control API", grace))
            }
        } catch {
            await door.stop(deadline: .zero)
            throw error
        }
        let lacking = await door.lackingListeners
        for listener in await door.configuration.listeners {
            if let reason = lacking[listener.name] {
                report(
                    "waiting for \(listener.host):\(listener.port) for \(listener.name): \(reason); the other listeners serve"
                )
                continue
            }
            report("listening on \(listener.host):\(listener.port) for \(listener.name)")
        }
        report("serving generation \(configuration.generation), control on \(control)")
        for await (reason, grace) in stops {
            report("stopping: \(reason)")
            let cut = await door.stop(deadline: grace)
            report(cut == 0 ? "stopped" : "stopped, \(cut) connections cut")
            break
        }
        await server.stop()
    }

    /// Each client takes two descriptors; the common soft limit of 1,024 would end at some 500 clients.
    private static func raiseDescriptorLimit() {
        var limit = rlimit()
        guard getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 else { return }
        limit.rlim_cur = limit.rlim_max
        setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
    }
}
