import World

/// Grafana OnCall's `/integrations/v1/{type}/{key}/` (engine, `apps/integrations`): the addresses that its senders have.
enum OnCallIntegrations {
    /// Whose form a type is in; what OnCall reads with templates is read with the usual places.
    static func sender(of type: String) -> Integration.Sender {
        switch type {
        case "alertmanager", "legacy_alertmanager": .alertmanager
        case "grafana", "grafana_alerting", "legacy_grafana_alerting": .grafana
        case "amazon_sns": .sns
        case "stackdriver": .googleCloud
        case "pagerduty": .pagerDuty
        case "heartbeat": .heartbeat
        // webhook, formatted_webhook, zabbix, kapacitor, elastalert and the rest.
        default: .json
        }
    }

    static func read(
        _ sender: Integration.Sender, _ request: APIRequest, _ context: IngestContext
    ) -> IngestOutcome {
        var outcome =
            switch sender {
            case .alertmanager: AlertmanagerWebhook.read(request, context)
            case .grafana: GrafanaWebhook.read(request, context)
            case .sns: SNSMessages.read(request, context)
            case .googleCloud: CloudMonitoringWebhook.read(request, context)
            case .pagerDuty: PagerDutyEvents.read(request, context)
            case .json, .opsgenie: MappedJSON.read(request, context)
            case .heartbeat: IngestOutcome([.beat(context.integration.name)], answer: .ok)
            }
        if outcome.answer.status < 300 { outcome.answer = done }
        return outcome
    }

    static func heartbeat(_ request: APIRequest, _ context: IngestContext) -> IngestOutcome {
        let answer = request.method == "GET" ? Answer(status: 200, body: .json(Array(#"":)""#.utf8))) : .ok
        return IngestOutcome([.beat(context.integration.name)], answer: answer)
    }

    private static let done = Answer(status: 200, body: .json(Array(#""Ok.""#.utf8)))
}
