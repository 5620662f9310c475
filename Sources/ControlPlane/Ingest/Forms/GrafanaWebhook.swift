import Response
import Spec
import World

/// Grafana's webhook contact point ("Configure webhook notifications"): Alertmanager's list with links and values, and the
/// single alert of the alerting before Grafana 9 ("Legacy alerting", webhook).
enum GrafanaWebhook {
    static func read(_ request: APIRequest, _ context: IngestContext) -> IngestOutcome {
        guard let root = JSONValue(parsing: request.body) else {
            return IngestOutcome(answer: .fault(400, "the body is not JSON"))
        }
        if let alerts = root["alerts"]?.items {
            return AlertmanagerWebhook.read(alerts, context) { alert, draft in
                draft.annotation("dashboard_url", alert["dashboardURL"]?.string)
                draft.annotation("panel_url", alert["panelURL"]?.string)
                draft.annotation("silence_url", alert["silenceURL"]?.string)
                draft.annotation("image_url", alert["imageURL"]?.string)
                if let values = alert["values"], values != .null {
                    draft.annotation("values", values.text)
                } else {
                    draft.annotation("values", alert["valueString"]?.string)
                }
                // What the button "Test" of a contact point sends, and never resolves.
                if draft.labels["alertname"] == "TestAlert", draft.labels["instance"] == "Grafana",
                    draft.endsAt == nil
                {
                    draft.endsAt = context.now + IngestContext.testLasts
                }
            }
        }
        return legacy(root, context)
    }

    private static func legacy(_ root: JSONValue, _ context: IngestContext) -> IngestOutcome {
        guard let state = root["state"]?.string,
            let name = root["ruleName"]?.word ?? root["title"]?.word
        else {
            return IngestOutcome(answer: .fault(400, "\"alerts\" is missing or no list, and so are state and ruleName"))
        }
        var draft = AlertDraft()
        draft.label("alertname", name.clipped(255))
        for tag in root["tags"]?.members ?? [] { draft.label(tag.key, tag.value.word) }
        if draft.labels["severity"] == nil { draft.label("severity", context.integration.level.rawValue) }
        draft.annotation("summary", root["title"]?.word)
        draft.annotation("description", root["message"]?.word)
        draft.annotation("image_url", root["imageUrl"]?.word)
        if let matches = root["evalMatches"]?.items, !matches.isEmpty {
            draft.annotation("values", JSONValue.array(matches).text)
        }
        draft.generatorURL = root["ruleUrl"]?.word ?? ""
        switch state {
        case "alerting": break
        case "no_data": draft.label("evidence", "missing")
        case "ok": draft.endsAt = context.now
        case "paused", "pending": return IngestOutcome(answer: .ok)
        default: return IngestOutcome(answer: .fault(400, "state \(AlertRules.quoted(state)) is not known"))
        }
        do throws(IngestFault) {
            return IngestOutcome([.report(try draft.report(context, key: name))], answer: .ok)
        } catch {
            return IngestOutcome(answer: .fault(400, error.reason))
        }
    }
}
