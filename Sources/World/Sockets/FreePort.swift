import Glibc
import Synchronization

/// Ports of the loopback interface that nobody listens on.
///
/// Another program can take one between the question and its use; within this process, and among all with the same register,
/// none is given twice in five minutes.
package final class FreePort: Sendable {
    private static let memory = 300
    private let given = Mutex<[Int: ContinuousClock.Instant]>([:])
    private let register: String?

    /// - Parameter register: a folder of this user alone, made when needed, where each given port is noted as a file: releases of
    ///   several environments at the same time would else meet on one port now and then.
    package init(register: String? = nil) { self.register = register }

    /// A port that was free a moment ago: the kernel chooses it (bind to port 0).
    ///
    /// - Throws: `WorldError`
    package func next() throws -> Int {
        let now = ContinuousClock.now
        given.withLock { given in given = given.filter { $0.value.duration(to: now) < .seconds(Self.memory) } }
        for _ in 0..<200 {
            let port = try Self.ask()
            let isNew = given.withLock { $0.updateValue(now, forKey: port) == nil }
            if isNew, isNoted(port) { return port }
        }
        throw WorldError(
            code: "no-free-port", operation: "choose a free port", underlying: "the kernel repeats ports already given",
            hint: "Stop services that are no longer needed.")
    }

    /// Notes the port; false when somebody else did a short time ago. A note that cannot be made costs safety, not a release.
    private func isNoted(_ port: Int) -> Bool {
        guard let register, (try? Folder.make(register)) != nil, Folder.isOwnAndPrivate(register) else { return true }
        let path = "\(register)/\(port)"
        let descriptor = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        if descriptor >= 0 {
            close(descriptor)
            return true
        }
        guard errno == EEXIST else { return true }
        var information = stat()
        // An old note goes, and the port may be given the next time.
        if stat(path, &information) == 0, time(nil) - information.st_mtim.tv_sec >= Self.memory { unlink(path) }
        return false
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
