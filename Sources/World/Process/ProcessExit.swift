import CLinux
import Glibc

/// Learning that a process ended, a child or not, and reaping it when it is ours.
package enum ProcessExit {
    /// Waits for the end of a process; how it ended is known only for children of this process.
    ///
    /// pidfd_open(2): it works for processes that an earlier supervisor started, and the number cannot be reused under it.
    /// - Returns: `nil` when the time is over or the task was cancelled.
    package static func wait(for record: ProcessRecord, timeout: Duration? = nil) async -> ExitStatus? {
        let descriptor = clinux_pidfd_open(record.pid)
        guard descriptor >= 0 else {
            if errno == ESRCH { return reap(record.pid) ?? .unknown }
            // No descriptor left, or no such call: taking that for an end would start a second one beside the first.
            return await poll(record, timeout: timeout)
        }
        defer { close(descriptor) }
        if let entry = ProcessEntry(pid: record.pid), entry.startTime != record.startTime { return .unknown }
        guard await DescriptorWait.wait(for: descriptor, .readable, timeout: timeout) else { return nil }
        return reap(record.pid) ?? .unknown
    }

    private static func poll(_ record: ProcessRecord, timeout: Duration?) async -> ExitStatus? {
        let end = timeout.map { ContinuousClock.now + $0 }
        while record.isAlive {
            if let end, ContinuousClock.now >= end { return nil }
            do { try await Task.sleep(for: .milliseconds(100)) } catch { return nil }
        }
        return reap(record.pid) ?? .unknown
    }

    /// Reaps an ended child.
    ///
    /// - Returns: `nil` when it still runs or is not a child of this process.
    package static func reap(_ pid: Int32) -> ExitStatus? {
        var status: Int32 = 0
        while true {
            let answer = waitpid(pid, &status, WNOHANG)
            if answer == pid { return ExitStatus(waitStatus: status) }
            if answer < 0, errno == EINTR { continue }
            return nil
        }
    }
}
