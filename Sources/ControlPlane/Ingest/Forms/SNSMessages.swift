import Response
import Spec
import World

/// Amazon SNS over HTTPS ("Fanout Amazon SNS notifications to HTTPS endpoints"): its own handshake, and alarms of
/// CloudWatch in its notifications.
enum SNSMessages {
    static func read(_ request: APIRequest, _ context: IngestContext) -> IngestOutcome {
        guard let message = JSONValue(parsing: request.body), message.members != nil else {
            return IngestOutcome(answer: .fault(400, "the body is not JSON"))
        }
        guard SNSSignature.text(of: message) != nil, let type = message["Type"]?.string,
            let topic = message["TopicArn"]?.string
        else {
            return IngestOutcome(
                answer: .fault(400, "a message of SNS has a Type that is known and all fields that are signed"))
        }
        guard let url = SNSSignature.certificateURL(of: message) else {
            return IngestOutcome(answer: .fault(403, "SigningCertURL is not at sns.REGION.amazonaws.com"))
        }
        let topics = context.integration.topics
        guard topics.isEmpty || topics.contains(topic) else {
            return IngestOutcome(
                answer: .fault(403, "integration \(context.integration.name) does not take the topic \(topic)"))
        }
        guard let certificate = context.certificates[url] else {
            // SNS comes again after a 5xx.
            let later = Answer.fault(
                503, "the certificate of the signature could not be fetched", fields: ["Retry-After": "20"])
            return IngestOutcome(answer: later, wants: url)
        }
        do throws(IngestFault) {
            try SNSSignature.check(message, certificate: certificate, now: context.now.seconds)
        } catch {
            return IngestOutcome(answer: .fault(403, error.reason))
        }
        switch type {
        case "SubscriptionConfirmation":
            guard let subscribe = message["SubscribeURL"]?.string, SNSSignature.isOfSNS(subscribe) else {
                return IngestOutcome(answer: .fault(403, "SubscribeURL is not at sns.REGION.amazonaws.com"))
            }
            return IngestOutcome([.confirm(url: subscribe)], answer: .ok)
        case "UnsubscribeConfirmation":
            return IngestOutcome(answer: .ok)
        default:
            return notification(message, topic, context)
        }
    }

    private static func notification(
        _ message: JSONValue, _ topic: String, _ context: IngestContext
    ) -> IngestOutcome {
        let text = message["Message"]?.string ?? ""
        do throws(IngestFault) {
            if let alarm = JSONValue(parsing: Array(text.utf8)), alarm["AlarmName"] != nil {
                return IngestOutcome([.report(try CloudWatchAlarm.report(alarm, context))], answer: .ok)
            }
            return IngestOutcome([.report(try plain(text, message, topic, context))], answer: .ok)
        } catch {
            return IngestOutcome(answer: .fault(400, error.reason))
        }
    }

    /// What somebody publishes who is not CloudWatch: an alert of its subject, one for each topic and subject.
    private static func plain(
        _ text: String, _ message: JSONValue, _ topic: String, _ context: IngestContext
    ) throws(IngestFault) -> AlertBook.Report {
        let name = topic.split(separator: ":").last.map(String.init) ?? topic
        let subject = message["Subject"]?.word
        var draft = AlertDraft()
        draft.label("alertname", (subject ?? name).clipped(255))
        draft.label("topic", name)
        draft.label("severity", context.integration.level.rawValue)
        draft.annotation("summary", subject ?? text.split(separator: "\n").first.map { String($0).clipped(255) })
        draft.annotation("description", text)
        draft.startsAt = message["Timestamp"]?.moment
        return try draft.report(context, key: "\(topic) \(subject ?? "")")
    }
}
