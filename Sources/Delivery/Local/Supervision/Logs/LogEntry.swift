package import FoundationEssentials
package import World

/// One line that a replica wrote.
package struct LogEntry: Hashable, Sendable {
    /// When the supervisor read it; what the line itself says is in its fields.
    package var time: Date
    package var service: String
    package var release: String
    package var replica: Int
    package var stream: StandardStream
    package var severity: LogSeverity?
    package var message: String
    /// The JSON object as written; `nil` for plain text.
    package var fields: JSONValue?
    /// The fields of SF-18 that the JSON line lacks or that say nothing usable; empty for plain text.
    package var missingFields: [String]
    /// The line was longer than the limit and goes on in the next entry.
    package var isCut: Bool

    /// It was a JSON object.
    package var isJSON: Bool { fields != nil }

    package init(
        time: Date, service: String, release: String, replica: Int, stream: StandardStream, severity: LogSeverity?,
        message: String, fields: JSONValue? = nil, missingFields: [String] = [], isCut: Bool = false
    ) {
        self.time = time
        self.service = service
        self.release = release
        self.replica = replica
        self.stream = stream
        self.severity = severity
        self.message = message
        self.fields = fields
        self.missingFields = missingFields
        self.isCut = isCut
    }

    /// Reads a raw line; any bytes give an entry.
    package init(
        line: LineSplitter.Line, time: Date, service: String, release: String, replica: Int, stream: StandardStream,
        format: LogFormat
    ) {
        var fields: JSONValue?
        if !line.isCut, line.bytes.first(where: { $0 != 0x20 && $0 != 0x09 }) == 0x7b {
            fields = JSONValue(parsing: line.bytes)
        }
        let severity = fields.flatMap { fields in
            ["severity", "level", "levelname"].lazy.compactMap { fields[$0]?.string }.first
        }
        self.init(
            time: time, service: service, release: release, replica: replica, stream: stream,
            severity: severity.flatMap { LogSeverity(word: $0) },
            message: fields.flatMap { Self.message(of: $0) } ?? line.text, fields: fields,
            missingFields: format == .json ? fields.map { Self.missing(in: $0) } ?? [] : [], isCut: line.isCut)
    }

    /// A line of a command's output as a person reads it: of a JSON line its severity and message, and never more than fits.
    package static func readable(_ line: some StringProtocol) -> String {
        let entry = LogEntry(
            line: LineSplitter.Line(bytes: Array(line.utf8), isCut: false), time: Date(timeIntervalSince1970: 0),
            service: "", release: "", replica: 0, stream: .output, format: .plain)
        return String(((entry.severity.map { "\($0.rawValue) " } ?? "") + entry.message).prefix(300))
    }

    private static func message(of fields: JSONValue) -> String? {
        ["message", "msg", "event"].lazy.compactMap { fields[$0]?.string }.first
    }

    /// The mandatory fields of SF-18.
    package static let mandatoryFields = ["timestamp", "severity", "message", "service_name", "correlation_id"]

    /// Which mandatory fields a JSON line lacks, or holds without sense: a time that is not UTC, an unknown severity.
    package static func missing(in fields: JSONValue) -> [String] {
        mandatoryFields.filter { name in
            guard let text = fields[name]?.string, !text.isEmpty else { return true }
            switch name {
            case "timestamp": return Timestamp.parse(text).map { !$0.isUTC } ?? true
            case "severity": return LogSeverity(rawValue: text) == nil
            default: return false
            }
        }
    }
}
