import CLinux
import Glibc
import World

/// The hidden command `hauban supervise`: a supervisor in a process of its own.
package enum SupervisorProcess {
    private enum Ending: Sendable {
        case server(SupervisorServer.Ending)
        case signal
    }

    /// Takes the environment over and serves it until it is told to end.
    ///
    /// SIGTERM and SIGINT end everything in order; the next supervisor starts it again. SIGHUP is ignored. What happens is written to
    /// standard error, a line each.
    /// - Throws: `WorldError`
    package static func run(_ configuration: SupervisorConfiguration, socket: String) async throws {
        signal(SIGHUP, SIG_IGN)
        signal(SIGPIPE, SIG_IGN)
        // Before anybody can know that this process is there, so that no signal comes too early.
        let signals = SignalWatch.stream([SIGTERM, SIGINT])
        // Daemons that services leave behind come to us, to be reaped; without it they would become PID 1's.
        _ = clinux_become_subreaper()
        let supervisor = Supervisor(configuration)
        let events = await supervisor.events()
        try await supervisor.takeOver()
        let server = try SupervisorServer(supervisor, configuration, socket: socket)
        let shelf = try configuration.listenerSocket.map { try ListenerShelfServer(supervisor, socket: $0) }
        let ending = try await withThrowingTaskGroup(of: Ending?.self) { group in
            defer { group.cancelAll() }
            group.addTask {
                for await event in events {
                    let line = "\(Timestamp.text(event.time)) \(event.id) \(event.state.rawValue): \(event.reason)\n"
                    StandardError.write(line)
                }
                return nil
            }
            group.addTask {
                await OrphanReaper().run(configuration.keeper)
                return nil
            }
            group.addTask { .server(await server.run()) }
            if let shelf {
                group.addTask {
                    await shelf.run()
                    return nil
                }
            }
            group.addTask {
                for await _ in signals { break }
                return .signal
            }
            var ending: Ending?
            while ending == nil, let next = try await group.next() { ending = next }
            if case .signal? = ending {
                // Before the group's other tasks end, so that the events are still written and orphans reaped.
                try await supervisor.shutdown(.shutdown)
            }
            return ending
        }
        if case .server(.cancelled)? = ending { await supervisor.detach() }
    }
}

enum StandardError {
    /// Writes at once, in one call; a reader that is gone is no reason to stop.
    static func write(_ text: String) {
        let bytes = Array(text.utf8)
        _ = Glibc.write(2, bytes, bytes.count)
    }
}

/// Reaps processes that were re-parented to this one.
///
/// `waitpid(-1)` would take the children of others in this process from under them; so only those are reaped that are still
/// zombies a second later, which no watcher of a child of its own leaves.
struct OrphanReaper {
    func run(_ keeper: Timekeeper) async {
        var before: Set<Int32> = []
        while !Task.isCancelled {
            let zombies = ProcessTable.now().entries.filter { $0.parent == getpid() && $0.isZombie }.map { $0.pid }
            for pid in zombies where before.contains(pid) { _ = ProcessExit.reap(pid) }
            before = Set(zombies)
            try? await keeper.sleep(.seconds(1))
        }
    }
}
