import Glibc
package import World

/// Who holds a lease: one process of one machine.
package struct LeaseHolder: Codable, Hashable, Sendable {
    /// What is known about a holder from here.
    package enum Life: Hashable, Sendable {
        case alive
        case dead
        /// It runs, or ran, where this machine cannot look.
        case unknown
    }

    package var process: ProcessRecord
    package var host: String
    /// Numbers of processes mean something only inside one namespace (pid_namespaces(7)).
    package var pidNamespace: String
    package var user: String

    package init(process: ProcessRecord, host: String, pidNamespace: String, user: String) {
        self.process = process
        self.host = host
        self.pidNamespace = pidNamespace
        self.user = user
    }

    /// This process.
    ///
    /// - Throws: `WorldError` where `/proc` cannot be read.
    package static func current(user: String? = nil) throws -> LeaseHolder {
        guard let process = ProcessRecord(running: getpid()) else {
            throw WorldError(
                code: "no-proc", operation: "learn this process's start time", underlying: "/proc cannot be read",
                hint: "Mount /proc.")
        }
        return LeaseHolder(process: process, host: hostName(), pidNamespace: pidNamespace(), user: user ?? userName())
    }

    /// For messages: `ana on mast, process 4711`.
    package var text: String { "\(user) on \(host), process \(process.pid)" }

    /// Whether it lives, seen from another holder. Only a process of the same boot and namespace can be known to be dead.
    package func life(seenFrom other: LeaseHolder) -> Life {
        guard host == other.host, pidNamespace == other.pidNamespace, process.boot == other.process.boot else {
            return .unknown
        }
        return process.isAlive ? .alive : .dead
    }

    private static func hostName() -> String {
        var buffer = [CChar](repeating: 0, count: 256)
        guard gethostname(&buffer, buffer.count - 1) == 0 else { return "unknown" }
        return String(decoding: buffer.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    private static func pidNamespace() -> String {
        var buffer = [CChar](repeating: 0, count: 256)
        let count = readlink("/proc/self/ns/pid", &buffer, buffer.count)
        return String(decoding: buffer.prefix(max(0, count)).map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    private static func userName() -> String {
        guard let entry = getpwuid(getuid()) else { return "uid \(getuid())" }
        return String(cString: entry.pointee.pw_name)
    }
}
