import Glibc
import Synchronization
import World

/// What one step prints, on disk, with the secrets taken out.
final class StepLog: Sendable {
    private struct State {
        var splitter = LineSplitter()
        var last: [String] = []
        var bytes = 0
    }

    /// What is written at most; a tool that prints for ever does not fill the disk.
    private static let limit = 64 << 20

    private let descriptor: Int32
    private let mask: SecretMask
    private let onLine: @Sendable (String) -> Void
    private let state = Mutex(State())

    init(path: String, mask: SecretMask, onLine: @escaping @Sendable (String) -> Void) throws {
        descriptor = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw SystemError.last.during("create \(path)") }
        self.mask = mask
        self.onLine = onLine
    }

    deinit { close(descriptor) }

    func take(_ bytes: some Sequence<UInt8>) {
        for line in state.withLock({ $0.splitter.feed(bytes) }) { write(line.text) }
    }

    func flush() {
        if let line = state.withLock({ $0.splitter.flush() }) { write(line.text) }
    }

    func write(_ text: String) {
        let line = mask(text)
        state.withLock { state in
            state.last.append(line)
            if state.last.count > 80 { state.last.removeFirst(40) }
            let bytes = Array((line + "\n").utf8)
            if state.bytes <= Self.limit, state.bytes + bytes.count > Self.limit {
                let end = Array("(more than \(Self.limit >> 20) MiB: the rest is not kept)\n".utf8)
                _ = Glibc.write(descriptor, end, end.count)
            }
            state.bytes += bytes.count
            // A full disk shows in the step itself; its log may then be cut.
            if state.bytes <= Self.limit { _ = Glibc.write(descriptor, bytes, bytes.count) }
        }
        onLine(line)
    }

    var lastLines: [String] { state.withLock { Array($0.last.suffix(30)) } }
}
