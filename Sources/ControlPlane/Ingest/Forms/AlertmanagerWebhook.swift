import Response
import World

/// Alertmanager's webhook, version 4 ("Configuration", `<webhook_config>`): each alert of it is one of ours, whatever group
/// it came in.
enum AlertmanagerWebhook {
    static func read(_ request: APIRequest, _ context: IngestContext) -> IngestOutcome {
        guard let root = JSONValue(parsing: request.body) else {
            return IngestOutcome(answer: .fault(400, "the body is not JSON"))
        }
        guard let alerts = root["alerts"]?.items else {
            return IngestOutcome(answer: .fault(400, "\"alerts\" is missing or no list"))
        }
        if let version = root["version"]?.word, version != "4" {
            return IngestOutcome(answer: .fault(400, "version \(version) of the webhook is not known, only 4"))
        }
        return read(alerts, context) { _, _ in }
    }

    /// Reads the list of alerts that Alertmanager's and Grafana's webhooks share.
    ///
    /// - Parameter adding: what a sender says besides.
    static func read(
        _ alerts: [JSONValue], _ context: IngestContext, adding: (JSONValue, inout AlertDraft) -> Void
    ) -> IngestOutcome {
        var deeds: [IngestDeed] = []
        var rejects: [IngestOutcome.Reject] = []
        for (index, alert) in alerts.enumerated() {
            do throws(IngestFault) {
                deeds.append(.report(try report(alert, context, adding)))
            } catch {
                rejects.append(.init(index: index, reason: error.reason))
            }
        }
        return IngestOutcome(deeds, answer: rejects.isEmpty ? .ok : .rejects(rejects), rejects: rejects)
    }

    private static func report(
        _ alert: JSONValue, _ context: IngestContext, _ adding: (JSONValue, inout AlertDraft) -> Void
    ) throws(IngestFault) -> AlertBook.Report {
        guard alert.members != nil else { throw IngestFault("the alert is no object") }
        var draft = AlertDraft()
        let labels = try texts(alert, "labels")
        draft.labels(verbatim: labels)
        for (name, value) in try texts(alert, "annotations") { draft.annotation(name, value) }
        draft.generatorURL = alert["generatorURL"]?.string ?? ""
        draft.startsAt = alert["startsAt"]?.moment
        switch alert["status"]?.string {
        case "firing": break
        case "resolved": draft.endsAt = min(alert["endsAt"]?.moment ?? context.now, context.now)
        case let word: throw IngestFault("status \(AlertRules.quoted(word ?? "")) is neither firing nor resolved")
        }
        // Grafana tells alerts apart by labels that it does not send, the rule's id for one; its fingerprint is of them all.
        if let sent = alert["fingerprint"], sent != .null {
            guard let fingerprint = sent.string else { throw IngestFault("fingerprint is no text") }
            if !fingerprint.isEmpty, fingerprint != LabelSet(labels).fingerprint.description {
                draft.label("fingerprint", fingerprint)
            }
        }
        adding(alert, &draft)
        return try draft.report(context, key: nil)
    }

    private static func texts(_ alert: JSONValue, _ name: String) throws(IngestFault) -> [String: String] {
        guard let value = alert[name], value != .null else { return [:] }
        guard let members = value.members else { throw IngestFault("\(name) is no object") }
        var texts: [String: String] = [:]
        for member in members {
            guard let text = member.value.string else {
                throw IngestFault("\(AlertRules.quoted(member.key)) among the \(name) is no text")
            }
            texts[member.key] = text
        }
        return texts
    }
}
