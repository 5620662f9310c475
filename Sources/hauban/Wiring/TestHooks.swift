import Delivery
import Glibc

/// What tests may ask of a release by variables of the environment: to die, or to stand still, at a chosen point between two
/// commits of its journal, and to say which points it passed. CONTRIBUTING.md describes them.
enum TestHooks {
    /// Does what the variables ask for; nothing without them.
    static var checkpoint: @Sendable (Checkpoint) throws -> Void {
        let variables = ProcessEnvironment.all
        let death = variables["HAUBAN_TEST_KILL_AT"]
        let pause = variables["HAUBAN_TEST_STOP_AT"]
        let trace = variables["HAUBAN_TEST_CHECKPOINTS"]
        guard death != nil || pause != nil || trace != nil else { return { _ in } }
        return { point in
            let name = point.description
            if let trace { append(name, to: trace) }
            if name == death { kill(getpid(), SIGKILL) }
            if name == pause { kill(getpid(), SIGSTOP) }
        }
    }

    private static func append(_ line: String, to path: String) {
        let descriptor = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { return }
        defer { close(descriptor) }
        let bytes = Array((line + "\n").utf8)
        _ = write(descriptor, bytes, bytes.count)
    }
}
