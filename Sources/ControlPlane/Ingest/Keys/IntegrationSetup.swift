/// What a person puts into a sender so that it sends to us: to be shown once, with the key in it.
package struct IntegrationSetup: Hashable, Sendable {
    /// The address to paste.
    package var url: String
    /// The sender's own configuration, or a command that sends a first message; ready to copy.
    package var snippet: String

    /// - Parameters:
    ///   - base: where this control plane is reached, without a slash at its end.
    ///   - key: the key as it was shown.
    package init(_ integration: Integration, base: String, key: String) {
        switch integration.sender {
        case .alertmanager:
            url = "\(base)/integrations/alertmanager/\(key)"
            snippet = """
                receivers:
                - name: hauban
                  webhook_configs:
                  - url: \(url)
                    send_resolved: true
                """
        case .grafana:
            url = "\(base)/integrations/grafana/\(key)"
            snippet = """
                contactPoints:
                - name: hauban
                  receivers:
                  - uid: hauban
                    type: webhook
                    settings: {url: \(url), httpMethod: POST}
                """
        case .pagerDuty:
            url = "\(base)/v2/enqueue"
            snippet = Self.curl(
                url,
                #"{"routing_key": "\#(key)", "event_action": "trigger", "dedup_key": "test", "#
                    + #""payload": {"summary": "a test", "source": "curl", "severity": "info"}}"#)
        case .opsgenie:
            url = "\(base)/v2/alerts"
            snippet = Self.curl(
                url, #"{"message": "a test", "alias": "test", "priority": "P5"}"#,
                fields: ["Authorization: GenieKey \(key)"])
        case .googleCloud:
            url = "\(base)/integrations/google-cloud/\(key)"
            snippet =
                "gcloud beta monitoring channels create --type=webhook_tokenauth --display-name=hauban "
                + "--channel-labels=url=\(url)"
        case .sns:
            url = "\(base)/integrations/sns/\(key)"
            snippet =
                "aws sns subscribe --topic-arn ARN --protocol \(base.hasPrefix("https:") ? "https" : "http") "
                + "--notification-endpoint \(url)"
        case .heartbeat:
            url = "\(base)/integrations/heartbeat/\(key)"
            snippet = "curl -fsS -m 10 --retry 3 -X POST \(url)"
        case .json:
            url = "\(base)/integrations/json/\(key)"
            snippet = Self.curl(
                url, #"{"title": "a test", "alert_uid": "test", "state": "alerting", "severity": "low"}"#)
        }
    }

    private static func curl(_ url: String, _ body: String, fields: [String] = []) -> String {
        let all = ["Content-Type: application/json"] + fields
        return "curl -fsS \(url) " + all.map { "-H '\($0)' " }.joined() + "-d '\(body)'"
    }
}
