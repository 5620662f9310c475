import Crypto
import Response
import World

/// PagerDuty's change events, `POST /v2/change/enqueue`: a deploy that somebody else made, the first suspect of what follows.
enum PagerDutyChanges {
    static func read(_ request: APIRequest, _ context: IngestContext) -> IngestOutcome {
        guard request.body.count <= PagerDutyEvents.bodyBytes else {
            return IngestOutcome(
                answer: PagerDutyEvents.refusal(
                    413, ["the event is larger than \(PagerDutyEvents.bodyBytes >> 10) KiB"]))
        }
        guard let root = JSONValue(parsing: request.body), root.members != nil else {
            return IngestOutcome(answer: PagerDutyEvents.unreadable)
        }
        guard let payload = root["payload"], let summary = payload["summary"]?.word else {
            return IngestOutcome(answer: PagerDutyEvents.refusal(400, ["'payload.summary' is missing or blank"]))
        }
        let details = payload["custom_details"]
        func detail(_ names: String...) -> String? { names.lazy.compactMap { details?[$0]?.word }.first }
        let services = [detail("service"), context.integration.labels["service"]].compactMap { $0 }.prefix(1)
        let time = payload["timestamp"]?.moment.map { min($0, context.now) } ?? context.now
        // The same event told again, after an answer that got lost, is the same change.
        let digest = SHA256.hash(data: request.body).prefix(8).map { byte in
            let digits = String(byte, radix: 16)
            return digits.count == 1 ? "0" + digits : digits
        }
        let record = ReleaseRecord(
            id: "change-\(digest.joined())", services: Array(services),
            environment: detail("environment", "env") ?? context.integration.labels["environment"],
            by: detail("user", "author", "deployed_by") ?? payload["source"]?.word ?? context.integration.name,
            version: detail("version", "revision", "commit", "sha", "build_number", "tag") ?? summary.clipped(120),
            began: time, ended: time, verdict: .elsewhere, migration: .unknown)
        let text = [summary, PagerDutyEvents.links(root["links"])].compactMap { $0?.meaningful }
        let answer = Answer.json(202) { writer in
            writer.object { writer in
                writer.key("status")
                writer.write("success")
                writer.key("message")
                writer.write("Change event processed")
            }
        }
        return IngestOutcome(
            [.change(record, summary: text.joined(separator: "\n").clipped(PagerDutyEvents.summaryCharacters))],
            answer: answer)
    }
}
