import Response
import Spec
import World

/// PagerDuty's Events API v2, `POST /v2/enqueue`: an event is about the alert of its `dedup_key`.
enum PagerDutyEvents {
    /// What one event may have ("Events API v2 overview", size limits).
    static let bodyBytes = 512 << 10
    static let keyCharacters = 255
    static let summaryCharacters = 1024

    static func read(_ request: APIRequest, _ context: IngestContext) -> IngestOutcome {
        guard request.body.count <= bodyBytes else {
            return IngestOutcome(answer: refusal(413, ["the event is larger than \(bodyBytes >> 10) KiB"]))
        }
        guard let root = JSONValue(parsing: request.body), root.members != nil else {
            return IngestOutcome(answer: unreadable)
        }
        let action = root["event_action"]?.string ?? ""
        let given = root["dedup_key"]?.word
        if let given, given.count > keyCharacters {
            return refused("Length of 'dedup_key' is incorrect (should be at most \(keyCharacters) characters)")
        }
        switch action {
        case "trigger": return trigger(root, given ?? context.id.filter { $0 != "-" }, context)
        case "acknowledge", "resolve":
            guard let key = given else { return refused("'dedup_key' is missing or blank") }
            let target = context.target(key)
            let deed = action == "resolve" ? IngestDeed.resolve(target) : .acknowledge(target, by: by(root, context))
            return IngestOutcome([deed], answer: accepted(key))
        default:
            return refused(
                "'event_action' is invalid (must be one of the following: 'trigger', 'acknowledge' or 'resolve')")
        }
    }

    private static func by(_ root: JSONValue, _ context: IngestContext) -> String {
        root["client"]?.word?.clipped(IngestContext.nameCharacters) ?? context.integration.name
    }

    private static func trigger(_ root: JSONValue, _ key: String, _ context: IngestContext) -> IngestOutcome {
        let payload = root["payload"] ?? .null
        guard payload.members != nil else { return refused("'payload' is missing or blank") }
        var errors: [String] = []
        let summary = payload["summary"]?.word
        let source = payload["source"]?.word
        if summary == nil { errors.append("'payload.summary' is missing or blank") }
        if source == nil { errors.append("'payload.source' is missing or blank") }
        let level = payload["severity"]?.string.flatMap { SeverityTable.pagerDuty[$0] }
        if level == nil {
            errors.append(
                "'payload.severity' is invalid (must be one of the following: 'critical', 'warning', 'error' or 'info')"
            )
        }
        guard let summary, let source, let level, errors.isEmpty else {
            return IngestOutcome(answer: refusal(400, errors))
        }
        var draft = AlertDraft()
        draft.label("alertname", summary.clipped(255))
        draft.label("severity", level.rawValue)
        draft.label("source", source)
        for name in ["component", "group", "class"] { draft.label(name, payload[name]?.word) }
        let details = payload["custom_details"]
        if details?.members != nil {
            draft.annotations(of: details)
        } else {
            draft.annotation("details", details.flatMap { $0 == .null ? nil : $0.display })
        }
        draft.annotation("summary", summary.clipped(summaryCharacters))
        draft.annotation("client", root["client"]?.word)
        draft.annotation("links", links(root["links"]))
        draft.annotation("image_url", root["images"]?.items?.lazy.compactMap { $0["src"]?.word }.first)
        draft.generatorURL =
            root["client_url"]?.word ?? root["links"]?.items?.lazy.compactMap { $0["href"]?.word }.first ?? ""
        draft.startsAt = payload["timestamp"]?.moment
        do throws(IngestFault) {
            return IngestOutcome([.report(try draft.report(context, key: key))], answer: accepted(key))
        } catch {
            return refused(error.reason)
        }
    }

    /// A line for each.
    static func links(_ value: JSONValue?) -> String? {
        value?.items?.compactMap { link in
            link["href"]?.word.map { href in link["text"]?.word.map { "\($0): \(href)" } ?? href }
        }.joined(separator: "\n")
    }

    private static func accepted(_ key: String) -> Answer {
        .json(202) { writer in
            writer.object { writer in
                writer.key("status")
                writer.write("success")
                writer.key("message")
                writer.write("Event processed")
                writer.key("dedup_key")
                writer.write(key)
            }
        }
    }

    private static func refused(_ error: String) -> IngestOutcome { IngestOutcome(answer: refusal(400, [error])) }

    /// What the Events API says to whom it wants to wait.
    static func throttled(_ code: Int, _ reason: String) -> Answer {
        refusal(
            code, [reason], status: code == 429 ? "throttle exceeded" : "internal error",
            message: "The event was not taken. Please retry later.")
    }

    static let unreadable = refusal(
        400, ["JSON parse error"], status: "Unrecognized object", message: "Event object format is unrecognized")

    /// `400 Bad Request` of the Events API: what is wrong is a list of texts.
    static func refusal(
        _ code: Int, _ errors: [String], status: String = "invalid event", message: String = "Event object is invalid"
    ) -> Answer {
        .json(code) { writer in
            writer.object { writer in
                writer.key("status")
                writer.write(status)
                writer.key("message")
                writer.write(message)
                writer.key("errors")
                writer.array { writer in for error in errors { writer.write(error) } }
            }
        }
    }
}
