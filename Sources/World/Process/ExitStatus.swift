/// How a process ended.
package enum ExitStatus: Sendable, Hashable, Codable, CustomStringConvertible {
    case exited(code: Int32)
    case signalled(Int32)
    /// Somebody else's child: that it ended is known, how is not.
    case unknown

    /// Reads what waitpid(2) returned.
    package init(waitStatus status: Int32) {
        let signal = status & 0x7f
        self = signal == 0 ? .exited(code: (status >> 8) & 0xff) : .signalled(signal)
    }

    package var isSuccess: Bool { self == .exited(code: 0) }

    package var description: String {
        switch self {
        case .exited(let code): "exited with code \(code)"
        case .signalled(let number): "was killed by signal \(number)\(SignalName.suffix(number))"
        case .unknown: "ended while nobody watched"
        }
    }
}

enum SignalName {
    static func suffix(_ number: Int32) -> String {
        let names: [Int32: String] = [
            1: "HUP", 2: "INT", 3: "QUIT", 4: "ILL", 6: "ABRT", 7: "BUS", 8: "FPE", 9: "KILL", 11: "SEGV", 13: "PIPE",
            15: "TERM",
        ]
        return names[number].map { " (SIG\($0))" } ?? ""
    }
}
