import Glibc

/// Writing a file so that a reader, or the next start after a crash, sees the old content or the new, never a part.
package enum AtomicFile {
    /// Writes beside the target, syncs, renames over it and syncs the folder, so that it also survives a power cut.
    ///
    /// Two writers of one path must exclude each other; the name of the file beside it is fixed, so that a crash leaves at
    /// most one. Without `durable` it survives the death of this process, not of the machine, and costs no sync.
    /// - Throws: `WorldError`
    package static func write(_ bytes: [UInt8], to path: String, mode: UInt32 = 0o600, durable: Bool = true) throws {
        let beside = path + ".new"
        let descriptor = open(beside, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, mode)
        guard descriptor >= 0 else { throw failure("create", beside) }
        do {
            defer { close(descriptor) }
            var written = 0
            while written < bytes.count {
                let count = bytes.withUnsafeBytes { buffer in
                    Glibc.write(descriptor, buffer.baseAddress?.advanced(by: written), bytes.count - written)
                }
                if count < 0 {
                    if errno == EINTR { continue }
                    throw discard("write", beside)
                }
                written += count
            }
            guard !durable || fsync(descriptor) == 0 else { throw discard("sync", beside) }
        }
        guard rename(beside, path) == 0 else { throw discard("rename", beside) }
        if durable { try syncFolder(of: path) }
    }

    static func syncFolder(of path: String) throws {
        let folder = path.lastIndex(of: "/").map { String(path[..<$0]) } ?? "."
        let descriptor = open(folder.isEmpty ? "/" : folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else { throw failure("open", folder) }
        defer { close(descriptor) }
        guard fsync(descriptor) == 0 else { throw failure("sync", folder) }
    }

    /// On a full disk the part that was written is room that others need.
    private static func discard(_ verb: String, _ path: String) -> WorldError {
        let error = failure(verb, path)
        unlink(path)
        return error
    }

    private static func failure(_ verb: String, _ path: String) -> WorldError {
        SystemError.last.during("\(verb) \(path)", hint: "Check the free space and the permissions of its folder.")
    }
}
