package import Spec

/// A message as an event of PagerDuty's Events API v2, `POST /v2/enqueue`.
package enum PagerDutyEvent {
    /// - Parameter routingKey: the integration's key; a secret of the caller's.
    package static func body(_ message: Message, routingKey: String) -> JSONTree {
        let action =
            switch message.kind {
            case .acknowledged: "acknowledge"
            case .resolved: "resolve"
            case .page, .update, .summary, .test: "trigger"
            }
        var members: [(String, JSONTree)] = [
            ("routing_key", .text(routingKey)), ("event_action", .text(action)),
            ("dedup_key", .text(dedupKey(message).cut(255))),
        ]
        guard action == "trigger" else { return .some(members) }
        members += [
            ("payload", payload(message)), ("client", "Hauban"), ("client_url", .text(orNull: message.address)),
        ]
        var links: [JSONTree] = []
        if let runbook = message.subject?.runbook, runbook.hasPrefix("http") {
            links.append(["href": .text(runbook), "text": .text(message[.runbook])])
        }
        if let address = message.address { links.append(["href": .text(address), "text": .text(message[.incident])]) }
        members.append(("links", .list(links)))
        return .some(members)
    }

    /// The same for all that is said about one incident, so that it stays one there too.
    package static func dedupKey(_ message: Message) -> String {
        message.subject.map { "hauban-\(message.platform)-\($0.id)" } ?? message.key
    }

    private static func payload(_ message: Message) -> JSONTree {
        let subject = message.subject
        var details: [(String, JSONTree)] = [("why", .text(message.because))]
        if let subject {
            details.append(("firing", .number(subject.firing)))
            details.append(
                ("alerts", .list(subject.alerts.map { .text("\($0.name) \($0.summary ?? $0.labels.description)") })))
            details.append(("releases", .list(subject.releases.map { .text(message[$0.sentence]) })))
            details.append(("last_good_release", .text(orNull: subject.lastGood)))
        }
        return .some([
            ("summary", .text(message.headline.cut(1024))), ("source", .text(subject?.service ?? message.platform)),
            ("severity", .text(severity(subject?.severity ?? .low))), ("timestamp", .text(message.at.description)),
            ("component", .text(orNull: subject?.service)), ("group", .text(message.platform)),
            ("custom_details", .some(details)),
        ])
    }

    /// PagerDuty knows critical, error, warning and info.
    private static func severity(_ level: Level) -> String {
        switch level {
        case .critical: "critical"
        case .high: "error"
        case .medium: "warning"
        case .low: "info"
        }
    }
}
