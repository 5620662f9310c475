import Glibc

/// Finding processes by a variable of the environment that they were started with.
///
/// A group or a session can be left by `setsid`, an ancestor can die; the first environment stays readable to the end.
package enum ProcessMark {
    /// The living processes that were started with `name=value`, or with any value when it is `nil`.
    ///
    /// Those of other users are not seen unless root asks.
    package static func find(_ name: String, _ value: String?) -> [(entry: ProcessEntry, value: String)] {
        var found: [(entry: ProcessEntry, value: String)] = []
        for pid in Folder.names(in: "/proc").compactMap({ Int32($0) }) {
            guard let text = self.value(of: name, in: pid), value == nil || value == text else { continue }
            if let entry = ProcessEntry(pid: pid), !entry.isZombie { found.append((entry, text)) }
        }
        return found
    }

    /// One variable of the environment that a process was started with.
    package static func value(of name: String, in pid: Int32) -> String? {
        guard let bytes = firstEnvironment(of: pid) else { return nil }
        let prefix = Array((name + "=").utf8)
        // memchr and memcmp: this runs over every process at each end of a replica.
        return bytes.withUnsafeBytes { buffer in
            guard let base = buffer.baseAddress else { return nil }
            var start = 0
            while start < buffer.count {
                let end = memchr(base + start, 0, buffer.count - start).map { base.distance(to: $0) } ?? buffer.count
                if end - start >= prefix.count, memcmp(base + start, prefix, prefix.count) == 0 {
                    return String(decoding: buffer[(start + prefix.count)..<end], as: UTF8.self)
                }
                start = end + 1
            }
            return nil
        }
    }

    /// `/proc/PID/environ`, asked again for some milliseconds while it is empty: a process in the middle of `execve` has none.
    private static func firstEnvironment(of pid: Int32) -> [UInt8]? {
        let path = "/proc/\(pid)/environ"
        for _ in 0..<5 {
            guard let bytes = try? SmallFile.read(path, limit: 1 << 20) else { return nil }
            // A kernel thread never has an environment; it has no program either.
            guard bytes.isEmpty, access("/proc/\(pid)/exe", F_OK) == 0 else { return bytes }
            usleep(1000)
        }
        return []
    }
}
