import Spec

/// Signals of the language in PromQL over what Google measures by itself (Cloud Monitoring, "Mapping Cloud Monitoring metrics
/// to PromQL", "Google Cloud metrics").
struct GoogleSignals {
    let place: GooglePlace

    enum Outcome {
        case query(String)
        /// Counted from log lines by a metric of our own.
        case logs(filter: String, query: String)
        /// Why Cloud Monitoring cannot say it.
        case impossible(String)
        /// Told by the budget.
        case budget
    }

    func query(_ name: AlertName, _ condition: Condition, hold: Duration) -> Outcome {
        guard let target = condition.target else { return .budget }
        let comparison = " \(condition.comparison.rawValue) \(Self.bound(condition))"
        if condition.signal == .logs {
            guard let service = platform.services[target.cast()] else { return .impossible("`\(target)` is not there") }
            let window = "\(max(300, GoogleRoot.seconds(hold)))s"
            let selector = "{monitored_resource=\"\(Self.kind(service))\"}"
            return .logs(
                filter:
                    "resource.type=\"\(Self.kind(service))\" AND resource.labels.\(Self.label(service))=\"\(target)\" AND "
                    + JSONText.quoted(condition.pattern ?? ""),
                query:
                    "(sum(increase(logging_googleapis_com:user_\(name.text.replacing("-", with: "_"))\(selector)[\(window)])) "
                    + "or vector(0))\(comparison)")
        }
        var signal: String?
        if let service = platform.services[target.cast()] {
            signal = self.signal(condition.signal, of: target, service)
        } else if let resource = platform.resources[target.cast()] {
            signal = self.signal(condition.signal, of: target, resource)
        }
        guard let signal else {
            return .impossible("Google measures no `\(condition.signal.rawValue)` of `\(target)`")
        }
        return .query(signal + comparison)
    }

    private var platform: Platform { place.platform }

    /// As PromQL compares it: shares from 0 to 1, latencies in milliseconds.
    private static func bound(_ condition: Condition) -> String {
        switch condition.bound {
        case .percent(let percent): PromNumber.text(percent.fraction)
        case .duration(let duration): PromNumber.text(PromNumber.seconds(duration) * 1000)
        case .rate(let rate): PromNumber.text(rate.perSecond)
        case .count(let count): "\(count)"
        }
    }

    /// The monitored resource of a process.
    private static func kind(_ service: Service) -> String {
        if service.schedule != nil { return "cloud_run_job" }
        return service.port == nil ? "cloud_run_worker_pool" : "cloud_run_revision"
    }

    private static func label(_ service: Service) -> String {
        if service.schedule != nil { return "job_name" }
        return service.port == nil ? "worker_pool_name" : "service_name"
    }

    private func signal(_ signal: Condition.Signal, of name: EdgeName, _ service: Service) -> String? {
        let run = "monitored_resource=\"\(Self.kind(service))\",\(Self.label(service))=\"\(name)\""
        let isSite = service.site != nil
        let selector = isSite ? "monitored_resource=\"https_lb_rule\",backend_target_name=\"\(name)\"" : run
        let requests =
            isSite ? "loadbalancing_googleapis_com:https_request_count" : "run_googleapis_com:request_count"
        let latencies =
            isSite
            ? "loadbalancing_googleapis_com:https_total_latencies_bucket"
            : "run_googleapis_com:request_latencies_bucket"
        let failed = isSite ? "response_code_class=\"500\"" : "response_code_class=\"5xx\""
        let all = "sum(rate(\(requests){\(selector)}[5m]))"
        let errors = "(sum(rate(\(requests){\(selector),\(failed)}[5m])) or vector(0)) / \(all)"
        switch signal {
        case .errors: return errors
        case .availability: return "1 - \(errors)"
        case .rate: return all
        case .p50, .p95, .p99:
            let quantile = signal == .p50 ? "0.5" : signal == .p95 ? "0.95" : "0.99"
            return "histogram_quantile(\(quantile), sum by (le) (rate(\(latencies){\(selector)}[5m])))"
        case .cpu, .memory:
            let metric = "run_googleapis_com:container_\(signal.rawValue)_utilizations_bucket"
            return isSite ? nil : "histogram_quantile(0.95, sum by (le) (rate(\(metric){\(run)}[5m])))"
        case .up: return isSite ? nil : "(sum(run_googleapis_com:container_instance_count{\(run)}) or vector(0))"
        case .disk, .connections, .restarts, .lag, .logs, .spend: return nil
        }
    }

    private func signal(_ signal: Condition.Signal, of name: EdgeName, _ resource: Resource) -> String? {
        switch resource.kind {
        case .postgres:
            let selector = "{monitored_resource=\"cloudsql_database\",database_id=\"\(place.projectID):\(name)\"}"
            let metric = "cloudsql_googleapis_com:database_"
            switch signal {
            case .cpu, .memory, .disk: return "avg(\(metric)\(signal.rawValue)_utilization\(selector))"
            case .connections: return "sum(\(metric)postgresql_num_backends\(selector))"
            case .up: return "(sum(\(metric)up\(selector)) or vector(0))"
            default: return nil
            }
        case .redis:
            let id = "projects/\(place.projectID)/locations/\(place.region)/instances/\(name)"
            let selector = "{monitored_resource=\"redis_instance\",instance_id=\"\(id)\"}"
            switch signal {
            case .cpu: return "sum(rate(redis_googleapis_com:stats_cpu_utilization\(selector)[5m]))"
            case .memory: return "max(redis_googleapis_com:stats_memory_usage_ratio\(selector))"
            case .connections: return "max(redis_googleapis_com:clients_connected\(selector))"
            case .up: return "(count(redis_googleapis_com:server_uptime\(selector)) or vector(0))"
            default: return nil
            }
        case .topic:
            guard signal == .lag else { return nil }
            let topic = place.topic(name.cast(), resource)
            let readers = place.users(of: name.cast()).filter { $0.access == .subscribe }.map { "\(topic).\($0.name)" }
            let pattern = readers.map { $0.replacing(".", with: "\\\\.") }.joined(separator: "|")
            return "sum(pubsub_googleapis_com:subscription_num_undelivered_messages"
                + "{monitored_resource=\"pubsub_subscription\",subscription_id=~\"\(pattern)\"})"
        case .cluster:
            let selector = "{monitored_resource=\"k8s_node\",cluster_name=\"\(name)\"}"
            switch signal {
            case .cpu, .memory: return "avg(kubernetes_io:node_\(signal.rawValue)_allocatable_utilization\(selector))"
            case .up: return "(count(kubernetes_io:node_cpu_allocatable_utilization\(selector)) or vector(0))"
            default: return nil
            }
        case .bucket: return nil
        }
    }
}
