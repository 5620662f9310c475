import Glibc
import Synchronization

/// Ports of the loopback interface that nobody listens on, for listeners that last.
///
/// They lie outside the range from which the kernel serves outgoing connections (ip(7), `ip_local_port_range`), so that no
/// connection takes one while its listener is away. Within five minutes none is given twice: not by this process, and not
/// by another one that chooses with this type in the same network namespace. A stranger can still take one meanwhile.
package final class FreePort: Sendable {
    private let given = Mutex<[Int: Reservation]>([:])
    private let candidates: [ClosedRange<Int>]

    /// - Parameter outgoing: the ports of outgoing connections.
    package init(outgoing: ClosedRange<Int> = FreePort.outgoing()) {
        candidates = Self.ranges(outside: outgoing)
    }

    /// A port that was free a moment ago.
    ///
    /// - Throws: `WorldError`
    package func next() throws -> Int {
        let now = ContinuousClock.now
        given.withLock { given in given = given.filter { $0.value.at.duration(to: now) < .seconds(300) } }
        for round in 0..<400 {
            // Where all of the range is taken, any free port serves.
            let wanted = round < 300 ? candidates.randomElement().map { Int.random(in: $0) } : nil
            if let wanted, !Self.isFree(wanted) { continue }
            let port = try wanted ?? Self.ask()
            let isNew = given.withLock { given in
                guard given[port] == nil, let reservation = Reservation(port, at: now) else { return false }
                given[port] = reservation
                return true
            }
            if isNew { return port }
        }
        throw WorldError(
            code: "no-free-port", operation: "choose a free port", underlying: "every port that was tried is taken",
            hint: "Stop services that are no longer needed.")
    }

    /// Whether nothing listens on a port of the loopback interface now.
    package static func isFree(_ port: Int) -> Bool { (try? ask(port)) != nil }

    /// The ports of outgoing connections; the kernel's own default where it cannot be asked.
    package static func outgoing() -> ClosedRange<Int> {
        let words = SmallFile.text("/proc/sys/net/ipv4/ip_local_port_range")?.split(whereSeparator: \.isWhitespace)
        let ends = (words ?? []).compactMap { Int($0) }
        guard ends.count == 2, ends[0] <= ends[1] else { return 32_768...60_999 }
        return ends[0]...ends[1]
    }

    /// Where to look: 20000 to 32767, which few servers are known by; what else is left when outgoing connections have that.
    package static func ranges(outside outgoing: ClosedRange<Int>) -> [ClosedRange<Int>] {
        let preferred = parts(of: 20_000...32_767, outside: outgoing)
        if preferred.reduce(0, { $0 + $1.count }) >= 1_000 { return preferred }
        return parts(of: 10_000...65_535, outside: outgoing).filter { $0.count >= 100 }
    }

    private static func parts(of range: ClosedRange<Int>, outside hole: ClosedRange<Int>) -> [ClosedRange<Int>] {
        guard range.overlaps(hole) else { return [range] }
        var parts: [ClosedRange<Int>] = []
        if hole.lowerBound > range.lowerBound { parts.append(range.lowerBound...hole.lowerBound - 1) }
        if hole.upperBound < range.upperBound { parts.append(hole.upperBound + 1...range.upperBound) }
        return parts
    }

    private static func ask(_ wanted: Int = 0) throws -> Int {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        guard descriptor >= 0 else { throw SystemError.last.during("make a socket") }
        defer { close(descriptor) }
        // As servers do: a port whose old connections are still in TIME_WAIT is free.
        var yes: Int32 = 1
        setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &yes, socklen_t(MemoryLayout<Int32>.size))
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = in_port_t(truncatingIfNeeded: wanted).bigEndian
        address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
        var size = socklen_t(MemoryLayout<sockaddr_in>.size)
        let answer = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { generic in
                bind(descriptor, generic, size) == 0 ? getsockname(descriptor, generic, &size) : -1
            }
        }
        guard answer == 0 else { throw SystemError.last.during("bind port \(wanted) of 127.0.0.1") }
        return Int(in_port_t(bigEndian: address.sin_port))
    }
}

extension FreePort {
    /// A port that is promised to somebody: a name in the abstract namespace of Unix-domain sockets (unix(7)), which belongs
    /// to the same network namespace as the port and goes with the process, however that ends.
    private final class Reservation: Sendable {
        let at: ContinuousClock.Instant
        private let descriptor: Int32

        /// - Returns: `nil` when the port is promised already.
        init?(_ port: Int, at instant: ContinuousClock.Instant) {
            descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
            at = instant
            var address = sockaddr_un()
            address.sun_family = sa_family_t(AF_UNIX)
            let name = [0] + Array("hauban-port-\(port)".utf8)
            withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: name) }
            let size = MemoryLayout<sa_family_t>.size + name.count
            let answer = withUnsafePointer(to: &address) { pointer in
                pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                    bind(descriptor, $0, socklen_t(size))
                }
            }
            // Without a descriptor to spare the port is given unguarded.
            if answer != 0 && errno == EADDRINUSE { return nil }
        }

        deinit { if descriptor >= 0 { close(descriptor) } }
    }
}
