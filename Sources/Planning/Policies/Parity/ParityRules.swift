import Spec

/// What of two environments is compared, and what may differ.
enum ParityRules {
    /// Parts that are equal as values, however they were written.
    struct Same {
        var paths: Set<SpecPath>

        func holds(_ path: SpecPath) -> Bool {
            let parts = path.components
            return paths.contains(SpecPath(Array(parts.prefix(1)))) || paths.contains(SpecPath(Array(parts.prefix(2))))
        }
    }

    /// Sections that say nothing of what runs: names, agreements and other environments.
    private static let silent: Set<String> = [
        "hauban", "platform", "about", "owner", "waivers", "policies", "drills", "launch", "environments",
    ]

    private static let response: Set<String> = [
        "alerts", "kpis", "oncall", "people", "teams", "routes", "inhibit", "maintenance", "heartbeats", "actions",
        "incidents", "notify", "integrations", "console",
    ]

    /// Keys of an environment.
    private static let size: Set<String> = ["hosts", "regions", "budget", "server"]
    private static let place: Set<String> = [
        "branch", "tag", "domain", "project", "context", "registry", "state", "requires", "like", "failover", "purpose",
    ]

    /// A path of the merged platform as it is compared; `nil` where it is not.
    static func compared(_ path: SpecPath, in environment: EnvironmentName) -> SpecPath? {
        let parts = path.components
        guard let first = parts.first else { return nil }
        if first == "environments", parts.count > 2, parts[1] == environment.text {
            return Environment.overlays.contains(parts[2]) ? nil : SpecPath(Array(parts.dropFirst(2)))
        }
        return silent.contains(first) ? nil : path
    }

    static func kind(of path: SpecPath) -> ParityReport.Difference.Kind {
        let parts = path.components
        let key = parts.count > 2 ? parts[2] : ""
        switch parts[0] {
        case "services": return ["scale", "size"].contains(key) ? .size : .meaning
        case "resources":
            if ["size", "storage", "standby"].contains(key) { return .size }
            return key == "backup" && parts.last == "region" ? .place : .meaning
        case "tls": return parts.count > 1 && ["email", "certificate", "key"].contains(parts[1]) ? .place : .meaning
        case let first where response.contains(first): return .response
        case let first where size.contains(first): return .size
        case let first where place.contains(first): return .place
        default: return .meaning
        }
    }

    /// A value as reports may print it.
    static func shown(_ value: String, at path: SpecPath) -> String {
        guard path.components.count == 4, path.components[2] == "env" else { return value }
        return SecretForms.isSecretName(path.components[3]) ? "[redacted]" : value
    }

    /// Compared as values first: two that are written differently may mean the same, and most are not looked at again.
    static func same(
        _ here: Platform, _ environment: EnvironmentName, _ there: Platform, _ other: EnvironmentName
    ) -> Same {
        var paths: Set<SpecPath> = []
        for (name, service) in here.services where there.services[name] == service {
            paths.insert(SpecPath(["services", name.text]))
        }
        for (name, resource) in here.resources where there.resources[name] == resource {
            paths.insert(SpecPath(["resources", name.text]))
        }
        if here.pipeline == there.pipeline { paths.insert("pipeline") }
        if here.release == there.release { paths.insert("release") }
        if here.telemetry == there.telemetry { paths.insert("telemetry") }
        if here.secrets == there.secrets { paths.insert("secrets") }
        if here.environments[environment]?.tls == there.environments[other]?.tls { paths.insert("tls") }
        return Same(paths: paths)
    }
}
