/// Whose words a message is in.
package enum IngestForm: Hashable, Sendable {
    case alertmanager
    case grafana
    case pagerDutyEvent
    case pagerDutyChange
    case opsgenie(OpsgenieCall)
    case googleCloud
    case sns
    case json
    case heartbeat(name: String?)
    /// Grafana OnCall's addresses, with another form in them.
    case onCall(Integration.Sender)
    case onCallHeartbeat

    /// Whose keys it takes; `nil`: everybody's.
    package var sender: Integration.Sender? {
        switch self {
        case .alertmanager: .alertmanager
        case .grafana: .grafana
        case .pagerDutyEvent, .pagerDutyChange: .pagerDuty
        case .opsgenie(.ping): nil
        case .opsgenie: .opsgenie
        case .googleCloud: .googleCloud
        case .sns: .sns
        case .json: .json
        case .onCall(let sender): sender
        case .heartbeat, .onCallHeartbeat: nil
        }
    }

    /// The methods that it is asked with.
    package var methods: [String] {
        switch self {
        case .alertmanager, .pagerDutyEvent, .pagerDutyChange, .googleCloud, .sns, .onCall: ["POST"]
        // "Configure webhook notifications", HTTP Method.
        case .grafana, .json: ["POST", "PUT"]
        // "Heartbeat API", Ping Heartbeat Request.
        case .opsgenie(.ping): ["GET", "POST", "PUT", "PATCH"]
        case .opsgenie: ["POST"]
        case .heartbeat: ["GET", "HEAD", "POST", "PUT"]
        case .onCallHeartbeat: ["GET", "POST"]
        }
    }

    /// What a message of this form asks for. Pure: the same request and context give the same outcome.
    package func read(_ request: APIRequest, _ context: IngestContext) -> IngestOutcome {
        switch self {
        case .alertmanager: return AlertmanagerWebhook.read(request, context)
        case .grafana: return GrafanaWebhook.read(request, context)
        case .pagerDutyEvent: return PagerDutyEvents.read(request, context)
        case .pagerDutyChange: return PagerDutyChanges.read(request, context)
        case .opsgenie(let call): return OpsgenieAlerts.read(call, request, context)
        case .googleCloud: return CloudMonitoringWebhook.read(request, context)
        case .sns: return SNSMessages.read(request, context)
        case .json: return MappedJSON.read(request, context)
        case .heartbeat(let name):
            let answer = Answer(status: 200, body: .json(Array(#"{"status":"ok"}"#.utf8)))
            return IngestOutcome([.beat(name ?? context.integration.name)], answer: answer)
        case .onCall(let sender): return OnCallIntegrations.read(sender, request, context)
        case .onCallHeartbeat: return OnCallIntegrations.heartbeat(request, context)
        }
    }

    /// A refusal as the sender understands it.
    package func refusal(_ status: Int, _ reason: String, id: String) -> Answer {
        switch self {
        case .alertmanager, .grafana, .googleCloud, .sns, .json, .heartbeat: .fault(status, reason)
        case .pagerDutyEvent, .pagerDutyChange: PagerDutyEvents.refusal(status, [reason])
        case .opsgenie: OpsgenieAlerts.refusal(status, reason, id)
        case .onCall, .onCallHeartbeat: Answer(status: status, body: .text(reason))
        }
    }

    /// The bytes that a message may have, where that is less than any may.
    var bodyBytes: Int? {
        switch self {
        case .pagerDutyEvent, .pagerDutyChange: PagerDutyEvents.bodyBytes
        case .alertmanager, .grafana, .opsgenie, .googleCloud, .sns, .json, .heartbeat, .onCall, .onCallHeartbeat: nil
        }
    }

    /// A refusal after which the sender comes again.
    ///
    /// - Parameter status: `nil`: the one that its clients wait and repeat after.
    package func busy(_ reason: String, status: Int? = nil, seconds: Int, id: String) -> Answer {
        let status = status ?? statusOfBusy
        var answer = refusal(status, reason, id: id)
        if case .pagerDutyEvent = self { answer = PagerDutyEvents.throttled(status, reason) }
        if case .pagerDutyChange = self { answer = PagerDutyEvents.throttled(status, reason) }
        answer.fields.append(("Retry-After", "\(seconds)"))
        return answer
    }

    /// Alertmanager's webhook repeats after 5xx only (`notify.Retrier`), and so does Grafana's, which is made of it; SNS and
    /// Google Cloud do after 5xx for certain. Clients of PagerDuty and Opsgenie wait at 429, as their documents ask.
    private var statusOfBusy: Int {
        switch self {
        case .alertmanager, .grafana, .googleCloud, .sns: 503
        case .onCall(let sender): [.alertmanager, .grafana, .googleCloud, .sns].contains(sender) ? 503 : 429
        case .pagerDutyEvent, .pagerDutyChange, .opsgenie, .json, .heartbeat, .onCallHeartbeat: 429
        }
    }

    /// What a message without a key is answered, or with one that is not valid.
    func denial(_ denial: IntegrationKeys.Denial?, id: String) -> Answer {
        switch self {
        case .pagerDutyEvent, .pagerDutyChange:
            return refusal(400, denial == nil ? "'routing_key' is missing or blank" : "Invalid routing key", id: id)
        case .opsgenie: return refusal(401, "Could not authenticate", id: id)
        case .onCall, .onCallHeartbeat:
            return refusal(403, "Integration key was not found. Permission denied.", id: id)
        case .alertmanager, .grafana, .googleCloud, .sns, .json, .heartbeat:
            let reason =
                switch denial {
                case nil: "the message has no integration key"
                case .unknown: "the integration key is not known"
                case .revoked: "the integration key was revoked"
                case .expired: "the integration key has ended; there is a newer one"
                }
            var answer = refusal(401, reason, id: id)
            // SNS sends its user and password only when it is asked for them.
            answer.fields.append(("WWW-Authenticate", #"Basic realm="hauban""#))
            return answer
        }
    }
}
