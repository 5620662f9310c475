import Glibc
import Synchronization
import World

/// The log file of one build and its last lines.
final class BuildLog: Sendable {
    private struct State {
        var lines: [String] = []
        var descriptor: Int32
    }

    let path: String
    private let state: Mutex<State>
    private let onLine: @Sendable (String) -> Void

    init(path: String, onLine: @escaping @Sendable (String) -> Void) throws {
        let descriptor = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0o644)
        guard descriptor >= 0 else { throw SystemError.last.during("create \(path)") }
        self.path = path
        self.onLine = onLine
        state = Mutex(State(descriptor: descriptor))
    }

    deinit { close(state.withLock { $0.descriptor }) }

    func write(_ line: String) {
        state.withLock { state in
            state.lines.append(line)
            if state.lines.count > 40 { state.lines.removeFirst(20) }
            let bytes = Array((line + "\n").utf8)
            // A full disk shows in the step itself; its log may then be cut.
            _ = Glibc.write(state.descriptor, bytes, bytes.count)
        }
        onLine(line)
    }

    var lastLines: [String] { state.withLock { Array($0.lines.suffix(20)) } }
}
