import Spec

/// What a Prometheus says of what it scrapes, as `GET /api/v1/targets` of its HTTP API answers.
package struct PrometheusTargets: Sendable, Hashable {
    package struct Target: Sendable, Hashable {
        /// `job api, api:8080`.
        package var name: String
        package var isUp: Bool
        package var error: String
    }

    package var active: [Target]

    /// - Returns: `nil` for anything but such an answer.
    package init?(_ body: String) {
        guard let tree = JSONTree(parsing: Array(body.utf8)), tree["status"]?.string == "success",
            case .list(let items)? = tree["data"]?["activeTargets"]
        else { return nil }
        active = items.map { item in
            let labels = item["labels"]
            let job = labels?["job"]?.string ?? item["scrapePool"]?.string ?? "?"
            return Target(
                name: "job \(job), \(labels?["instance"]?.string ?? item["scrapeUrl"]?.string ?? "?")",
                isUp: item["health"]?.string == "up", error: item["lastError"]?.string ?? "")
        }.sorted { $0.name < $1.name }
    }
}
