import Spec

/// What looks, and who is told.
extension AWSRoot {
    /// Whether the requests of a service are counted: by the load balancer, or by the proxies of its callers.
    func isCounted(_ name: ServiceName, _ service: Service) -> Bool {
        port(service) != nil && (!service.expose.isEmpty || isCalled(name))
    }

    var watch: HCLBody {
        var body = HCLBody()
        body.add(alertsBlock)
        body.add(dashboardBlock)
        for (name, objective) in promises { body.add(promise(name, objective)) }
        for (name, alert) in platform.alerts.sorted(by: { $0.key < $1.key }) {
            guard case .condition(let condition) = alert.trigger else { continue }
            switch AWSAlarm.make(condition, hold: alert.hold, in: self) {
            case .alarm(let alarm): body.add(block(name, alert, condition, alarm))
            case .logs(let alarm, let pattern):
                body.add(filter(name, condition, pattern))
                body.add(block(name, alert, condition, alarm, counts: true))
            case .budget, .impossible: break
            }
        }
        return body
    }

    /// Services whose promises are watched.
    var promises: [(name: ServiceName, objective: Objective)] {
        tasks.compactMap { name, service in
            guard let objective = service.slo, isCounted(name, service) else { return nil }
            return (name, objective)
        }
    }

    private func promise(_ name: ServiceName, _ objective: Objective) -> HCLBlock {
        module("objective_\(word(name))", .objective) { body in
            body.set("name", .text(names.name(name.text)))
            body.set("traffic", .code("module.service_\(word(name)).traffic"))
            if let availability = objective.availability {
                body.set("availability", .code(Self.decimal(availability.millionths * 100)))
            }
            if !objective.latency.isEmpty {
                body.set(
                    "latency",
                    .map(
                        objective.latency.sorted { $0.key < $1.key }.map { quantile, bound in
                            HCLAttribute(quantile.rawValue, .code(Self.seconds(bound)))
                        }))
            }
            body.set("topics", .code("module.alerts.topics"))
        }
    }

    /// With as many digits as it needs.
    static func seconds(_ duration: Duration) -> String {
        decimal(
            Int(duration.components.seconds) * 1_000_000 + Int(duration.components.attoseconds / 1_000_000_000_000))
    }

    private var alertsBlock: HCLBlock {
        module("alerts", .alerts, comment: "A topic for each level; \(Self.listenersHint)") { alerts in
            alerts.set("name", .text(names.name()))
            alerts.set("listeners", .code("var.listeners"))
            if !readers.isEmpty {
                let all = readers.map { reader -> HCLValue in
                    .pairs([("level", .text(reader.level.rawValue)), ("address", .text(reader.address))])
                }
                alerts.set("readers", .list(all))
            }
            if let budget = settings.budget { alerts.set("budget", self.budget(budget)) }
            alerts.set("kms_key", .code("module.key.arn"))
        }
    }

    private static let listenersHint = "`listeners` says who hears them."

    /// Whom the owner's schedule tells by mail, by level.
    var readers: [(level: Level, address: String)] {
        guard let schedule = platform.owner?.oncall.flatMap({ platform.oncall[$0] }) else { return [] }
        var all: [(level: Level, address: String)] = []
        for (level, channels) in schedule.channels.sorted(by: { $0.key > $1.key }) {
            for channel in channels where channel.kind == .email {
                if let address = channel.address {
                    all.append((level, address))
                } else {
                    for party in schedule.rotations.flatMap(\.rotation.people) {
                        if let address = platform.people[party]?.email { all.append((level, address)) }
                    }
                }
            }
        }
        var seen: Set<String> = []
        return all.filter { seen.insert("\($0.level.rawValue) \($0.address)").inserted }
    }

    private func budget(_ budget: Budget) -> HCLValue {
        var warnings: [(percent: Percent, level: Level)] = [(budget.warn, .low)]
        for (_, alert) in platform.alerts.sorted(by: { $0.key < $1.key }) {
            guard case .condition(let condition) = alert.trigger, condition.signal == .spend,
                case .percent(let percent) = condition.bound
            else { continue }
            warnings.append((percent, alert.level))
        }
        var seen: Set<String> = []
        let rows = warnings.filter { seen.insert("\($0.percent) \($0.level.rawValue)").inserted }
            .sorted { ($0.percent, $0.level.rawValue) < ($1.percent, $1.level.rawValue) }
            .map { warning -> HCLValue in
                .pairs([
                    ("percent", .code(Self.decimal(warning.percent.millionths * 100))),
                    ("level", .text(warning.level.rawValue)),
                ])
            }
        var entries = [
            HCLAttribute("amount", .text(Self.decimal(budget.month.cents * 10_000))),
            HCLAttribute("currency", .text(budget.month.currency)),
        ]
        if sharesAccount {
            entries.append(
                HCLAttribute(
                    "tag", .template("user:environment$\(environment)"),
                    comment: "Other environments are paid by this account too: activate the tag for cost allocation."))
        }
        entries.append(HCLAttribute("warnings", .list(rows)))
        return .map(entries)
    }

    private var sharesAccount: Bool {
        subject.everywhere.filter { $0.settings.target == .aws && $0.settings.project == settings.project }.count > 1
    }

    // MARK: Dashboard

    private var dashboardBlock: HCLBlock {
        module("dashboard", .dashboard) { dashboard in
            dashboard.set("name", .text(names.name()))
            dashboard.set("cluster", .code("module.cluster.name"))
            let shown = tasks.filter { $0.service.schedule == nil }
            dashboard.set(
                "services",
                .map(
                    shown.map { name, service in
                        HCLAttribute(
                            name.text,
                            isCounted(name, service)
                                ? .pairs([("traffic", .code("module.service_\(word(name)).traffic"))]) : .map([]))
                    }))
            let stores = resources.flatMap { charts($0.name, $0.resource) }
            if !stores.isEmpty { dashboard.set("charts", .list(stores)) }
        }
    }

    private func charts(_ name: ResourceName, _ resource: Resource) -> [HCLValue] {
        let label = "module.\(resource.kind.moduleWord)_\(word(name))"
        func chart(
            _ title: String, _ namespace: String, _ dimension: String, _ value: String, _ statistic: String,
            _ metrics: [String]
        ) -> HCLValue {
            let entries: [(String, HCLValue)] = [
                ("title", .text("\(name): \(title)")), ("namespace", .text(namespace)),
                ("dimensions", .pairs([(dimension, .code(value))])), ("stat", .text(statistic)),
                ("metrics", .list(metrics.map { .text($0) })),
            ]
            return .pairs(entries)
        }
        switch resource.kind {
        case .postgres:
            let one = "DBInstanceIdentifier"
            return [
                chart("processors, percent", "AWS/RDS", one, "\(label).id", "Average", ["CPUUtilization"]),
                chart("free memory, bytes", "AWS/RDS", one, "\(label).id", "Average", ["FreeableMemory"]),
                chart("connections", "AWS/RDS", one, "\(label).id", "Maximum", ["DatabaseConnections"]),
                chart("free space, bytes", "AWS/RDS", one, "\(label).id", "Minimum", ["FreeStorageSpace"]),
            ]
        case .redis:
            return [
                chart(
                    "use, percent", "AWS/ElastiCache", "CacheClusterId", "\(label).id", "Average",
                    ["EngineCPUUtilization", "DatabaseMemoryUsagePercentage"]),
                chart(
                    "connections", "AWS/ElastiCache", "CacheClusterId", "\(label).id", "Maximum", ["CurrConnections"]),
            ]
        case .topic:
            return users(of: name).filter { $0.access == .subscribe }.map { reader, _ in
                chart(
                    "not read by \(reader)", "AWS/SQS", "QueueName", "\(label).queues[\"\(reader)\"].name", "Maximum",
                    ["ApproximateNumberOfMessagesVisible", "ApproximateAgeOfOldestMessage"])
            }
        case .bucket, .cluster: return []
        }
    }

    // MARK: Alarms

    private func block(
        _ name: AlertName, _ alert: Alert, _ condition: Condition, _ alarm: AWSAlarm, counts: Bool = false
    ) -> HCLBlock {
        HCLBlock("resource", ["aws_cloudwatch_metric_alarm", word(name)]) { body in
            body.set("alarm_name", .text("\(names.name())-\(name)"))
            body.set("alarm_description", .text(description(alert, condition)))
            body.set("comparison_operator", .text(condition.comparison.cloudWatch))
            body.set("threshold", alarm.threshold)
            let seconds = Int(alert.hold.components.seconds)
            // CloudWatch looks back over a day at most.
            let period = counts ? alarm.period : seconds > 86_400 / 60 * 60 ? 3600 : alarm.period
            body.set("evaluation_periods", .integer(counts ? 1 : max(1, (seconds + period - 1) / period)))
            body.set("treat_missing_data", .text(alarm.missing))
            let to = HCLValue.list([.code("module.alerts.topics[\"\(alert.level.rawValue)\"]")])
            body.set("alarm_actions", to)
            body.set("ok_actions", to)
            if let expression = alarm.expression {
                body.block("metric_query") { query in
                    query.set("id", "value")
                    query.set("label", .text(condition.text))
                    query.set("expression", .text(expression))
                    query.set("return_data", true)
                }
                for series in alarm.series {
                    body.block("metric_query") { query in
                        query.set("id", .text(series.id))
                        query.block("metric") { metric in
                            fill(&metric, series, period, counted: nil)
                        }
                    }
                }
            } else if let series = alarm.series.first {
                body.gap()
                fill(&body, series, period, counted: counts ? names.name(name.text) : nil)
            }
        }
    }

    private func fill(_ body: inout HCLBody, _ series: AWSAlarm.Series, _ period: Int, counted: String?) {
        let isCode = series.namespace.hasPrefix("module.") || series.namespace.hasPrefix("\"")
        body.set("namespace", isCode ? .code(series.namespace) : .text(series.namespace))
        body.set("metric_name", .text(counted ?? series.metric))
        if counted == nil { body.set("dimensions", series.dimensions) }
        body.set("period", .integer(period))
        // In an alarm of one metric a percentile is said apart, in a query it is not.
        let isQuery = !body.items.contains {
            if case .attribute(let one) = $0 { one.name == "alarm_name" } else { false }
        }
        let key = isQuery ? "stat" : series.statistic.hasPrefix("p") ? "extended_statistic" : "statistic"
        body.set(key, .text(series.statistic))
    }

    private func filter(_ name: AlertName, _ condition: Condition, _ pattern: String) -> HCLBlock {
        HCLBlock("resource", ["aws_cloudwatch_log_metric_filter", word(name)]) { body in
            body.set("name", .text(names.name(name.text)))
            body.set("log_group_name", .code("module.task_\(word(condition.target?.text ?? "")).log_group"))
            body.set("pattern", .text("\"" + pattern.replacing("\"", with: "\\\"") + "\""))
            body.block("metric_transformation") { metric in
                metric.set("name", .text(names.name(name.text)))
                metric.set("namespace", .text("\(platform.name)/\(environment)"))
                metric.set("value", "1")
                metric.set("default_value", "0")
            }
        }
    }

    private func description(_ alert: Alert, _ condition: Condition) -> String {
        var words = alert.summary ?? condition.text
        if let runbook = alert.runbook { words += " Runbook: \(runbook)" }
        return words
    }
}
