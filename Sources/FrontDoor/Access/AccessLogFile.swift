import Glibc
import NIOCore
import NIOPosix
import Synchronization

/// The file of the access log: lines of all event loops are added to it by a thread of its own, which may wait for a disk.
///
/// It takes at most `files * bytes` of the disk. Neither a full disk nor a slow one stops traffic: what cannot be written,
/// or waits beyond a bound, is lost and counted.
final class AccessLogFile: Sendable {
    let path: String
    private let bytes: Int
    private let files: Int
    private let thread: NIOThreadPool
    private let report: @Sendable (String) -> Void
    private let waiting = Atomic<Int>(0)
    /// Lines that were lost since the start.
    let lost: LostLines

    /// Above this the disk does not keep up.
    private static let mostWaiting = 4 * 1024 * 1024

    final class LostLines: Sendable {
        let count = Atomic<UInt64>(0)
        /// Whether the last attempt failed, so that a failure is told once.
        let isFailing = Atomic<Bool>(false)
    }

    init(
        path: String, bytes: Int, files: Int, thread: NIOThreadPool, lost: LostLines,
        report: @escaping @Sendable (String) -> Void
    ) {
        self.path = path
        self.bytes = bytes
        self.files = files
        self.thread = thread
        self.lost = lost
        self.report = report
    }

    func isSame(_ path: String, _ limits: FrontDoorConfiguration.Limits) -> Bool {
        self.path == path && bytes == limits.accessLogBytes && files == limits.accessLogFiles
    }

    /// Takes whole lines from an event loop, without waiting.
    func append(_ lines: ByteBuffer, count: Int) {
        let size = lines.readableBytes
        guard waiting.add(size, ordering: .relaxed).newValue <= Self.mostWaiting else {
            waiting.subtract(size, ordering: .relaxed)
            lose(count, "the disk does not keep up")
            return
        }
        thread.submit { state in
            // What was logged before the end is written; only a pool that is gone takes nothing.
            guard case .active = state else { return }
            if let error = self.write(lines) {
                self.lose(count, String(cString: strerror(error)))
            } else if self.lost.isFailing.exchange(false, ordering: .relaxed) {
                self.report("access log: written again")
            }
            self.waiting.subtract(size, ordering: .relaxed)
        }
    }

    private func lose(_ count: Int, _ why: String) {
        lost.count.add(UInt64(count), ordering: .relaxed)
        guard !lost.isFailing.exchange(true, ordering: .relaxed) else { return }
        let report = report
        let line = "access log: \(path): \(why); lines are lost and counted until it can be written"
        thread.submit { _ in report(line) }
    }

    /// Opens anew each time, so that a file that somebody renamed is let go.
    ///
    /// - Returns: `errno` when not all was written; then nothing was.
    private func write(_ lines: ByteBuffer) -> Int32? {
        var descriptor = open()
        guard descriptor >= 0 else { return errno }
        var size = Int(lseek(descriptor, 0, SEEK_END))
        if size > 0, size + lines.readableBytes > bytes {
            close(descriptor)
            rotate()
            descriptor = open()
            guard descriptor >= 0 else { return errno }
            size = Int(lseek(descriptor, 0, SEEK_END))
        }
        defer { close(descriptor) }
        return lines.withUnsafeReadableBytes { all in
            var sent = 0
            while sent < all.count {
                let count = Glibc.write(descriptor, all.baseAddress?.advanced(by: sent), all.count - sent)
                if count < 0, errno == EINTR { continue }
                guard count > 0 else {
                    let error = errno == 0 ? ENOSPC : errno
                    // Half a line would spoil the next one.
                    ftruncate(descriptor, off_t(size))
                    return error
                }
                sent += count
            }
            return nil
        }
    }

    private func open() -> Int32 { Glibc.open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0o640) }

    /// `access.log` becomes `access.log.1`, that one `access.log.2`, and the last one goes.
    private func rotate() {
        guard files > 1 else {
            unlink(path)
            return
        }
        for number in stride(from: files - 1, to: 1, by: -1) {
            rename("\(path).\(number - 1)", "\(path).\(number)")
        }
        rename(path, path + ".1")
    }
}
