import Spec

/// A signal of the language in PromQL, with series on which it has a given value.
struct SignalQuery: Sendable {
    /// What comes of a condition in this environment.
    enum Outcome: Sendable {
        case query(SignalQuery)
        /// Counted by Loki, not by Prometheus.
        case logs(LogQuery)
        /// Why no rule can say it.
        case impossible(String)
    }

    var expression: String
    /// The series without which it would be silent for ever; `nil` when it fires on their absence by itself.
    var needs: String?
    /// How long it must hold; `restarts` looks back over that time instead.
    var hold: Duration
    /// Minutes until the expression has what it looks back on.
    var warmUp: Int
    /// Series on which the signal has a value, one value a minute for so many minutes.
    var series: @Sendable (_ value: Double, _ minutes: Int) -> [Trial.Series]

    static func make(_ condition: Condition, hold: Duration, in place: MonitoredPlace) -> Outcome {
        guard let target = condition.target else {
            return .impossible(
                "what is spent is told by a cloud's billing, and \(place.place.settings.target) has none")
        }
        if condition.signal == .logs {
            return .logs(LogQuery(service: target.text, pattern: condition.pattern ?? "", hold: hold))
        }
        let maker = SignalMaker(
            name: target.text, hold: hold, isSwarm: place.isSwarm, cluster: ClusterSeries(target.text, in: place))
        if let service = place.platform.services[target.cast()] { return maker.make(condition.signal, of: service) }
        if let resource = place.platform.resources[target.cast()] { return maker.make(condition.signal, of: resource) }
        return .impossible("`\(target)` is not there")
    }
}

/// Lines of a service that hold a text.
struct LogQuery: Sendable {
    var service: String
    var pattern: String
    var hold: Duration

    /// LogQL; lines that are not there count as none, so that the comparison always has a value.
    var expression: String {
        let window = DurationText.text(max(hold, .seconds(300)))
        return "sum(count_over_time({service=\(PromNumber.quoted(service))} |= "
            + "\(PromNumber.quoted(pattern)) [\(window)])) or vector(0)"
    }
}

/// Makes the queries of one service or resource.
private struct SignalMaker {
    let name: String
    let hold: Duration
    let isSwarm: Bool
    /// Of what runs on Kubernetes.
    let cluster: ClusterSeries?

    private var selector: String { "{service=\"\(name)\"}" }

    func make(_ signal: Condition.Signal, of service: Service) -> SignalQuery.Outcome {
        let isMeasured = service.metrics != nil && service.port != nil
        switch signal {
        case .errors, .availability, .rate, .p50, .p95, .p99:
            guard isMeasured else {
                return .impossible("`\(name)` has no `metrics` path, so that nothing counts its requests")
            }
            return requests(signal)
        case .cpu: return cpu(cores: service.size.cpu)
        case .memory: return memory(service.size.memory)
        case .restarts: return restarts
        case .up: return isMeasured ? up("up") : cluster?.running(hold) ?? containers
        case .disk, .connections, .lag, .logs, .spend: return .impossible("it is not measured of a service")
        }
    }

    func make(_ signal: Condition.Signal, of resource: Resource) -> SignalQuery.Outcome {
        if let query = cluster?.database(signal, resource, hold) { return query }
        switch (signal, resource.kind) {
        case (.cpu, .postgres), (.cpu, .redis): return cpu(cores: resource.size?.cpu)
        case (.memory, .postgres), (.memory, .redis): return memory(resource.size?.memory)
        case (.up, .postgres): return up("pg_up")
        case (.up, .redis): return up("redis_up")
        case (.connections, .postgres): return count("pg_stat_activity_count")
        case (.connections, .redis): return count("redis_connected_clients")
        case (.disk, .postgres):
            guard let storage = resource.storage else {
                return .impossible("`\(name)` asks for no `storage` to compare with")
            }
            let metric = "pg_database_size_bytes\(selector)"
            return .query(
                SignalQuery(
                    expression: "sum(\(metric)) / \(storage.bytes)", needs: metric, hold: hold, warmUp: 1
                ) { value, minutes in
                    [.init(name: metric, values: "\(Int(value * Double(storage.bytes)))x\(minutes)")]
                })
        case (.disk, .redis): return .impossible("no exporter tells how much disk a Redis uses")
        case (.lag, _): return .impossible("no exporter of this environment tells what of a topic was not read")
        default: return .impossible("it is not measured of \(resource.kind.words)")
        }
    }

    private func requests(_ signal: Condition.Signal) -> SignalQuery.Outcome {
        let name = name
        switch signal {
        case .errors, .availability:
            let good = signal == .availability
            let ratio = "\(GoldenSignals.errors)\(selector)"
            return .query(
                SignalQuery(
                    expression: good ? "1 - \(ratio)" : ratio, needs: "\(GoldenSignals.requests)\(selector)",
                    hold: hold, warmUp: 5
                ) { value, minutes in GoldenSignals.series(name, bad: good ? 1 - value : value, minutes) })
        case .rate:
            return .query(
                SignalQuery(
                    expression: "\(GoldenSignals.rate)\(selector)", needs: "\(GoldenSignals.requests)\(selector)",
                    hold: hold, warmUp: 5
                ) { value, minutes in
                    [
                        .init(
                            name: "\(GoldenSignals.requests){service=\"\(name)\", status=\"200\"}",
                            values: "0+\(PromNumber.text(value * 60))x\(minutes)")
                    ]
                })
        default:
            return .query(
                SignalQuery(
                    expression: "\(GoldenSignals.quantile(signal.rawValue))\(selector)",
                    needs: "\(GoldenSignals.duration)_bucket\(selector)", hold: hold, warmUp: 5
                ) { value, minutes in GoldenSignals.latencies(name, at: value, minutes) })
        }
    }

    /// Silence of the target is its absence, so that the sum of nothing is none.
    private func up(_ metric: String) -> SignalQuery.Outcome {
        let selector = selector
        return .query(
            SignalQuery(
                expression: "(sum(\(metric)\(selector)) or vector(0))", needs: nil, hold: hold, warmUp: 1
            ) { value, minutes in [.init(name: metric + selector, values: "\(Int(value))x\(minutes)")] })
    }

    /// Of what has no metrics of its own the engine tells whether its containers run.
    private var containers: SignalQuery.Outcome {
        let metric = "container_last_seen"
        let name = name
        return .query(
            SignalQuery(
                expression: "(count(\(metric)\(selector) > time() - 60) or vector(0))", needs: nil, hold: hold,
                warmUp: 1
            ) { value, minutes in
                (0..<max(0, Int(value))).map { index in
                    .init(name: "\(metric){service=\"\(name)\", id=\"/\(index)\"}", values: "0+60x\(minutes)")
                }
            })
    }

    private func count(_ metric: String) -> SignalQuery.Outcome {
        let selector = selector
        return .query(
            SignalQuery(
                expression: "sum(\(metric)\(selector))", needs: metric + selector, hold: hold, warmUp: 1
            ) { value, minutes in [.init(name: metric + selector, values: "\(Int(value))x\(minutes)")] })
    }

    private func cpu(cores: CPUCount?) -> SignalQuery.Outcome {
        let metric = "container_cpu_usage_seconds_total"
        let series = cluster?.containers ?? selector
        let used = "avg(sum by (\(cluster == nil ? "id" : "pod")) (rate(\(metric)\(series)[5m])))"
        let tried = cluster.map { ClusterSeries.sample(of: $0.containers) } ?? "{service=\"\(name)\", id=\"/0\"}"
        let whole = cores.map { PromNumber.text(Double($0.millis) / 1000) } ?? "scalar(max(machine_cpu_cores))"
        let count = cores.map { Double($0.millis) / 1000 } ?? 4
        let isOpen = cores == nil
        return .query(
            SignalQuery(
                expression: "\(used) / \(whole)", needs: metric + series, hold: hold, warmUp: 5
            ) { value, minutes in
                let series = Trial.Series(
                    name: metric + tried, values: "0+\(PromNumber.text(value * count * 60))x\(minutes)")
                return [series] + (isOpen ? [.init(name: "machine_cpu_cores", values: "4x\(minutes)")] : [])
            })
    }

    private func memory(_ bytes: ByteCount?) -> SignalQuery.Outcome {
        let metric = "container_memory_working_set_bytes"
        let whole = bytes.map { "\($0.bytes)" } ?? "scalar(max(machine_memory_bytes))"
        let count = bytes?.bytes ?? 1 << 30
        let isOpen = bytes == nil
        let selector = cluster?.containers ?? selector
        return .query(
            SignalQuery(
                expression: "max(\(metric)\(selector)) / \(whole)", needs: metric + selector, hold: hold, warmUp: 1
            ) { value, minutes in
                let series = Trial.Series(
                    name: ClusterSeries.sample(of: metric + selector),
                    values: "\(Int(value * Double(count)))x\(minutes)")
                return [series] + (isOpen ? [.init(name: "machine_memory_bytes", values: "\(count)x\(minutes)")] : [])
            })
    }

    /// A container that starts again keeps its id on one engine; a Swarm makes a new one in its place.
    private var restarts: SignalQuery.Outcome {
        if let cluster { return cluster.restarts(hold) }
        let metric = "container_start_time_seconds\(selector)"
        let minutes = max(5, PromNumber.minutes(hold))
        let window = DurationText.text(.seconds(minutes * 60))
        let again = "sum(changes(\(metric)[\(window)]))"
        let expression =
            isSwarm ? "\(again) + count(count_over_time(\(metric)[\(window)])) - count(\(metric))" : again
        return .query(
            SignalQuery(expression: expression, needs: metric, hold: .zero, warmUp: minutes) { value, length in
                // Starts as often as asked in the minutes before the look, a minute apart.
                let starts = min(Int(value), minutes - 1)
                let calm = max(0, length - 5 - starts)
                let tail = (0..<starts).map { "\(1060 + $0 * 60)" }.joined(separator: " ")
                let last = 1000 + starts * 60
                return [
                    .init(
                        name: metric,
                        values: "1000x\(calm)" + (tail.isEmpty ? "" : " \(tail)") + " \(last)x5")
                ]
            })
    }
}
