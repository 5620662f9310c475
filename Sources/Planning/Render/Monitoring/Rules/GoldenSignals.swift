import Spec

/// Names of the recorded golden signals, and the rules that record them.
///
/// The services' own metrics are `http_requests_total` by `status` and the histogram `http_request_duration_seconds`, as the
/// usual client libraries write them; prometheus.yml gives every series the label `service`.
enum GoldenSignals {
    static let requests = "http_requests_total"
    static let duration = "http_request_duration_seconds"
    static let rate = "service:http_requests:rate5m"
    static let errors = "service:http_errors:ratio_rate5m"

    static func quantile(_ word: String) -> String { "service:\(duration):\(word)_rate5m" }

    static func errors(over window: String) -> String { "service:http_errors:ratio_rate\(window)" }

    static func slow(over window: String) -> String { "service:http_slow:ratio_rate\(window)" }

    static func group(_ place: MonitoredPlace) -> RuleGroup {
        var rules = [
            record(rate, "sum by (service) (rate(\(requests){service!=\"\"}[5m]))", "Requests a second."),
            record(
                errors, errorRatio("service!=\"\"", "5m"),
                "Share of requests answered 5xx; a service without such answers has none, not nothing."),
        ]
        for (word, share) in [("p50", "0.5"), ("p95", "0.95"), ("p99", "0.99")] {
            rules.append(
                record(
                    quantile(word),
                    "histogram_quantile(\(share), sum by (service, le) (rate(\(duration)_bucket{service!=\"\"}[5m])))",
                    "Seconds in which \(word.dropFirst()) of a hundred requests are answered."))
        }
        rules.append(
            record(
                "service:container_cpu_usage_seconds:rate5m",
                "sum by (service) (rate(container_cpu_usage_seconds_total{service!=\"\"}[5m]))", "Processors in use."))
        rules.append(
            record(
                "service:container_memory_working_set_bytes:sum",
                "sum by (service) (container_memory_working_set_bytes{service!=\"\"})", "Memory in use."))
        return RuleGroup(name: "golden-signals", rules: rules)
    }

    static func errorRatio(_ matchers: String, _ window: String) -> String {
        let all = "sum by (service) (rate(\(requests){\(matchers)}[\(window)]))"
        return "(sum by (service) (rate(\(requests){\(matchers), status=~\"5..\"}[\(window)])) or \(all) * 0) / \(all)"
    }

    static func record(_ name: String, _ expression: String, _ comment: String?, _ labels: [String: String] = [:])
        -> PromRule
    {
        PromRule(name: name, kind: .record, expression: expression, labels: labels, comment: comment)
    }

    /// A request a second, a share of them answered 500.
    static func series(_ service: String, bad: Double, _ minutes: Int) -> [Trial.Series] {
        [("200", 1 - bad), ("500", bad)].map { status, share in
            Trial.Series(
                name: "\(requests){service=\"\(service)\", status=\"\(status)\"}",
                values: "0+\(PromNumber.text(60 * max(0, share)))x\(minutes)")
        }
    }

    /// A request a second, all answered within the tenth of a time before its end.
    static func latencies(_ service: String, at seconds: Double, _ minutes: Int) -> [Trial.Series] {
        let fast = PromNumber.text(seconds * 0.9)
        let slow = PromNumber.text(seconds)
        return [(fast, "0x\(minutes)"), (slow, "0+60x\(minutes)"), ("+Inf", "0+60x\(minutes)")].map { le, values in
            Trial.Series(name: "\(duration)_bucket{service=\"\(service)\", le=\"\(le)\"}", values: values)
        }
    }
}
