import Glibc
import World

/// Ending what runs that were killed left at work.
enum PipelineSweep {
    private static let prefix = "hauban-ci."

    /// The mark of everything that this process starts for a run.
    static func mark(of folder: String) -> String {
        let own = ProcessRecord(running: getpid())
        return "\(prefix)\(getpid()).\(own?.startTime ?? 0).\(ContentHash(of: folder.utf8).short)"
    }

    static func sweep() {
        for (entry, value) in ProcessMark.find(Command.workMark, nil) where value.hasPrefix(prefix) {
            let parts = value.dropFirst(prefix.count).split(separator: ".")
            guard parts.count >= 2, let pid = Int32(parts[0]), let start = UInt64(parts[1]) else { continue }
            if let owner = ProcessEntry(pid: pid), owner.startTime == start, !owner.isZombie { continue }
            kill(entry.pid, SIGKILL)
        }
    }
}
