package import FoundationEssentials

/// Which stored entries are wanted.
package struct LogQuery: Codable, Hashable, Sendable {
    /// `nil` = all.
    package var services: Set<String>?
    package var release: String?
    /// Entries without a severity pass only when this is `nil`.
    package var minimumSeverity: LogSeverity?
    package var since: Date?
    /// The newest so many; `nil` = all.
    package var last: Int?

    package init(
        services: Set<String>? = nil, release: String? = nil, minimumSeverity: LogSeverity? = nil, since: Date? = nil,
        last: Int? = nil
    ) {
        self.services = services
        self.release = release
        self.minimumSeverity = minimumSeverity
        self.since = since
        self.last = last
    }

    /// Whether an entry is wanted, its place among the last ones aside.
    package func admits(_ entry: LogEntry) -> Bool {
        if let services, !services.contains(entry.service) { return false }
        if let release, entry.release != release { return false }
        if let since, entry.time < since { return false }
        if let minimumSeverity {
            guard let severity = entry.severity, severity >= minimumSeverity else { return false }
        }
        return true
    }
}
