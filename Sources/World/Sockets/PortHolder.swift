import Glibc

/// Who listens on a port of this machine, for a message that names the mend.
package struct PortHolder: Sendable, Hashable {
    package var pid: Int32
    /// Its command line, cut.
    package var command: String

    /// `process 4711 (python3 server.py)`.
    package var text: String { "process \(pid) (\(command))" }

    /// The process that listens on a TCP port of the loopback interface or of all; nil when there is none, or when it belongs
    /// to another user and we are not root.
    package static func find(_ port: Int) -> PortHolder? {
        let sockets = Set(
            ["/proc/net/tcp", "/proc/net/tcp6"].flatMap { listening(on: port, $0) }.map { "socket:[\($0)]" })
        guard !sockets.isEmpty else { return nil }
        for pid in Folder.names(in: "/proc").compactMap({ Int32($0) }) {
            for name in Folder.names(in: "/proc/\(pid)/fd") {
                guard let target = link("/proc/\(pid)/fd/\(name)"), sockets.contains(target) else { continue }
                return PortHolder(pid: pid, command: command(of: pid))
            }
        }
        return nil
    }

    /// What is wrong with a port that somebody else has, with the mend.
    ///
    /// - Parameters:
    ///   - operation: what wanted it.
    ///   - then: what happens, or what to do, once it is free: a whole sentence.
    package static func refusal(of port: Int, during operation: String, then: String) -> WorldError {
        let holder = find(port)
        return WorldError(
            code: "port-taken", operation: operation,
            underlying: "port \(port) is taken" + (holder.map { " by \($0.text)" } ?? ""),
            hint: (holder.map { "End process \($0.pid)" }
                ?? "Find who has it with `ss -ltnp 'sport = :\(port)'` and end that")
                + ". " + then)
    }

    /// Inode numbers of the sockets in state LISTEN (0A) with that local port; the format is in proc(5).
    private static func listening(on port: Int, _ table: String) -> [String] {
        guard let text = SmallFile.text(table) else { return [] }
        let digits = String(port, radix: 16, uppercase: true)
        let suffix = ":" + String(repeating: "0", count: max(0, 4 - digits.utf8.count)) + digits
        return text.split(separator: "\n").dropFirst().compactMap { line in
            let words = line.split(separator: " ")
            guard words.count > 9, words[1].hasSuffix(suffix), words[3] == "0A" else { return nil }
            return String(words[9])
        }
    }

    private static func command(of pid: Int32) -> String {
        let bytes = (try? SmallFile.read("/proc/\(pid)/cmdline", limit: 4096)) ?? []
        let words = bytes.split(separator: 0).map { String(decoding: $0, as: UTF8.self) }
        return String(words.joined(separator: " ").prefix(80))
    }

    private static func link(_ path: String) -> String? {
        var buffer = [CChar](repeating: 0, count: 256)
        let count = readlink(path, &buffer, buffer.count)
        guard count > 0 else { return nil }
        return String(decoding: buffer.prefix(count).map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }
}
