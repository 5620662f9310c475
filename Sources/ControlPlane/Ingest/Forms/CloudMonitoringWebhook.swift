import Response
import Spec
import World

/// Google Cloud Monitoring's webhook, version 1.2 ("Create and manage notification channels", webhooks): one incident of a
/// policy, opened or closed.
enum CloudMonitoringWebhook {
    static func read(_ request: APIRequest, _ context: IngestContext) -> IngestOutcome {
        guard let root = JSONValue(parsing: request.body) else {
            return IngestOutcome(answer: .fault(400, "the body is not JSON"))
        }
        guard let incident = root["incident"], incident.members != nil else {
            return IngestOutcome(answer: .fault(400, "\"incident\" is missing or no object"))
        }
        guard let id = incident["incident_id"]?.word else {
            return IngestOutcome(answer: .fault(400, "incident.incident_id is missing"))
        }
        var draft = AlertDraft()
        for label in incident["policy_user_labels"]?.members ?? [] { draft.label(label.key, label.value.word) }
        let name = incident["policy_name"]?.word ?? incident["condition_name"]?.word ?? "Google Cloud Monitoring"
        draft.label("alertname", name.clipped(255))
        draft.label("condition", incident["condition_name"]?.word)
        draft.label("project", incident["scoping_project_id"]?.word)
        draft.label("resource", incident["resource_display_name"]?.word ?? incident["resource_name"]?.word)
        draft.label("resource_type", incident["resource"]?["type"]?.word)
        draft.label("metric_type", incident["metric"]?["type"]?.word)
        for part in ["resource", "metric"] {
            for label in incident[part]?["labels"]?.members ?? [] {
                draft.label("\(part)_\(label.key)", label.value.word)
            }
        }
        let words = [incident["severity"]?.word, incident["policy_user_labels"]?["severity"]?.word].compactMap { $0 }
        let level = words.lazy.compactMap { word in
            SeverityTable.googleCloud[word.lowercased()] ?? Level(severity: word)
        }.first
        draft.label("severity", (level ?? context.integration.level).rawValue)
        draft.annotation("summary", incident["summary"]?.word ?? name)
        let documentation = incident["documentation"]
        draft.annotation("description", documentation?["content"]?.word ?? documentation?.word)
        draft.annotation("links", links(documentation?["links"]))
        draft.annotation("observed_value", incident["observed_value"]?.word)
        draft.annotation("threshold_value", incident["threshold_value"]?.word)
        draft.generatorURL = incident["url"]?.word ?? ""
        draft.startsAt = incident["started_at"]?.moment
        switch incident["state"]?.string?.lowercased() {
        case "open", "acknowledged": break
        case "closed": draft.endsAt = min(incident["ended_at"]?.moment ?? context.now, context.now)
        case let state:
            return IngestOutcome(answer: .fault(400, "incident.state \(AlertRules.quoted(state ?? "")) is not known"))
        }
        // What the button that tests a channel sends, and never closes.
        if root["version"]?.word == "test", draft.endsAt == nil {
            draft.label("severity", Level.low.rawValue)
            draft.endsAt = context.now + IngestContext.testLasts
        }
        do throws(IngestFault) {
            return IngestOutcome([.report(try draft.report(context, key: id))], answer: .ok)
        } catch {
            return IngestOutcome(answer: .fault(400, error.reason))
        }
    }

    private static func links(_ value: JSONValue?) -> String? {
        value?.items?.compactMap { link in
            link["url"]?.word.map { url in link["displayName"]?.word.map { "\($0): \(url)" } ?? url }
        }.joined(separator: "\n")
    }
}
