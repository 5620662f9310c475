import Spec

/// Questions from outside to what the world sees, asked by the blackbox exporter (Prometheus, "blackbox_exporter").
struct Probes {
    struct Probe: Sendable, Hashable {
        var service: ServiceName
        var host: String
        var address: String
        var module: Module
    }

    /// What is expected of an answer.
    enum Module: String, Sendable, Hashable {
        /// A page of the service's own says that it is well.
        case well
        /// Any answer that is not the edge's word for a service that is not there.
        case answers
    }

    private let place: MonitoredPlace
    private let edge: EdgeConfiguration
    /// One for each service and each name that it is exposed under, sorted by service; none where no exporter of ours runs.
    let list: [Probe]

    init(_ place: MonitoredPlace) {
        self.place = place
        let edge = EdgeConfiguration(place: place.place, source: place.source)
        self.edge = edge
        let isClustered = place.place.settings.target == .kubernetes && place.platform.telemetry.stack == .prometheus
        guard isClustered || MonitoredPlace.isServed(place.place) else {
            list = []
            return
        }
        let start = edge.tls == nil ? "http://" : "https://"
        // Nobody knows beforehand what a cluster's edge is called inside of it.
        let inside =
            isClustered ? nil : "edge:\(edge.tls == nil ? EdgeConfiguration.httpPort : EdgeConfiguration.tlsPort)"
        let ways = Dictionary(grouping: edge.ways, by: \.service)
        list = place.services.flatMap { name, service -> [Probe] in
            var probes: [String: Probe] = [:]
            for way in ways[name] ?? [] {
                guard let host = way.host ?? inside, probes[host]?.module != .well else { continue }
                let prefix = way.exposure.path.hasSuffix("/") ? way.exposure.path : way.exposure.path + "/"
                let smoke = service.smoke.first {
                    $0.method == "GET" && $0.status == 200 && $0.headers.isEmpty && ($0.path + "/").hasPrefix(prefix)
                }
                guard smoke != nil || probes[host] == nil else { continue }
                probes[host] = Probe(
                    service: name, host: host, address: start + host + (smoke?.path ?? way.exposure.path),
                    module: smoke == nil ? .answers : .well)
            }
            return probes.sorted { $0.key < $1.key }.map(\.value)
        }
    }

    /// The port at which the world asks.
    var port: Int { edge.tls == nil ? 80 : 443 }

    /// The network in which what is asked can be reached: the world, or on a machine without a name of its own the edge itself.
    var zone: String { edge.hosts.isEmpty ? "dmz" : "egress" }

    var jobs: [YAMLTree] {
        guard !list.isEmpty else { return [] }
        let targets = list.map { probe -> YAMLTree in
            [
                "targets": .row([.text(probe.address)]),
                "labels": ["__param_module": .text(probe.module.rawValue), "exposed": .text(probe.service.text)],
            ]
        }
        return [
            [
                "job_name": "probe/edge", "metrics_path": "/probe", "static_configs": .list(targets),
                "relabel_configs": [
                    ["source_labels": .row(["__address__"]), "target_label": "__param_target"],
                    ["source_labels": .row(["__param_target"]), "target_label": "instance"],
                    ["target_label": "__address__", "replacement": "blackbox-exporter:9115"],
                ],
            ],
            job("exporter/blackbox", [["targets": .row(["blackbox-exporter:9115"])]]),
        ]
    }

    private func job(_ name: String, _ targets: YAMLTree) -> YAMLTree {
        ["job_name": .text(name), "static_configs": targets]
    }

    /// The exporter's own file.
    var artifact: Artifact? {
        list.isEmpty ? nil : place.file("blackbox/blackbox.yml", modules)
    }

    /// What the exporter's own file says.
    var modules: YAMLTree {
        var modules: [YAMLEntry] = []
        for module in [Module.answers, .well] where list.contains(where: { $0.module == module }) {
            var http: [YAMLEntry] = [YAMLEntry("preferred_ip_protocol", "ip4")]
            if module == .answers {
                // No path is known that a stranger may ask for: what counts is that somebody answers.
                http.append(
                    YAMLEntry(
                        "valid_status_codes", .row(Self.answered.map { .integer($0) }),
                        comment: "Refusals are answers too; 502, 503 and 504 are the edge's own words."))
            }
            if edge.tls != nil, edge.hosts.isEmpty {
                http.append(
                    YAMLEntry(
                        "tls_config", ["insecure_skip_verify": true],
                        comment: "Asked by the container's name, which no certificate bears."))
            }
            modules.append(
                YAMLEntry(module.rawValue, ["prober": "http", "timeout": "9s", "http": .map(http)]))
        }
        return ["modules": .map(modules)]
    }

    private static let answered = [
        200, 201, 202, 204, 301, 302, 303, 307, 308, 400, 401, 403, 404, 405, 406, 415, 422, 426,
    ]

    /// Rules on what was found.
    var rules: [PromRule] {
        Dictionary(grouping: list, by: \.service).sorted { $0.key < $1.key }.map { service, probes in
            let series = "probe_success{exposed=\"\(service)\"}"
            let addresses = probes.map(\.address).joined(separator: " or ")
            var labels = ["severity": "high", "service": service.text]
            if let team = place.team { labels["team"] = team }
            return PromRule(
                name: "unreachable-\(service)",
                kind: .alert(
                    hold: .seconds(180),
                    annotations: [
                        "summary": "Whoever asks for \(addresses) gets no good answer.",
                        "dashboard": place.dashboard(service.cast()),
                    ]),
                expression: "(\(probes.count == 1 ? "max" : "min")(\(series)) or vector(0)) == 0", labels: labels,
                comment: "What the world sees of \(service), whatever it says of itself.",
                trials: Self.trials(service, probes))
        } + certificates
    }

    /// Silent when every name gives a good answer, and only then.
    private static func trials(_ service: ServiceName, _ probes: [Probe]) -> [Trial] {
        let series = probes.map { probe in
            "probe_success{exposed=\"\(service)\"" + (probes.count == 1 ? "" : ", instance=\"\(probe.address)\"") + "}"
        }
        let well = series.map { Trial.Series(name: $0, values: "1x20") }
        var bad = well
        bad[bad.count - 1].values = "0x20"
        return [
            Trial(title: "no good answer", series: bad, after: 10, fires: true),
            Trial(title: "nobody asks", series: [], after: 10, fires: true),
            Trial(title: "a good answer", series: well, after: 10, fires: false),
        ]
    }

    /// What nobody renewed is told before it ends.
    private var certificates: [PromRule] {
        guard edge.tls != nil, !list.isEmpty else { return [] }
        let series = "probe_ssl_earliest_cert_expiry"
        var labels = ["severity": "medium"]
        if let team = place.team { labels["team"] = team }
        let left: (Int) -> [Trial.Series] = { days in
            [.init(name: "\(series){instance=\"edge\"}", values: "\(days * 86_400)x30")]
        }
        labels["instance"] = "edge"
        let tried = labels
        labels["instance"] = nil
        return [
            PromRule(
                name: "certificate-ends",
                kind: .alert(
                    hold: .seconds(900),
                    annotations: [
                        "summary": "A certificate of the edge ends in less than two weeks and was not renewed.",
                        "dashboard": "/d/\(place.uid("resources"))",
                    ]),
                expression: "min by (instance) (\(series) - time()) < 14 * 86400", labels: labels,
                trials: [
                    Trial(title: "ten days are left", series: left(10), after: 20, fires: true, labels: tried),
                    Trial(title: "thirty days are left", series: left(30), after: 20, fires: false),
                ])
        ]
    }
}
