import Spec

/// A condition of the language as CloudWatch measures it.
struct AWSAlarm {
    /// One series of CloudWatch's.
    struct Series {
        var id: String
        var namespace: String
        var metric: String
        /// Dimensions as a map of expressions, or as one expression.
        var dimensions: HCLValue
        var statistic: String
    }

    enum Outcome {
        case alarm(AWSAlarm)
        /// Lines of a log that hold a text.
        case logs(AWSAlarm, pattern: String)
        /// The budget's.
        case budget
        /// Why there is none.
        case impossible(String)
    }

    var series: [Series]
    /// Over the ids of the series; `nil` takes the only one as it is.
    var expression: String?
    var threshold: HCLValue
    /// Without numbers, nobody asked for anything; or nobody is there to answer.
    var missing = "notBreaching"
    var period = 60

    static func make(_ condition: Condition, hold: Duration, in root: AWSRoot) -> Outcome {
        guard let target = condition.target else { return .budget }
        if let service = root.platform.services[target.cast()] {
            return make(condition, hold: hold, target.cast(), service, root)
        }
        guard let resource = root.platform.resources[target.cast()] else {
            return .impossible("`\(target)` is not there")
        }
        return make(condition, target.cast(), resource, root)
    }

    // MARK: Services

    private static func make(
        _ condition: Condition, hold: Duration, _ name: ServiceName, _ service: Service, _ root: AWSRoot
    ) -> Outcome {
        if service.site?.cdn == true {
            return .impossible(
                "the content network's numbers stand in another region, where no alarm of this one sees them")
        }
        let label = "module.service_\(root.word(name))"
        func requests(_ id: String, _ metric: String, _ statistic: String) -> Series {
            Series(
                id: id, namespace: "\(label).traffic.namespace", metric: metric,
                dimensions: .code("\(label).traffic.\(metric == "RequestCount" ? "requests" : "answers")"),
                statistic: statistic)
        }
        func own(_ metric: String, _ namespace: String, _ statistic: String) -> Series {
            Series(
                id: "own", namespace: namespace, metric: metric,
                dimensions: .pairs([("ClusterName", .code("module.cluster.name")), ("ServiceName", .text(name.text))]),
                statistic: statistic)
        }
        let isCounted = root.isCounted(name, service)
        let uncounted = "nothing counts the requests of `\(name)`: it is neither exposed nor called"
        switch condition.signal {
        case .errors, .availability:
            guard isCounted else { return .impossible(uncounted) }
            var series = [
                requests("bad", "HTTPCode_Target_5XX_Count", "Sum"), requests("requests", "RequestCount", "Sum"),
            ]
            var share = "100 * FILL(bad, 0) / requests"
            if !service.expose.isEmpty {
                // What no replica takes is answered 502 by the load balancer, and counted apart.
                series.append(requests("refused", "TargetConnectionErrorCount", "Sum"))
                share = "100 * (FILL(bad, 0) + FILL(refused, 0)) / requests"
            }
            return .alarm(
                AWSAlarm(
                    series: series, expression: condition.signal == .errors ? share : "100 - " + share,
                    threshold: bound(condition)))
        case .p50, .p95, .p99:
            guard isCounted else { return .impossible(uncounted) }
            return .alarm(
                AWSAlarm(
                    series: [requests("seconds", "TargetResponseTime", condition.signal.rawValue)],
                    threshold: bound(condition)))
        case .rate:
            guard isCounted else { return .impossible(uncounted) }
            return .alarm(
                AWSAlarm(
                    series: [requests("requests", "RequestCount", "Sum")], expression: "FILL(requests, 0) / 60",
                    threshold: bound(condition)))
        case .cpu, .memory:
            guard service.schedule == nil else { return .impossible("it ends before it is measured") }
            let metric = condition.signal == .cpu ? "CPUUtilization" : "MemoryUtilization"
            return .alarm(
                AWSAlarm(series: [own(metric, "AWS/ECS", "Average")], threshold: bound(condition), missing: "missing"))
        case .up:
            guard service.schedule == nil else { return .impossible("it is not always there") }
            return .alarm(
                AWSAlarm(
                    series: [own("RunningTaskCount", "ECS/ContainerInsights", "Minimum")], threshold: bound(condition),
                    missing: "breaching"))
        case .logs:
            let seconds = max(300, Int(hold.components.seconds))
            return .logs(
                AWSAlarm(
                    series: [
                        Series(
                            id: "lines", namespace: "\"\(root.platform.name)/\(root.environment)\"", metric: "",
                            dimensions: .map([]), statistic: "Sum")
                    ], threshold: bound(condition), period: (seconds + 59) / 60 * 60), pattern: condition.pattern ?? "")
        case .restarts: return .impossible("ECS replaces replicas in place of restarting them, and counts neither")
        case .disk, .connections, .lag, .spend: return .impossible("it is not measured of a service")
        }
    }

    // MARK: Resources

    private static func make(_ condition: Condition, _ name: ResourceName, _ resource: Resource, _ root: AWSRoot)
        -> Outcome
    {
        let label = "module.\(resource.kind.moduleWord)_\(root.word(name))"
        func database(_ metric: String, _ statistic: String = "Average") -> Series {
            Series(
                id: "own", namespace: "AWS/RDS", metric: metric,
                dimensions: .pairs([("DBInstanceIdentifier", .code("\(label).id"))]), statistic: statistic)
        }
        func cache(_ metric: String, _ statistic: String = "Average") -> Series {
            Series(
                id: "own", namespace: "AWS/ElastiCache", metric: metric,
                dimensions: .pairs([("CacheClusterId", .code("\(label).id"))]), statistic: statistic)
        }
        func plain(_ series: Series, missing: String = "missing") -> Outcome {
            .alarm(AWSAlarm(series: [series], threshold: bound(condition), missing: missing))
        }
        func used(_ series: Series, of bytes: Int) -> Outcome {
            .alarm(
                AWSAlarm(
                    series: [series], expression: "100 - 100 * own / \(bytes)", threshold: bound(condition),
                    missing: "missing"))
        }
        switch (resource.kind, condition.signal) {
        case (.postgres, .cpu): return plain(database("CPUUtilization"))
        case (.postgres, .connections): return plain(database("DatabaseConnections", "Maximum"))
        case (.postgres, .memory):
            return used(database("FreeableMemory"), of: (AWSSizes.database(resource.size)?.memory ?? 0) << 20)
        case (.postgres, .disk): return used(database("FreeStorageSpace"), of: root.storage(resource) << 30)
        // A server that is there is measured once a minute.
        case (.postgres, .up): return plain(database("CPUUtilization", "SampleCount"), missing: "breaching")
        case (.redis, .up): return plain(cache("CPUUtilization", "SampleCount"), missing: "breaching")
        case (.redis, .cpu): return plain(cache("EngineCPUUtilization"))
        case (.redis, .memory): return plain(cache("DatabaseMemoryUsagePercentage"))
        case (.redis, .connections): return plain(cache("CurrConnections", "Maximum"))
        case (.redis, .disk): return .impossible("a Redis of ElastiCache keeps nothing on a disk")
        case (.topic, .lag):
            let readers = root.users(of: name).filter { $0.access == .subscribe }.map(\.name)
            guard !readers.isEmpty else { return .impossible("nobody reads `\(name)`") }
            let series = readers.enumerated().map { index, reader in
                Series(
                    id: "queue\(index)", namespace: "AWS/SQS", metric: "ApproximateNumberOfMessagesVisible",
                    dimensions: .pairs([("QueueName", .code("\(label).queues[\"\(reader)\"].name"))]),
                    statistic: "Maximum")
            }
            let all = series.map(\.id).joined(separator: ", ")
            return .alarm(
                AWSAlarm(
                    series: series, expression: series.count > 1 ? "MAX([\(all)])" : nil, threshold: bound(condition)))
        case (.cluster, _): return .impossible("EKS gives no such number without an agent in the cluster")
        default: return .impossible("it is not measured of \(resource.kind.words)")
        }
    }

    private static func bound(_ condition: Condition) -> HCLValue {
        switch condition.bound {
        case .percent(let percent): .code(AWSRoot.decimal(percent.millionths * 100))
        case .duration(let duration): .code(AWSRoot.seconds(duration))
        case .rate(let rate): .code(AWSRoot.decimal(rate.count * 1_000_000 / rate.per))
        case .count(let count): .integer(count)
        }
    }
}

extension Condition.Comparison {
    /// As CloudWatch says it (API, PutMetricAlarm).
    var cloudWatch: String {
        switch self {
        case .above: "GreaterThanThreshold"
        case .atLeast: "GreaterThanOrEqualToThreshold"
        case .below: "LessThanThreshold"
        case .atMost: "LessThanOrEqualToThreshold"
        }
    }
}
