/// Somebody who sends alerts here.
package struct IntegrationSpec: Sendable, Hashable {
    package enum Kind: String, Choice {
        case alertmanager, grafana, pagerduty, opsgenie
        case googleCloud = "google-cloud"
        case sns, heartbeat, json

        package var meaning: String {
            switch self {
            case .alertmanager: "Alertmanager's webhook"
            case .grafana: "Grafana's webhook"
            case .pagerduty: "PagerDuty's Events API v2"
            case .opsgenie: "Opsgenie's alerts"
            case .googleCloud: "Google Cloud Monitoring"
            case .sns: "Amazon SNS, with CloudWatch's alarms"
            case .heartbeat: "signs of life"
            case .json: "any JSON: Grafana OnCall's form and the usual names, or by `fields`"
            }
        }
    }

    package var kind: Kind
    package var about: String?
    /// The secret that whoever sends proves themselves by; one is made when absent.
    package var key: SecretName?
    /// What an alert is about that does not say so.
    package var service: ServiceName?
    /// How bad an alert is that does not say so.
    package var level: Level
    /// Added to each alert.
    package var labels: [String: String]
    /// How long an alert fires of which nothing more is heard; for ever when absent.
    package var endsAfter: Duration?
    /// Topics of SNS that are taken; each that is signed when there are none.
    package var topics: [String]
    package var fields: FieldMapping?

    static let shape: Shape<IntegrationSpec> = .record("integration", "Somebody who sends alerts here.") { f in
        let kind = f.required("kind", Kind.shape("a kind of integration"), "What they send.", example: "grafana")
        let about = f.optional("about", .text(), "Who it is.")
        let key = f.optional(
            "key", SecretName.shape("a secret"),
            "A declared secret that proves who sends; one is made and shown once when absent.", example: "grafana-key")
        let service = f.optional(
            "service", ServiceName.shape("a service"), "The service or resource of an alert that names none.")
        let level = f.value(
            "level", Level.shape("a level"), default: Level.high, because: "as of alerts that are declared here",
            "How bad an alert is that does not say so.")
        let labels = f.value(
            "labels", .map(of: .text("a value"), key: .label), default: [:], because: "none",
            "Labels that each alert gets.", example: "{team: payments}")
        let endsAfter = f.optional(
            "ends-after", .duration, "How long an alert fires of which nothing more is heard; for ever when absent.",
            example: "1d")
        let topics = f.value(
            "topics", .list(of: .text("a topic's ARN")), default: [], because: "each that is signed",
            "With `kind: sns`, the topics that are taken.",
            example: "[\"arn:aws:sns:eu-west-3:123456789012:alarms\"]")
        if f.has("topics"), kind != .sns, f.isSound("kind") {
            f.reportKey(
                .conflictingKeys, "`topics` are Amazon SNS's", "topics", with: "kind", help: "Remove them.")
        }
        let fields = f.optional(
            "fields", FieldMapping.shape,
            "With `kind: json`, where things stand in what they send; the usual names when absent.")
        if kind != .json, f.has("fields"), f.isSound("kind") {
            f.reportKey(
                .conflictingKeys, "`fields` is for plain JSON", "fields", with: "kind",
                help: "What `\(kind?.rawValue ?? "")` sends is known; write `kind: json` for anything else.")
        }
        guard let kind else { return nil }
        return IntegrationSpec(
            kind: kind, about: about, key: key, service: service, level: level, labels: labels, endsAfter: endsAfter,
            topics: topics, fields: fields)
    }
}

/// Where things stand in somebody's JSON.
package struct FieldMapping: Sendable, Hashable {
    package struct Severity: Sendable, Hashable {
        package var path: FieldPath
        package var values: [String: Level]

        static let shape: Shape<Severity> = .record("severity field", "How bad it is, and in which words they say it.")
        { f in
            let path = f.required("path", FieldPath.shape, "Where it stands.", example: "alert.priority")
            let values = f.value(
                "values", .map(of: Level.shape("a level"), key: .text("a word")), default: [:],
                because: "our own words", "Their words and ours; what is not here is the integration's `level`.",
                example: "{P1: critical, P2: high}")
            guard let path else { return nil }
            return Severity(path: path, values: values)
        }
    }

    package struct Status: Sendable, Hashable {
        package var path: FieldPath
        /// What means that it is over; everything else means that it fires.
        package var resolved: [String]
        /// What means that somebody has seen it.
        package var acknowledged: [String]

        static let shape: Shape<Status> = .record("status field", "Whether it is over.") { f in
            let path = f.required("path", FieldPath.shape, "Where it stands.", example: "state")
            let resolved = f.required(
                "resolved", .list(of: .text("a word")), "Words that mean that it is over.", example: "[ok, closed]")
            let acknowledged = f.value(
                "acknowledged", .list(of: .text("a word")), default: [], because: "they do not say it",
                "Words that mean that somebody has seen it.")
            if let resolved, resolved.isEmpty, f.isSound("resolved") {
                f.report(.wrongValue, "no word means that it is over", at: "resolved", help: "Take `status` away.")
            }
            guard let path, let resolved else { return nil }
            return Status(path: path, resolved: resolved, acknowledged: acknowledged)
        }
    }

    /// The list of alerts, where they send several.
    package var items: FieldPath?
    package var title: FieldPath
    package var message: FieldPath?
    package var severity: Severity?
    package var status: Status?
    /// What two messages about one alert share; its labels when absent.
    package var key: FieldPath?
    package var labels: [String: FieldPath]
    /// Where it can be looked at.
    package var link: FieldPath?
    package var starts: FieldPath?

    static let shape: Shape<FieldMapping> = .record("fields", "Where things stand in somebody's JSON.") { f in
        let items = f.optional(
            "items", FieldPath.shape, "The list of alerts, where they send several; places are then those in each.",
            example: "alerts")
        let title = f.required("title", FieldPath.shape, "The alert's name.", example: "alert.name")
        let message = f.optional("message", FieldPath.shape, "A sentence for the page.")
        let severity = f.optional("severity", Severity.shape, "How bad it is.")
        let status = f.optional("status", Status.shape, "Whether it is over; it never is when absent, but by time.")
        let key = f.optional(
            "key", FieldPath.shape, "What two messages about one alert share; its labels when absent.",
            example: "alert.id")
        let labels = f.value(
            "labels", .map(of: FieldPath.shape, key: .label), default: [:], because: "none",
            "Labels and where their values stand.", example: "{service: \"tags[0]\"}")
        let link = f.optional("link", FieldPath.shape, "Where it can be looked at.")
        let starts = f.optional("starts", FieldPath.shape, "When it began.")
        guard let title else { return nil }
        return FieldMapping(
            items: items, title: title, message: message, severity: severity, status: status, key: key, labels: labels,
            link: link, starts: starts)
    }
}

/// A place in JSON: `alert.tags[0].name`, or a pointer (RFC 6901) where keys have dots: `/alert/a.b`.
package struct FieldPath: Sendable, Hashable, CustomStringConvertible {
    package let description: String

    /// - Returns: `nil` when it is none.
    package init?(_ text: String) {
        description = text
        if text.hasPrefix("/") { return }
        guard !text.isEmpty, !text.contains(where: { $0.isWhitespace || $0 == "$" }) else { return nil }
        for (number, step) in text.split(separator: ".", omittingEmptySubsequences: false).enumerated() {
            let pieces = step.split(separator: "[", omittingEmptySubsequences: false)
            guard let name = pieces.first, !name.isEmpty || number == 0 && pieces.count > 1, !name.contains("]") else {
                return nil
            }
            for piece in pieces.dropFirst() {
                let digits = piece.dropLast()
                guard piece.last == "]", !digits.isEmpty, digits.utf8.allSatisfy({ (0x30...0x39).contains($0) }) else {
                    return nil
                }
            }
        }
    }

    static let shape: Shape<FieldPath> = .scalar(
        "a place in JSON", pattern: "^(/.*|[^\\s$]+)$", examples: ["alert.name", "\"tags[0]\""],
        parse: { text in
            if let path = FieldPath(text) { return .success(path) }
            let bare = text.hasPrefix("$.") ? String(text.dropFirst(2)) : text
            return .failure(
                .init(
                    "'\(text)' is not a place in JSON",
                    help: "Keys with dots between them, and positions, `alert.tags[0]`; or a pointer, `/alert/tags/0`.",
                    fix: bare != text && FieldPath(bare) != nil ? bare : nil))
        },
        show: { $0.description.contains("[") ? "\"\($0.description)\"" : $0.description })
}
