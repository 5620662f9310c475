package import Spec
import World

/// Where a sender's JSON has what an alert needs: places, no expressions.
package struct JSONMapping: Hashable, Codable, Sendable {
    /// A list of alerts; `nil` where the text is one alert, or a list itself.
    package var items: JSONPath?
    /// Of these and the others the first place that has something counts.
    package var title: [JSONPath]
    /// What the sender calls the alert; where it says nothing, its title and labels say it.
    package var key: [JSONPath]
    package var severity: [JSONPath]
    /// The sender's words in lower case; others are read as a label `severity` is.
    package var severities: [String: Level]
    package var status: [JSONPath]
    /// The words, in lower case, that say that it is over; every other says that it fires.
    package var resolved: [String]
    /// The words, in lower case, that say that somebody has seen it.
    package var acknowledged: [String]
    package var message: [JSONPath]
    package var url: [JSONPath]
    package var startsAt: [JSONPath]
    /// Labels by name.
    package var labels: [String: JSONPath]
    /// Objects whose members are labels.
    package var labelObjects: [JSONPath]
    /// Annotations by name.
    package var annotations: [String: JSONPath]
    /// Objects whose members are annotations.
    package var annotationObjects: [JSONPath]

    package init(
        items: JSONPath? = nil, title: [JSONPath], key: [JSONPath] = [], severity: [JSONPath] = [],
        severities: [String: Level] = [:], status: [JSONPath] = [], resolved: [String] = ["resolved", "ok"],
        acknowledged: [String] = [], message: [JSONPath] = [], url: [JSONPath] = [], startsAt: [JSONPath] = [],
        labels: [String: JSONPath] = [:], labelObjects: [JSONPath] = [], annotations: [String: JSONPath] = [:],
        annotationObjects: [JSONPath] = []
    ) {
        self.items = items
        self.title = title
        self.key = key
        self.severity = severity
        self.severities = severities
        self.status = status
        self.resolved = resolved
        self.acknowledged = acknowledged
        self.message = message
        self.url = url
        self.startsAt = startsAt
        self.labels = labels
        self.labelObjects = labelObjects
        self.annotations = annotations
        self.annotationObjects = annotationObjects
    }

    /// What is read where nothing is declared: Grafana OnCall's formatted webhook and its kin (Zabbix, Kapacitor,
    /// ElastAlert), and the names that most senders use.
    package static let usual = JSONMapping(
        title: ["title", "alertname", "name", "summary", "id", "message"],
        key: ["alert_uid", "dedup_key", "fingerprint", "id"],
        severity: ["severity", "priority", "level"],
        status: ["state", "status", "level"], resolved: ["ok", "resolved", "closed", "recovered", "normal"],
        acknowledged: ["acknowledged"], message: ["message", "description", "text", "details"],
        url: ["link_to_upstream_details", "url", "link"], startsAt: ["starts_at", "startsAt", "timestamp", "time"],
        labels: ["service": "service", "environment": "environment", "host": "host"], labelObjects: ["labels"],
        annotations: ["image_url": "image_url"], annotationObjects: ["annotations"])
}

/// A place in a JSON text: `alert.rules[0].name`, or a pointer of RFC 6901 (`/alert/rules/0/name`) where keys have dots.
package struct JSONPath: Hashable, Codable, Sendable, ExpressibleByStringLiteral, CustomStringConvertible {
    private var steps: [String]
    package let description: String

    /// - Returns: `nil` for an empty path, or one with an empty step between dots.
    package init?(_ text: String) {
        description = text
        if text.hasPrefix("/") {
            steps = text.dropFirst().split(separator: "/", omittingEmptySubsequences: false).map { step in
                step.split(separator: "~1", omittingEmptySubsequences: false).joined(separator: "/")
                    .split(separator: "~0", omittingEmptySubsequences: false).joined(separator: "~")
            }
            return
        }
        steps = []
        for part in text.split(separator: ".", omittingEmptySubsequences: false) {
            let pieces = part.split(separator: "[", omittingEmptySubsequences: false)
            guard let first = pieces.first, !first.isEmpty || (pieces.count > 1 && steps.isEmpty) else { return nil }
            if !first.isEmpty { steps.append(String(first)) }
            for piece in pieces.dropFirst() {
                guard piece.last == "]", Int(piece.dropLast()) != nil else { return nil }
                steps.append(String(piece.dropLast()))
            }
        }
        if steps.isEmpty { return nil }
    }

    package init(stringLiteral text: StaticString) {
        guard let path = JSONPath("\(text)") else { preconditionFailure("\(text) is no path in JSON") }
        self = path
    }

    package init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        guard let path = JSONPath(try container.decode(String.self)) else {
            throw DecodingError.dataCorruptedError(in: container, debugDescription: "not a path in JSON")
        }
        self = path
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(description)
    }

    func value(in root: JSONValue) -> JSONValue? {
        var value = root
        for step in steps {
            switch value {
            case .object:
                guard let next = value[step] else { return nil }
                value = next
            case .array(let items):
                guard let index = Int(step), items.indices.contains(index) else { return nil }
                value = items[index]
            case .null, .bool, .number, .string: return nil
            }
        }
        return value
    }
}

extension [JSONPath] {
    /// The first text that is there.
    func word(in root: JSONValue) -> String? { lazy.compactMap { $0.value(in: root)?.word }.first }
}
