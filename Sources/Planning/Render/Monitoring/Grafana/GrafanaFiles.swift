import Spec

/// What Grafana is provisioned with: its data sources, where dashboards lie, and the dashboards of one environment.
enum GrafanaFiles {
    static func artifacts(_ place: MonitoredPlace) -> [Artifact] {
        let boards = boards(place)
        return [
            place.file(
                "grafana/provisioning/datasources/datasources.yml",
                [
                    "apiVersion": 1,
                    "datasources": [
                        [
                            "name": "Prometheus", "uid": "prometheus", "type": "prometheus", "access": "proxy",
                            "url": "http://prometheus:9090", "isDefault": true, "editable": false,
                            "jsonData": ["timeInterval": "15s"],
                        ],
                        [
                            "name": "Loki", "uid": "loki", "type": "loki", "access": "proxy", "url": "http://loki:3100",
                            "editable": false,
                        ],
                    ],
                ]),
            place.file(
                "grafana/provisioning/dashboards/dashboards.yml",
                [
                    "apiVersion": 1,
                    "providers": [
                        [
                            "name": "hauban", "type": "file", "folder": .text(place.platform.name.text),
                            "disableDeletion": true, "allowUiUpdates": false,
                            "options": ["path": "/etc/grafana/dashboards"],
                        ]
                    ],
                ]),
        ]
            + boards.map { file, board in
                Artifact(
                    path: "\(place.folder)/grafana/dashboards/\(file).json",
                    text: board.tree(place, variable: file == "services").json)
            }
    }

    private static func boards(_ place: MonitoredPlace) -> [(file: String, board: Dashboard)] {
        var boards: [(file: String, board: Dashboard)] = []
        if !place.measured.isEmpty { boards.append(("services", services(place))) }
        let stores = place.resources.filter { [.postgres, .redis].contains($0.resource.kind) }
        if !stores.isEmpty { boards.append(("data", data(place, stores))) }
        boards.append(("resources", resources(place)))
        boards += business(place)
        return boards
    }

    private static func title(_ words: String, _ place: MonitoredPlace) -> String {
        "\(words) (\(place.platform.name), \(place.place.name))"
    }

    private static func services(_ place: MonitoredPlace) -> Dashboard {
        let chosen = "{service=~\"$service\"}"
        return Dashboard(
            uid: place.uid("services"), title: title("Services", place),
            rows: [
                (
                    "Golden signals",
                    [
                        .init(
                            title: "Requests", queries: [(GoldenSignals.rate + chosen, "{{service}}")], unit: "reqps"),
                        .init(
                            title: "Errors", queries: [(GoldenSignals.errors + chosen, "{{service}}")],
                            unit: "percentunit"),
                        .init(
                            title: "Latency",
                            queries: ["p50", "p95", "p99"].map {
                                (GoldenSignals.quantile($0) + chosen, "{{service}} \($0)")
                            }, unit: "s"),
                    ]
                ),
                (
                    "Saturation",
                    [
                        .init(
                            title: "Processors in use",
                            queries: [("service:container_cpu_usage_seconds:rate5m" + chosen, "{{service}}")]),
                        .init(
                            title: "Memory in use",
                            queries: [("service:container_memory_working_set_bytes:sum" + chosen, "{{service}}")],
                            unit: "bytes"),
                        .init(
                            title: "Replicas that answer",
                            queries: [("sum by (service) (up\(chosen))", "{{service}}")]),
                    ]
                ),
            ])
    }

    private static func data(
        _ place: MonitoredPlace, _ stores: [(name: ResourceName, resource: Resource)]
    ) -> Dashboard {
        Dashboard(
            uid: place.uid("data"), title: title("Databases and caches", place),
            rows: stores.map { name, resource in
                let of = "{service=\"\(name)\"}"
                if resource.kind == .postgres {
                    return (
                        "\(name), PostgreSQL",
                        [
                            .init(
                                title: "\(name): connections",
                                queries: [("sum by (state) (pg_stat_activity_count\(of))", "{{state}}")]),
                            .init(
                                title: "\(name): transactions",
                                queries: [
                                    ("sum(rate(pg_stat_database_xact_commit\(of)[5m]))", "committed"),
                                    ("sum(rate(pg_stat_database_xact_rollback\(of)[5m]))", "rolled back"),
                                ]),
                            .init(
                                title: "\(name): size", queries: [("sum(pg_database_size_bytes\(of))", "size")],
                                unit: "bytes"),
                        ]
                    )
                }
                return (
                    "\(name), Redis",
                    [
                        .init(title: "\(name): clients", queries: [("sum(redis_connected_clients\(of))", "clients")]),
                        .init(
                            title: "\(name): memory",
                            queries: [("sum(redis_memory_used_bytes\(of))", "used")], unit: "bytes"),
                        .init(
                            title: "\(name): keys found and not found",
                            queries: [
                                ("sum(rate(redis_keyspace_hits_total\(of)[5m]))", "found"),
                                ("sum(rate(redis_keyspace_misses_total\(of)[5m]))", "not found"),
                            ]),
                    ]
                )
            })
    }

    private static func resources(_ place: MonitoredPlace) -> Dashboard {
        let space = "{fstype!~\"tmpfs|overlay|squashfs\"}"
        return Dashboard(
            uid: place.uid("resources"), title: title("Servers", place),
            rows: [
                (
                    "Servers",
                    [
                        .init(
                            title: "Processors in use",
                            queries: [
                                (
                                    "1 - avg by (instance) (rate(node_cpu_seconds_total{mode=\"idle\"}[5m]))",
                                    "{{instance}}"
                                )
                            ], unit: "percentunit"),
                        .init(
                            title: "Memory in use",
                            queries: [
                                (
                                    "1 - node_memory_MemAvailable_bytes / node_memory_MemTotal_bytes", "{{instance}}"
                                )
                            ], unit: "percentunit"),
                        .init(
                            title: "Disk in use",
                            queries: [
                                (
                                    "1 - node_filesystem_avail_bytes\(space) / node_filesystem_size_bytes\(space)",
                                    "{{instance}} {{mountpoint}}"
                                )
                            ], unit: "percentunit"),
                    ]
                ),
                (
                    "What is scraped",
                    [.init(title: "Targets that do not answer", queries: [("up == 0", "{{job}}")], width: 24)]
                ),
            ])
    }

    /// The KPIs by the dashboards that they name, and the control plane's own figures where there is one.
    private static func business(_ place: MonitoredPlace) -> [(file: String, board: Dashboard)] {
        let usual = "Business"
        var rows: [String: [Dashboard.Panel]] = [:]
        for (_, kpi) in place.platform.kpis.sorted(by: { $0.key < $1.key }) {
            rows[kpi.dashboard ?? usual, default: []].append(
                .init(title: kpi.title ?? kpi.promql, queries: [(kpi.promql, "")], unit: unit(kpi.unit)))
        }
        var plane: [String: [Dashboard.Panel]] = [:]
        if place.platform.console != nil {
            plane["Incident Overview"] = [
                .init(
                    kind: .stat, title: "Open incidents", queries: [("sum(hauban_incidents_open)", "")], width: 6),
                .init(title: "By severity", queries: [("hauban_incidents_open", "{{severity}}")], width: 6),
                .init(
                    kind: .stat, title: "Mean time to acknowledge", queries: [("hauban_mtta_seconds", "")], unit: "s",
                    width: 6),
                .init(
                    kind: .stat, title: "Mean time to resolve", queries: [("hauban_mttr_seconds", "")], unit: "s",
                    width: 6),
            ]
            plane["SRE Metrics"] = [
                .init(title: "Incidents a day", queries: [("increase(hauban_incidents_total[1d])", "incidents")]),
                .init(
                    title: "Means of a day",
                    queries: [("hauban_mtta_seconds", "to acknowledge"), ("hauban_mttr_seconds", "to resolve")],
                    unit: "s"),
                .init(
                    title: "Alerts received", queries: [("rate(hauban_alerts_received_total[5m])", "alerts a second")]),
            ]
        }
        return Set(rows.keys).union(plane.keys).sorted().map { name in
            let file = fileName(name)
            return (
                file,
                Dashboard(
                    uid: place.uid(file), title: title(name, place),
                    rows: [(name, rows[name] ?? []), ("The control plane", plane[name] ?? [])])
            )
        }
    }

    /// Letters and digits with single hyphens between, so that a title can be a file and a part of a uid.
    private static func fileName(_ title: String) -> String {
        title.lowercased().split { !($0.isASCII && ($0.isLetter || $0.isNumber)) }.joined(separator: "-")
    }

    /// Grafana's words for what people write.
    private static func unit(_ word: String?) -> String {
        switch word {
        case "USD": "currencyUSD"
        case "EUR": "currencyEUR"
        case "%": "percent"
        case let word?: word
        case nil: "short"
        }
    }
}
