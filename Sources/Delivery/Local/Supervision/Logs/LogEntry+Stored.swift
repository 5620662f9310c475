package import World

/// The form in the structured files: one JSON object a line (`docs/supervision.md`).
extension LogEntry {
    /// The entry as a JSON object.
    package var json: JSONValue {
        var members: [JSONValue.Member] = [
            .init("time", .string(Timestamp.text(time))), .init("service", .string(service)),
            .init("release", .string(release)), .init("replica", .number(String(replica))),
            .init("stream", .string(stream.rawValue)),
        ]
        if let severity { members.append(.init("severity", .string(severity.rawValue))) }
        if !missingFields.isEmpty { members.append(.init("missing", .array(missingFields.map { .string($0) }))) }
        if isCut { members.append(.init("cut", .bool(true))) }
        members.append(.init("message", .string(message)))
        if let fields { members.append(.init("fields", fields)) }
        return .object(members)
    }

    /// Reads a stored line; `nil` for one that was torn by a crash.
    package init?(stored bytes: [UInt8]) {
        guard let value = JSONValue(parsing: bytes), let time = value["time"]?.string.flatMap({ Timestamp.parse($0) }),
            let service = value["service"]?.string, let message = value["message"]?.string,
            let stream = value["stream"]?.string.flatMap({ StandardStream(rawValue: $0) })
        else { return nil }
        var replica = 0
        if case .number(let digits)? = value["replica"] { replica = Int(digits) ?? 0 }
        var missing: [String] = []
        if case .array(let names)? = value["missing"] { missing = names.compactMap { $0.string } }
        self.init(
            time: time.date, service: service, release: value["release"]?.string ?? "", replica: replica,
            stream: stream, severity: value["severity"]?.string.flatMap { LogSeverity(word: $0) }, message: message,
            fields: value["fields"], missingFields: missing, isCut: value["cut"] == .bool(true))
    }
}
