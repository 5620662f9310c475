import Spec

/// Series of what runs on Kubernetes, by the names that the kubelet, kube-state-metrics and CloudNativePG give them.
struct ClusterSeries: Sendable {
    private let name: String
    private let namespace: String
    private let kind: Resource.Kind?

    /// - Returns: `nil` on other targets.
    init?(_ name: String, in place: MonitoredPlace) {
        guard place.place.settings.target == .kubernetes else { return nil }
        self.name = name
        namespace = "\(place.platform.name)-\(place.place.name)"
        kind = ResourceName(name).flatMap { place.platform.resources[$0]?.kind }
    }

    /// The selector of its containers: their name, and for stores that of their pods.
    var containers: String {
        switch kind {
        case .postgres: "{namespace=\"\(namespace)\", container=\"postgres\", pod=~\"\(name)-[0-9]+\"}"
        case .redis: "{namespace=\"\(namespace)\", container=\"redis\", pod=~\"\(name)-[0-9]+\"}"
        default: "{namespace=\"\(namespace)\", container=\"\(name)\"}"
        }
    }

    /// A series that a selector finds.
    static func sample(of selector: String) -> String {
        selector.replacing("=~\"", with: "=\"").replacing("[0-9]+", with: "1")
    }

    /// Whether its containers run, of what has no metrics of its own.
    func running(_ hold: Duration) -> SignalQuery.Outcome {
        let series = "kube_pod_container_status_ready\(containers)"
        return .query(
            SignalQuery(
                expression: "(sum(\(series)) or vector(0))", needs: nil, hold: hold, warmUp: 1
            ) { value, minutes in [.init(name: Self.sample(of: series), values: "\(Int(value))x\(minutes)")] })
    }

    func restarts(_ hold: Duration) -> SignalQuery.Outcome {
        let series = "kube_pod_container_status_restarts_total\(containers)"
        let minutes = max(5, PromNumber.minutes(hold))
        let window = DurationText.text(.seconds(minutes * 60))
        return .query(
            SignalQuery(
                expression: "sum(increase(\(series)[\(window)]))", needs: series, hold: .zero, warmUp: minutes
            ) { value, length in
                // As many more in the last minutes as asked, which `increase` extrapolates to.
                [
                    .init(
                        name: Self.sample(of: series),
                        values: "0x\(max(0, length - minutes)) 0+\(PromNumber.text(value / Double(minutes)))x\(minutes)"
                    )
                ]
            })
    }

    /// What the operator's own exporter tells of a database; `nil` for what is measured of containers, or not at all.
    func database(_ signal: Condition.Signal, _ resource: Resource, _ hold: Duration) -> SignalQuery.Outcome? {
        guard kind == .postgres else { return nil }
        let labels = "{service=\"\(name)\"}"
        let share = resource.storage.map { Double($0.bytes) }
        let (metric, divisor, absent): (String, Double?, Bool)
        switch signal {
        case .up: (metric, divisor, absent) = ("cnpg_collector_up", nil, true)
        case .connections: (metric, divisor, absent) = ("cnpg_backends_total", nil, false)
        case .disk:
            guard let share else { return nil }
            (metric, divisor, absent) = ("cnpg_pg_database_size_bytes", share, false)
        default: return nil
        }
        let series = metric + labels
        let sum = absent ? "(sum(\(series)) or vector(0))" : "sum(\(series))"
        return .query(
            SignalQuery(
                expression: divisor.map { "\(sum) / \(PromNumber.text($0))" } ?? sum, needs: absent ? nil : series,
                hold: hold,
                warmUp: 1
            ) { value, minutes in
                [.init(name: series, values: "\(Int(value * (divisor ?? 1)))x\(minutes)")]
            })
    }
}
