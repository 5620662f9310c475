import Spec

extension GoogleRoot {
    /// An alert of the language as Cloud Monitoring carries it.
    private struct Policy {
        var name: AlertName
        var alert: Alert
        var query: String
        var filter: String?
        var told: GoogleChannels.Told
    }

    private var policies: [Policy] {
        let signals = GoogleSignals(place: place)
        let channels = GoogleChannels(platform: platform)
        return platform.alerts.sorted { $0.key < $1.key }.compactMap { name, alert in
            let told = channels.told(alert.level, to: alert.to)
            switch alert.trigger {
            case .promql(let query): return Policy(name: name, alert: alert, query: query, filter: nil, told: told)
            case .condition(let condition):
                switch signals.query(name, condition, hold: alert.hold) {
                case .query(let query): return Policy(name: name, alert: alert, query: query, filter: nil, told: told)
                case .logs(let filter, let query):
                    return Policy(name: name, alert: alert, query: query, filter: filter, told: told)
                case .impossible, .budget: return nil
                }
            }
        }
    }

    /// Whether objectives that burn are told of: where nothing else is, they are only shown.
    private var tellsObjectives: Bool { !platform.alerts.isEmpty }

    private var promised: [(name: ServiceName, slo: Objective)] {
        place.servers.compactMap { name, service in service.slo.map { (name, $0) } }
    }

    var channels: [GoogleChannels.Channel] {
        var all = Set(policies.flatMap(\.told.channels))
        if tellsObjectives, !promised.isEmpty {
            let channels = GoogleChannels(platform: platform)
            for level in [Level.critical, .medium] { all.formUnion(channels.told(level, to: nil).channels) }
        }
        for email in ownerEmails { all.insert(.email(email)) }
        return all.sorted()
    }

    // MARK: monitoring.tf

    var monitoring: HCLFile {
        place.file(
            "monitoring",
            comment: policies.isEmpty
                ? []
                : [
                    "Google knows a metric once it was measured, and a new project's never was: so no policy asks whether it exists."
                ]
        ) { body in
            body.add(dashboard)
            for channel in channels { body.add(self.channel(channel)) }
            for policy in policies {
                if let filter = policy.filter { body.add(counter(policy, filter)) }
                body.add(self.policy(policy))
            }
            for (name, slo) in promised { body.add(objective(name, slo)) }
        }
    }

    private var dashboard: HCLBlock {
        place.module("dashboard", .dashboard) { body in
            body.set("project", .code("local.project"))
            body.set("title", .text("\(platform.name) \(place.environment)"))
            body.set("services", .list(place.servers.map { .text($0.name.text) }))
            let databases = place.resources(.postgres)
            if !databases.isEmpty {
                body.set(
                    "databases",
                    .map(
                        databases.map {
                            HCLAttribute($0.name.text, .code("module.postgres_\(Self.label($0.name)).instance"))
                        }))
            }
            let caches = place.resources(.redis)
            if !caches.isEmpty {
                body.set(
                    "caches",
                    .map(caches.map { HCLAttribute($0.name.text, .code("module.redis_\(Self.label($0.name)).id")) }))
            }
        }
    }

    private func channel(_ channel: GoogleChannels.Channel) -> HCLBlock {
        if case .email(let address) = channel {
            return HCLBlock("resource", ["google_monitoring_notification_channel", channel.label]) { body in
                body.set("project", .code("local.project"))
                body.set("display_name", .text(channel.displayName))
                body.set("type", "email")
                body.set("labels", ["email_address": .text(address)])
            }
        }
        return HCLBlock(
            "data", ["google_monitoring_notification_channel", channel.label],
            comment: "Made once by an administrator, since Terraform would keep its key in the state:\n"
                + creation(channel)
        ) { body in
            body.set("project", .code("local.project"))
            body.set("type", .text(channel.kind))
            body.set("display_name", .text(channel.displayName))
        }
    }

    private func creation(_ channel: GoogleChannels.Channel) -> String {
        let secret = GoogleChannels(platform: platform).secret(of: channel) ?? ""
        let read = "\"$(gcloud secrets versions access latest --project \(place.projectID) --secret \(secret))\""
        var labels = "service_key=\(read)"
        if case .slack(let name) = channel { labels = "channel_name='\(name)',auth_token=\(read)" }
        return "gcloud beta monitoring channels create --project \(place.projectID) --type \(channel.kind) \\\n"
            + "  --display-name '\(channel.displayName)' \\\n  --channel-labels \(labels)"
    }

    private func counter(_ policy: Policy, _ filter: String) -> HCLBlock {
        HCLBlock("resource", ["google_logging_metric", Self.label(policy.name)]) { body in
            body.set("project", .code("local.project"))
            body.set("name", .text(Self.label(policy.name)))
            body.set("filter", .text(filter))
            body.block("metric_descriptor") { descriptor in
                descriptor.set("metric_kind", "DELTA")
                descriptor.set("value_type", "INT64")
            }
        }
    }

    private func policy(_ policy: Policy) -> HCLBlock {
        let alert = policy.alert
        return HCLBlock("resource", ["google_monitoring_alert_policy", Self.label(policy.name)]) { body in
            body.set("project", .code("local.project"))
            body.set("display_name", .text("\(platform.name) \(place.environment): \(policy.name)"))
            body.set("combiner", "OR")
            body.set("severity", .text(Self.severity(alert.level)))
            body.set("notification_channels", .list(policy.told.channels.map { .code($0.reference) }))
            body.set("user_labels", ["level": .text(alert.level.rawValue)])
            body.block("conditions") { condition in
                condition.set("display_name", .text(summary(policy)))
                condition.block("condition_prometheus_query_language") { query in
                    query.set("query", .text(policy.query))
                    // A log's lines are counted over that time already.
                    let hold = policy.filter == nil ? Self.seconds(alert.hold) : 0
                    query.set("duration", .text("\((hold + 29) / 30 * 30)s"))
                    query.set("evaluation_interval", "30s")
                    query.set("alert_rule", .text(GoogleChannels.label(policy.name.text)))
                    query.set(
                        "disable_metric_validation", true)
                }
            }
            body.block("documentation") { documentation in
                documentation.set("subject", .text(String(summary(policy).prefix(255))))
                if let runbook = alert.runbook, place.subject.files.has(runbook) {
                    documentation.set("content", .code("file(\"${path.module}/../../../\(runbook)\")"))
                } else {
                    documentation.set(
                        "content", .text(summary(policy) + (alert.runbook.map { "\n\nRunbook: \($0)" } ?? "")))
                }
            }
            body.block("alert_strategy") { $0.set("auto_close", "1800s") }
            if policy.filter != nil {
                body.set("depends_on", [.code("google_logging_metric.\(Self.label(policy.name))")])
            }
        }
    }

    private func summary(_ policy: Policy) -> String {
        if let summary = policy.alert.summary { return summary }
        return switch policy.alert.trigger {
        case .condition(let condition): condition.text
        case .promql(let query): query
        }
    }

    static func severity(_ level: Level) -> String {
        switch level {
        case .critical: "CRITICAL"
        case .high: "ERROR"
        case .medium, .low: "WARNING"
        }
    }

    private func objective(_ name: ServiceName, _ slo: Objective) -> HCLBlock {
        place.module("objective_\(Self.label(name))", .objective) { body in
            body.set("project", .code("local.project"))
            body.set("region", .code("local.region"))
            body.set("service", .code("module.service_\(Self.label(name))[local.region].name"))
            body.set("availability", ifAny: slo.availability.map { .number($0.fraction) })
            body.set("window_days", .integer(min(30, Self.days(slo.window))))
            if !tellsObjectives { body.set("alerts", false) }
            if !slo.latency.isEmpty {
                body.gap()
                body.set(
                    "latency",
                    .map(
                        slo.latency.sorted { $0.key < $1.key }.map { quantile, time in
                            let share = Double(quantile.rawValue.dropFirst()).map { $0 / 100 } ?? 1
                            return HCLAttribute(
                                quantile.rawValue,
                                .pairs([
                                    ("share", .number(share)),
                                    ("milliseconds", .integer(Int(PromNumber.seconds(time) * 1000))),
                                ]))
                        }))
            }
            if tellsObjectives {
                let told = GoogleChannels(platform: platform)
                body.gap()
                for (key, level) in [("page_channels", Level.critical), ("ticket_channels", .medium)] {
                    let references = told.told(level, to: nil).channels.map { HCLValue.code($0.reference) }
                    body.set(key, .list(references))
                }
            }
        }
    }
}
