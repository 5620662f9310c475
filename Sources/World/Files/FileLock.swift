import Glibc

/// An exclusive lock that the kernel gives back when its holder ends, however it ends.
///
/// flock(2): tied to the open file, so that closing it, or SIGKILL, releases it; the descriptor is closed on exec, so that
/// no child keeps it.
package final class FileLock: Sendable {
    private let descriptor: Int32

    private init(descriptor: Int32) { self.descriptor = descriptor }

    deinit {
        // Said explicitly: a child that was forked a moment ago has a copy of the descriptor until it executes its program.
        flock(descriptor, LOCK_UN)
        close(descriptor)
    }

    /// Takes the lock and writes who holds it into the file.
    ///
    /// - Returns: `nil` when another holds it; the file's text then says who.
    /// - Throws: `WorldError`
    package static func take(_ path: String, holder: String) throws -> FileLock? {
        let descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw SystemError.last.during("open the lock \(path)") }
        guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
            let number = errno
            close(descriptor)
            if number == EWOULDBLOCK { return nil }
            throw SystemError(number).during("lock \(path)")
        }
        let bytes = Array(holder.utf8)
        // Written over what is there, then cut: on a full disk the block of the last holder is used.
        guard pwrite(descriptor, bytes, bytes.count, 0) == bytes.count, ftruncate(descriptor, off_t(bytes.count)) == 0
        else {
            let refusal = SystemError.last
            close(descriptor)
            throw refusal.during("write the lock \(path)")
        }
        return FileLock(descriptor: descriptor)
    }
}
