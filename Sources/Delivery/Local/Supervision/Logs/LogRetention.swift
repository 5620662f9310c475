import World

/// How long the environment's logs stay, as a small file beside them: the command that deploys writes it, and the supervisor,
/// which outlives commands, reads it each time that it looks for what is too old.
package enum LogRetention {
    /// - Parameter folder: that of the structured logs.
    package static func write(_ keep: Duration, in folder: String) throws {
        guard read(folder) != keep else { return }
        try Folder.make(folder)
        let text = "\(keep.components.seconds)\n"
        do {
            try AtomicFile.write(Array(text.utf8), to: path(folder))
        } catch let error as SystemError {
            throw error.during("write \(path(folder))")
        }
    }

    /// - Returns: `nil` where nobody said so: then only the total size bounds what stays.
    package static func read(_ folder: String) -> Duration? {
        SmallFile.text(path(folder)).flatMap { Int($0.filter { $0 != "\n" }) }.map { .seconds($0) }
    }

    private static func path(_ folder: String) -> String { folder + "/.keep" }
}
