import Response

/// A text that a sender is configured with, ready to be copied.
struct Snippet: Sendable, Hashable {
    var title: Phrase
    var text: String

    /// Where a key goes that is not known here.
    static func placeholder(_ id: String?) -> String { id.map { "hb_\($0)…" } ?? "KEY" }

    /// Prometheus and amtool speak Alertmanager's own API (`alerting.alertmanagers` of prometheus.yml).
    static func prometheus(_ address: String) -> Snippet {
        let (scheme, host) = parts(address)
        return Snippet(
            title: Phrase(verbatim: "prometheus.yml"),
            text: """
                alerting:
                  alertmanagers:
                  - scheme: \(scheme)
                    static_configs:
                    - targets: ["\(host)"]
                """)
    }

    static func amtool(_ address: String) -> Snippet {
        Snippet(title: Phrase(verbatim: "amtool"), text: "amtool --alertmanager.url=\(base(address)) alert")
    }

    static func all(
        _ sender: ConsoleData.Integration.Sender, _ address: String, key: String, name: String
    ) -> [Snippet] {
        let base = base(address)
        switch sender {
        case .alertmanager:
            return [
                Snippet(
                    title: Phrase(verbatim: "alertmanager.yml"),
                    text: """
                        receivers:
                        - name: hauban
                          webhook_configs:
                          - url: \(base)/integrations/alertmanager
                            send_resolved: true
                            http_config:
                              authorization:
                                credentials: \(key)
                        """), onCall("alertmanager", base, key),
            ]
        case .grafana:
            return [
                Snippet(
                    title: Phrase("Contact point: Webhook", "Point de contact\u{a0}: Webhook"),
                    text: """
                        URL: \(base)/integrations/grafana
                        HTTP Method: POST
                        Authorization Header - Scheme: Bearer
                        Authorization Header - Credentials: \(key)
                        """), onCall("grafana_alerting", base, key),
            ]
        case .pagerduty:
            return [
                Snippet(
                    title: Phrase("Trigger, acknowledge or resolve", "Déclencher, prendre en charge ou résoudre"),
                    text: """
                        curl -X POST \(base)/v2/enqueue \\
                          -H 'Content-Type: application/json' \\
                          -d '{"routing_key": "\(key)", "event_action": "trigger", "dedup_key": "disk-db1",
                               "payload": {"summary": "Disk of db1 is full", "source": "db1", "severity": "critical"}}'
                        """),
                Snippet(
                    title: Phrase("A deployment", "Un déploiement"),
                    text: """
                        curl -X POST \(base)/v2/change/enqueue \\
                          -H 'Content-Type: application/json' \\
                          -d '{"routing_key": "\(key)", "payload": {"summary": "api 2.4.1", "source": "ci"}}'
                        """),
            ]
        case .opsgenie:
            return [
                Snippet(
                    title: Phrase("Create, then close by its alias", "Créer, puis clore par son alias"),
                    text: """
                        curl -X POST \(base)/v2/alerts \\
                          -H 'Authorization: GenieKey \(key)' -H 'Content-Type: application/json' \\
                          -d '{"message": "Disk of db1 is full", "alias": "disk-db1", "priority": "P1"}'
                        curl -X POST '\(base)/v2/alerts/disk-db1/close?identifierType=alias' \\
                          -H 'Authorization: GenieKey \(key)' -H 'Content-Type: application/json' -d '{}'
                        """)
            ]
        case .googleCloud:
            return [
                Snippet(
                    title: Phrase("Notification channel", "Canal de notification"),
                    text: """
                        gcloud beta monitoring channels create --display-name=Hauban --type=webhook_tokenauth \\
                          --channel-labels='url=\(base)/integrations/google-cloud?auth_token=\(key)'
                        """)
            ]
        case .sns:
            return [
                Snippet(
                    title: Phrase("Subscription of a topic", "Abonnement à un sujet"),
                    text: """
                        aws sns subscribe --topic-arn TOPIC --protocol https \\
                          --notification-endpoint \(base)/integrations/sns/\(key)
                        """)
            ]
        case .heartbeat:
            return [
                Snippet(
                    title: Phrase("At the end of what must not stop", "À la fin de ce qui ne doit pas s’arrêter"),
                    text: "curl -fsS -X POST \(base)/integrations/heartbeat/\(key)/\(name)")
            ]
        case .json:
            return [
                Snippet(
                    title: Phrase("Any JSON, read as the mapping says", "Tout JSON, lu selon la correspondance"),
                    text: """
                        curl -X POST \(base)/integrations/json \\
                          -H 'Authorization: Bearer \(key)' -H 'Content-Type: application/json' \\
                          -d '{"title": "Disk is full", "service": "db", "severity": "critical", "status": "firing"}'
                        """)
            ]
        }
    }

    /// Grafana OnCall's own address, for what was set up for it.
    private static func onCall(_ type: String, _ base: String, _ key: String) -> Snippet {
        Snippet(
            title: Phrase(
                "Set up for Grafana OnCall: change the address", "Prévu pour Grafana OnCall\u{a0}: changer l’adresse"),
            text: "\(base)/integrations/v1/\(type)/\(key)/")
    }

    private static func base(_ address: String) -> String { address.isEmpty ? "https://hauban.example" : address }

    private static func parts(_ address: String) -> (scheme: String, host: String) {
        let base = base(address)
        if base.hasPrefix("http://") { return ("http", String(base.dropFirst(7))) }
        return ("https", base.hasPrefix("https://") ? String(base.dropFirst(8)) : base)
    }
}
