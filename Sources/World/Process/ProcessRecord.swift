import Glibc

/// One process for good: its number alone is given to another when it ends, the number with its start time is not.
package struct ProcessRecord: Sendable, Hashable, Codable {
    package var pid: Int32
    /// Field 22 of `/proc/PID/stat`: clock ticks since the machine started.
    package var startTime: UInt64
    package var boot: BootID

    package init(pid: Int32, startTime: UInt64, boot: BootID) {
        self.pid = pid
        self.startTime = startTime
        self.boot = boot
    }

    /// The process that has this number now; `nil` when there is none.
    package init?(running pid: Int32) {
        guard let entry = ProcessEntry(pid: pid) else { return nil }
        self.init(pid: pid, startTime: entry.startTime, boot: .current)
    }

    /// This very process runs: not another with its number, not one that ended and waits to be reaped.
    package var isAlive: Bool {
        guard let entry = ProcessEntry(pid: pid), entry.startTime == startTime, !entry.isZombie else { return false }
        return boot == .current
    }

    /// Sends a signal, to the process or to its whole group.
    ///
    /// The group outlives its leader, and its number is not given away while a member lives.
    /// - Returns: whether anything received it.
    @discardableResult
    package func send(_ signal: Int32, toGroup: Bool) -> Bool {
        guard boot == .current else { return false }
        if let entry = ProcessEntry(pid: pid), entry.startTime != startTime { return false }
        return kill(toGroup ? -pid : pid, signal) == 0
    }
}
