import Glibc

/// Replacing a file of state in one step, on a full disk too: the next version is written into the blocks of the one before
/// the last, which stays beside it as `.new`.
///
/// What is written is padded with spaces, so the content must be one that does not mind them at its end, as JSON does. Only
/// growth beyond the slack needs new blocks.
package enum StandbyFile {
    private static let block = 4096

    /// Writes the bytes; a reader, or the next start after a crash, sees the old content or the new.
    ///
    /// Two writers of one path must exclude each other. With `durable` it survives a power cut.
    /// - Throws: `WorldError`
    package static func write(_ bytes: [UInt8], to path: String, mode: UInt32 = 0o600, durable: Bool = true) throws {
        let beside = path + ".new"
        let descriptor = open(beside, O_WRONLY | O_CREAT | O_CLOEXEC, mode)
        guard descriptor >= 0 else { throw failure("create", beside) }
        do {
            defer { close(descriptor) }
            let there = Int(lseek(descriptor, 0, SEEK_END))
            // A quarter of slack, so that a state that grows a little still fits.
            let wanted = (bytes.count + bytes.count / 4 + block) / block * block
            let padded = bytes + [UInt8](repeating: 0x20, count: max(wanted, there) - bytes.count)
            var written = 0
            while written < padded.count {
                let count = padded.withUnsafeBytes {
                    pwrite(descriptor, $0.baseAddress?.advanced(by: written), padded.count - written, off_t(written))
                }
                if count < 0 {
                    if errno == EINTR { continue }
                    // Slack is a wish; the content has to be there, and nothing of the old one behind it.
                    if written >= bytes.count, written >= there { break }
                    throw failure("write", beside)
                }
                written += count
            }
            guard !durable || fsync(descriptor) == 0 else { throw failure("sync", beside) }
        }
        try exchange(beside, path)
        if durable { try AtomicFile.syncFolder(of: path) }
    }

    /// A second name keeps the old file's blocks while the new one takes its place; then they become the standby.
    private static func exchange(_ beside: String, _ path: String) throws {
        let old = path + ".old"
        unlink(old)
        let isKept = link(path, old) == 0
        guard rename(beside, path) == 0 else { throw failure("rename", beside) }
        if isKept { rename(old, beside) }
    }

    private static func failure(_ verb: String, _ path: String) -> WorldError {
        SystemError.last.during("\(verb) \(path)", hint: "Check the free space and the permissions of its folder.")
    }
}
