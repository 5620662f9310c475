package import Response
package import Spec

extension Integration {
    /// What hauban.yaml declares under `integrations`.
    package init(declared name: String, _ spec: IntegrationSpec, created: Moment) {
        var labels = spec.labels
        if let service = spec.service { labels["service"] = service.text }
        self.init(
            name: name, sender: Sender(spec.kind), labels: labels, level: spec.level, endsAfter: spec.endsAfter,
            mapping: spec.fields.map(JSONMapping.init), topics: spec.topics, created: created, createdBy: "hauban.yaml")
    }
}

extension Integration.Sender {
    init(_ kind: IntegrationSpec.Kind) {
        switch kind {
        case .alertmanager: self = .alertmanager
        case .grafana: self = .grafana
        case .pagerduty: self = .pagerDuty
        case .opsgenie: self = .opsgenie
        case .googleCloud: self = .googleCloud
        case .sns: self = .sns
        case .heartbeat: self = .heartbeat
        case .json: self = .json
        }
    }
}

extension JSONMapping {
    init(_ fields: FieldMapping) {
        func paths(_ path: FieldPath?) -> [JSONPath] { path.flatMap { JSONPath($0.description) }.map { [$0] } ?? [] }
        self.init(
            items: paths(fields.items).first, title: paths(fields.title), key: paths(fields.key),
            severity: paths(fields.severity?.path),
            severities: Dictionary(
                (fields.severity?.values ?? [:]).map { ($0.key.lowercased(), $0.value) }, uniquingKeysWith: max),
            status: paths(fields.status?.path), resolved: (fields.status?.resolved ?? []).map { $0.lowercased() },
            acknowledged: (fields.status?.acknowledged ?? []).map { $0.lowercased() }, message: paths(fields.message),
            url: paths(fields.link), startsAt: paths(fields.starts),
            labels: fields.labels.compactMapValues { JSONPath($0.description) })
    }
}
