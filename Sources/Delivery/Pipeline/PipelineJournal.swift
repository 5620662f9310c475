import FoundationEssentials
import Glibc
import Synchronization
import World

/// What came about in a run, a line of JSON each, as it comes about: readable after a crash too.
final class PipelineJournal: Sendable {
    struct Line: Codable {
        /// Seconds since the run began.
        var at: Double
        var event: String
        var step: String?
        var attempt: Int?
        var detail: String?
    }

    private let descriptor: Int32

    init(path: String) throws {
        descriptor = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw SystemError.last.during("create \(path)") }
    }

    deinit { close(descriptor) }

    func write(_ line: Line) {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        guard let json = try? encoder.encode(line) else { return }
        let bytes = Array(json) + [0x0a]
        // One write with O_APPEND: lines of parallel steps do not mix.
        _ = Glibc.write(descriptor, bytes, bytes.count)
    }
}
