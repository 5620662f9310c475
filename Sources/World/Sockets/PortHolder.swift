import Glibc

/// Who listens on a port of this machine, for a message that names the mend.
package struct PortHolder: Sendable, Hashable {
    package var pid: Int32
    /// Its command line, cut.
    package var command: String

    /// `process 4711 (python3 server.py)`.
    package var text: String { "process \(pid) (\(command))" }

    /// The process that listens on a TCP port of the loopback interface or of all; nil when there is none, or when it belongs
    /// to another user and we are not root. Of several that have the socket it is the one that was started last: who only
    /// keeps it for others was there before them.
    package static func find(_ port: Int) -> PortHolder? {
        let sockets = sockets(listeningOn: port)
        guard !sockets.isEmpty else { return nil }
        return holder(of: sockets, among: ProcessTable.now().entries)
            .map { PortHolder(pid: $0.pid, command: command(of: $0.pid)) }
    }

    /// Who listens on a port in the place of the program that was given it: a process that is neither that one, nor of its
    /// session or below it, nor marked as its own, and that ran before it did.
    ///
    /// One that was started later is taken for its helper, as `docker-proxy` is for `docker run`. `nil` also when nobody
    /// listens, or when whoever does cannot be seen.
    /// - Parameter mark: the variable and the value by which descendants are known that left the session.
    package static func stranger(
        on port: Int, inPlaceOf own: ProcessRecord, mark: (name: String, value: String)
    ) -> PortHolder? {
        let sockets = sockets(listeningOn: port)
        guard !sockets.isEmpty else { return nil }
        let table = ProcessTable.now()
        var mine = Set(table.tree(of: own.pid).map(\.pid))
        mine.formUnion(table.entries.filter { $0.session == own.pid }.map(\.pid))
        if mine.contains(where: { has($0, oneOf: sockets) }) { return nil }
        // Every environment of the machine is read here, so only now.
        mine.formUnion(ProcessMark.find(mark.name, mark.value).map(\.entry.pid))
        guard !mine.contains(where: { has($0, oneOf: sockets) }),
            let holder = holder(of: sockets, among: table.entries), holder.startTime < own.startTime
        else { return nil }
        return PortHolder(pid: holder.pid, command: command(of: holder.pid))
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

    /// As links in `/proc/PID/fd` name them.
    private static func sockets(listeningOn port: Int) -> Set<String> {
        Set(["/proc/net/tcp", "/proc/net/tcp6"].flatMap { listening(on: port, $0) }.map { "socket:[\($0)]" })
    }

    private static func holder(of sockets: Set<String>, among entries: [ProcessEntry]) -> ProcessEntry? {
        entries.filter { has($0.pid, oneOf: sockets) }.max { ($0.startTime, $0.pid) < ($1.startTime, $1.pid) }
    }

    private static func has(_ pid: Int32, oneOf sockets: Set<String>) -> Bool {
        Folder.names(in: "/proc/\(pid)/fd").contains { name in
            link("/proc/\(pid)/fd/\(name)").map(sockets.contains) ?? false
        }
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
        // One line, whatever a program was given to run.
        return String(
            words.joined(separator: " ").split(whereSeparator: \.isWhitespace).joined(separator: " ").prefix(80))
    }

    private static func link(_ path: String) -> String? {
        var buffer = [CChar](repeating: 0, count: 256)
        let count = readlink(path, &buffer, buffer.count)
        guard count > 0 else { return nil }
        return String(decoding: buffer.prefix(count).map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }
}
