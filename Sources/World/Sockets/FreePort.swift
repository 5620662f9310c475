import Glibc
import Synchronization

/// Ports of the loopback interface that nobody listens on.
///
/// Another program can take one between the question and its use; within this process none is given twice in five minutes.
package final class FreePort: Sendable {
    private let given = Mutex<[Int: ContinuousClock.Instant]>([:])

    package init() {}

    /// A port that was free a moment ago: the kernel chooses it (bind to port 0).
    ///
    /// - Throws: `WorldError`
    package func next() throws -> Int {
        let now = ContinuousClock.now
        given.withLock { given in given = given.filter { $0.value.duration(to: now) < .seconds(300) } }
        for _ in 0..<200 {
            let port = try Self.ask()
            let isNew = given.withLock { $0.updateValue(now, forKey: port) == nil }
            if isNew { return port }
        }
        throw WorldError(
            code: "no-free-port", operation: "choose a free port", underlying: "the kernel repeats ports already given",
            hint: "Stop services that are no longer needed.")
    }

    /// Whether nothing listens on a port of the loopback interface now.
    package static func isFree(_ port: Int) -> Bool { (try? ask(port)) != nil }

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
