import Spec

/// prometheus.yml (Prometheus, "Configuration").
enum PrometheusFile {
    static func artifact(_ place: MonitoredPlace) -> Artifact {
        let settings = place.place.settings
        return place.file(
            "prometheus/prometheus.yml",
            .map([
                YAMLEntry(
                    "global",
                    [
                        "scrape_interval": "15s", "scrape_timeout": "10s", "evaluation_interval": "15s",
                        "external_labels": [
                            "platform": .text(place.platform.name.text), "environment": .text(place.place.name.text),
                        ],
                    ]),
                YAMLEntry("rule_files", ["rules/*.yml"]),
                YAMLEntry(
                    "alerting", ["alertmanagers": [pager(place)]],
                    comment: place.platform.console == nil
                        ? nil
                        : "The control plane of hauban, by Alertmanager's API. A team that keeps Alertmanager writes\n"
                            + "`static_configs: [{targets: [\"alertmanager:9093\"]}]` here; never both, or people are paged twice."
                ),
                YAMLEntry(
                    "scrape_configs", .list(jobs(place)),
                    comment: settings.target == .swarm
                        ? "Each replica by itself: the name tasks.NAME resolves to the addresses of all of them."
                        : "Each replica by itself: a service's name resolves to the addresses of all of them."),
            ]))
    }

    /// The parts of an address: `https`, `incidents.example:8443`.
    static func address(_ url: String) -> (scheme: String, host: String) {
        let parts = url.split(separator: "/", omittingEmptySubsequences: true)
        let scheme = url.hasPrefix("http://") ? "http" : "https"
        return (scheme, parts.count > 1 ? String(parts[1]) : url)
    }

    private static func pager(_ place: MonitoredPlace) -> YAMLTree {
        guard let console = place.platform.console else {
            return ["api_version": "v2", "static_configs": [["targets": .row(["alertmanager:9093"])]]]
        }
        let (scheme, host) = address(console.url)
        let key = "/run/secrets/\(MonitoredPlace.integrationKey(place.platform))"
        return [
            "api_version": "v2", "scheme": .text(scheme), "authorization": ["credentials_file": .text(key)],
            "static_configs": [["targets": .row([.text(host)])]],
        ]
    }

    private static func jobs(_ place: MonitoredPlace) -> [YAMLTree] {
        var jobs = place.measured.map { name, _, port, path in
            job(
                name.text, path: path, discovered(name.text, port.number, place),
                labels: ["service": name.text], relabel: statuses)
        }
        for (name, resource) in place.resources {
            switch resource.kind {
            case .postgres:
                jobs.append(
                    job("exporter/\(name)", discovered("\(name)-exporter", 9187, place), labels: ["service": name.text])
                )
            case .redis:
                jobs.append(
                    job("exporter/\(name)", discovered("\(name)-exporter", 9121, place), labels: ["service": name.text])
                )
            case .bucket, .topic, .cluster: break
            }
        }
        jobs.append(job("exporter/node", discovered("node-exporter", 9100, place)))
        jobs.append(job("exporter/cadvisor", discovered("cadvisor", 8080, place), relabel: containers(place)))
        jobs += Probes(place).jobs
        if place.hasAlertmanager {
            jobs.append(job("monitoring/alertmanager", discovered("alertmanager", 9093, place)))
        }
        jobs.append(job("monitoring/alloy", discovered("alloy", 12345, place)))
        jobs.append(job("monitoring/grafana", discovered("grafana", 3000, place)))
        jobs.append(job("monitoring/loki", discovered("loki", 3100, place)))
        jobs.append(job("monitoring/prometheus", ("static_configs", [["targets": .row(["localhost:9090"])]])))
        if let console = place.platform.console {
            let (scheme, host) = address(console.url)
            jobs.append([
                "job_name": "hauban", "scheme": .text(scheme),
                "static_configs": [["targets": .row([.text(host)])]],
            ])
        }
        return jobs
    }

    private static func discovered(_ name: String, _ port: Int, _ place: MonitoredPlace) -> (String, YAMLTree) {
        let host = place.isSwarm ? "tasks.\(name)" : name
        return (
            "dns_sd_configs",
            [["names": .row([.text(host)]), "type": "A", "port": .integer(port), "refresh_interval": "15s"]]
        )
    }

    private static func job(
        _ name: String, path: String = "/metrics", _ discovery: (String, YAMLTree), labels: [String: String] = [:],
        relabel: [YAMLTree] = []
    ) -> YAMLTree {
        var entries = [YAMLEntry("job_name", .text(name))]
        if path != "/metrics" { entries.append(YAMLEntry("metrics_path", .text(path))) }
        entries.append(YAMLEntry(discovery.0, discovery.1))
        if !labels.isEmpty {
            entries.append(
                YAMLEntry(
                    "relabel_configs",
                    .list(
                        labels.sorted { $0.key < $1.key }.map { label, value in
                            ["target_label": .text(label), "replacement": .text(value)]
                        })))
        }
        if !relabel.isEmpty { entries.append(YAMLEntry("metric_relabel_configs", .list(relabel))) }
        return .map(entries)
    }

    /// Client libraries call the status `status`, `code` or `status_code`; the rules call it `status`.
    private static let statuses: [YAMLTree] = ["code", "status_code"].map { label in
        ["source_labels": .row([.text(label)]), "regex": "([1-5]..)", "target_label": "status"]
    }

    /// The engine's names of containers become the services' own.
    private static func containers(_ place: MonitoredPlace) -> [YAMLTree] {
        let label =
            place.isSwarm
            ? "container_label_com_docker_swarm_service_name" : "container_label_com_docker_compose_service"
        let owner =
            place.isSwarm ? "container_label_com_docker_stack_namespace" : "container_label_com_docker_compose_project"
        return [
            .commented(
                "Containers of this environment and what speaks of the machine: not what else runs beside it.",
                [
                    "source_labels": .row([.text(owner)]), "regex": .text("\(place.project)|"), "action": "keep",
                ]),
            [
                "source_labels": .row([.text(label)]), "regex": place.isSwarm ? "[^_]+_(.+)" : "(.+)",
                "target_label": "service",
            ],
            .commented(
                "Labels of containers would make a new series of each release.",
                ["action": "labeldrop", "regex": "container_label_.+"]),
        ]
    }
}
