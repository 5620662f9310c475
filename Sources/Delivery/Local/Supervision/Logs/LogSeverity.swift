/// How grave a log line is; the four words of SF-18 and DEBUG below them.
package enum LogSeverity: String, Codable, Hashable, Sendable, Comparable, CaseIterable {
    case debug = "DEBUG"
    case info = "INFO"
    case warning = "WARNING"
    case error = "ERROR"
    case critical = "CRITICAL"

    /// Reads the words that loggers write: any case, `WARN`, `FATAL` and their kin.
    package init?(word: String) {
        switch word.uppercased() {
        case "DEBUG", "TRACE": self = .debug
        case "INFO", "NOTICE", "LOG": self = .info
        case "WARNING", "WARN": self = .warning
        case "ERROR", "ERR": self = .error
        case "CRITICAL", "FATAL", "PANIC", "EMERGENCY", "ALERT": self = .critical
        default: return nil
        }
    }

    package static func < (left: Self, right: Self) -> Bool { left.rank < right.rank }

    private var rank: Int {
        switch self {
        case .debug: 0
        case .info: 1
        case .warning: 2
        case .error: 3
        case .critical: 4
        }
    }
}
