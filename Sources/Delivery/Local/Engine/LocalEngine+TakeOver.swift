import FrontDoor
import Glibc
import World

extension LocalEngine {
    package func takeOver() async throws {
        try await endCommands()
        guard Fence.current != nil, let supervisor = try await knownSupervisor() else { return }
        try await supervisor.claim()
        // Who read the configuration before the claim cannot apply its next generation any more; who reads it now asks the
        // supervisor before it applies.
        guard var configuration = try? await frontDoor.configuration() else { return }
        configuration.generation += 1
        _ = try? await frontDoor.apply(configuration)
    }

    /// Applies the next generation of what is in force, unless another executor took over.
    func apply(_ wanted: FrontDoorConfiguration) async throws -> FrontDoorConfiguration {
        var next = wanted
        next.generation += 1
        try await supervisor().claim()
        return try await frontDoor.apply(next)
    }

    /// Ends builds and migrations that a killed executor left behind: a migration must not run beside itself.
    private func endCommands() async throws {
        // More than once: what is killed may have been starting another.
        for _ in 0..<100 {
            let left = ProcessMark.find(Self.commandMark, place.state).map(\.entry.pid)
            if left.isEmpty { return }
            for pid in left { kill(pid, SIGKILL) }
            try await keeper.sleep(.milliseconds(5))
        }
    }
}
