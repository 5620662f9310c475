package import Response

/// Takes a sender's request from its address to what it asks for: form, key, limits, reading.
///
/// The caller has the deeds written before it gives the answer.
package struct IngestDesk: Sendable {
    package var keys: IntegrationKeys
    package var limits: IngestLimits
    /// What outcomes wanted: fetched by the caller, who puts it here and asks again.
    package var certificates = SigningCertificates()

    package init(keys: IntegrationKeys, limits: IngestLimits = IngestLimits()) {
        self.keys = keys
        self.limits = limits
    }

    /// - Parameter id: a new UUID of version 4.
    /// - Returns: `nil` when the path is no sender's.
    package mutating func take(_ request: APIRequest, now: Moment, id: String) -> IngestOutcome? {
        guard let route = IngestRouter.route(request) else { return nil }
        let form = route.form
        guard form.methods.contains(request.method) else {
            var answer = form.refusal(405, "\(request.method) is not served here", id: id)
            answer.fields.append(("Allow", form.methods.joined(separator: ", ")))
            return IngestOutcome(answer: answer)
        }
        let most = min(limits.bodyBytes, form.bodyBytes ?? .max)
        guard request.body.count <= most else {
            let reason = "the body has \(request.body.count) bytes, more than the \(most) that are taken"
            return IngestOutcome(answer: form.refusal(413, reason, id: id))
        }
        guard let key = route.key, !key.isEmpty else { return IngestOutcome(answer: form.denial(nil, id: id)) }
        let integration: Integration
        do throws(IntegrationKeys.Denial) {
            integration = try keys.admit(key, now: now)
        } catch {
            return IngestOutcome(answer: form.denial(error, id: id))
        }
        if let sender = form.sender, sender != integration.sender {
            let reason =
                "integration \(integration.name) takes \(integration.sender.rawValue), and this is "
                + "\(sender.rawValue)"
            return IngestOutcome(answer: form.refusal(form.statusOfOtherSender, reason, id: id))
        }
        var outcome = form.read(
            request,
            IngestContext(
                now: now, integration: integration, limits: limits, id: id, certificates: certificates.valid(at: now)))
        outcome.form = form
        outcome.id = id
        return outcome
    }
}

extension IngestForm {
    /// OnCall and PagerDuty answer 400 to a key of another kind.
    fileprivate var statusOfOtherSender: Int {
        switch self {
        case .onCall, .onCallHeartbeat, .pagerDutyEvent, .pagerDutyChange: 400
        case .alertmanager, .grafana, .opsgenie, .googleCloud, .sns, .json, .heartbeat: 403
        }
    }
}
