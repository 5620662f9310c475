import Spec

/// Rules in a cluster whose Prometheus watches other namespaces too: what is recorded and what fires bears the environment's
/// own, and reads no other's series.
struct ClusterScope {
    let namespace: String

    private var matcher: String { "namespace=\"\(namespace)\"" }

    /// Selectors of ours begin with one of these labels, which Prometheus or its operator gives every series of a namespace.
    private static let leads = ["service=", "service!=", "exposed="]

    func scoped(_ rule: PromRule) -> PromRule {
        var rule = rule
        switch rule.name {
        // The kubelet names containers where others name services.
        case "service:container_cpu_usage_seconds:rate5m":
            rule.expression = named("rate(container_cpu_usage_seconds_total{\(matcher), container!=\"\"}[5m])")
        case "service:container_memory_working_set_bytes:sum":
            rule.expression = named("container_memory_working_set_bytes{\(matcher), container!=\"\"}")
        case "target-down": rule.expression = "up{\(matcher)} == 0"
        case "certificate-ends":
            let expiry = "probe_ssl_earliest_cert_expiry"
            rule.expression = rule.expression.replacing(expiry, with: "\(expiry){\(matcher)}")
        // What the author wrote says itself what it reads.
        default: if !rule.isAuthors { rule.expression = scoped(rule.expression) }
        }
        rule.labels["namespace"] = namespace
        rule.trials = rule.trials.map(scoped)
        return rule
    }

    /// A dashboard, in which quotes are escaped.
    func scoped(dashboard: String) -> String {
        let escaped = matcher.replacing("\"", with: "\\\"")
        let scoped = Self.leads.reduce(dashboard) { $0.replacing("{\($1)", with: "{\(escaped), \($1)") }
        return scoped.replacing(
            "label_values(\(GoldenSignals.rate)", with: "label_values(\(GoldenSignals.rate){\(escaped)}")
    }

    private func scoped(_ text: String) -> String {
        Self.leads.reduce(text) { $0.replacing("{\($1)", with: "{\(matcher), \($1)") }
    }

    private func scoped(_ trial: Trial) -> Trial {
        var trial = trial
        trial.series = trial.series.map { series in
            var series = series
            let labels = series.name.utf8.drop { $0 != UInt8(ascii: "{") }
            if !labels.starts(with: "{namespace=".utf8) {
                series.name = series.name.replacing("{", with: "{\(matcher), ")
            }
            return series
        }
        trial.labels?["namespace"] = namespace
        return trial
    }

    private func named(_ series: String) -> String {
        "sum by (service) (label_replace(\(series), \"service\", \"$1\", \"container\", \"(.+)\"))"
    }
}
