import Glibc

/// One process as `/proc/PID/stat` tells it (proc(5)).
package struct ProcessEntry: Sendable, Hashable {
    package var pid: Int32
    package var parent: Int32
    package var group: Int32
    package var session: Int32
    /// `R`, `S`, `D`, `Z` for a zombie, `X` for a dead one.
    package var state: Character
    /// Clock ticks since the machine started.
    package var startTime: UInt64
    /// Time on the processors, user and system.
    package var cpu: Duration
    /// Memory that is in RAM.
    package var residentBytes: Int

    /// Ended, but not yet waited for.
    package var isZombie: Bool { state == "Z" || state == "X" || state == "x" }

    /// Held by SIGSTOP or a debugger.
    package var isStopped: Bool { state == "T" || state == "t" }

    /// - Returns: `nil` when there is no such process.
    package init?(pid: Int32) {
        guard let bytes = try? SmallFile.read("/proc/\(pid)/stat", limit: 4096) else { return nil }
        self.init(stat: String(decoding: bytes, as: UTF8.self))
    }

    /// Reads the line; the command's name in parentheses may itself hold spaces and parentheses.
    package init?(stat line: String) {
        guard let open = line.firstIndex(of: "("), let close = line.lastIndex(of: ")"), open < close,
            let pid = Int32(line[..<open].filter { $0 != " " })
        else { return nil }
        let fields = line[line.index(after: close)...].split(whereSeparator: { $0 == " " || $0 == "\n" })
        // Field 3 (state) is the first one here, so that field n has the index n - 3.
        guard fields.count >= 22, let state = fields[0].first, let parent = Int32(fields[1]),
            let group = Int32(fields[2]), let session = Int32(fields[3]), let user = UInt64(fields[11]),
            let system = UInt64(fields[12]), let start = UInt64(fields[19]), let pages = Int(fields[21])
        else { return nil }
        self.pid = pid
        self.parent = parent
        self.group = group
        self.session = session
        self.state = state
        self.startTime = start
        let perSecond = UInt64(max(1, sysconf(Int32(_SC_CLK_TCK))))
        self.cpu = .nanoseconds(Int64((user + system) * (1_000_000_000 / perSecond)))
        self.residentBytes = pages * max(1, sysconf(Int32(_SC_PAGESIZE)))
    }
}
