import Spec

/// An object of the Kubernetes API.
struct KubeObject: Sendable {
    var apiVersion: String
    var kind: String
    var name: String
    /// The file that it stands in, without `.yaml`.
    var file: String
    var labels: [String: String] = [:]
    var annotations: [String: String] = [:]
    /// Why it is there, above it.
    var comment: String?
    var body: [YAMLEntry]
    /// What the environment's `patch` made of it.
    var patched: YAMLTree?

    var id: String { "\(kind)/\(name)" }

    var tree: YAMLTree {
        if let patched { return patched }
        var metadata = [YAMLEntry("name", .text(name))]
        if !labels.isEmpty { metadata.append(YAMLEntry("labels", .sorted(labels))) }
        if !annotations.isEmpty { metadata.append(YAMLEntry("annotations", .sorted(annotations))) }
        return .map(
            [
                YAMLEntry("apiVersion", .text(apiVersion), comment: comment), YAMLEntry("kind", .text(kind)),
                YAMLEntry("metadata", .map(metadata)),
            ] + body)
    }

    /// Whether kustomize knows its lists and merges them item by item; of other kinds it replaces them.
    var isBuiltIn: Bool {
        guard let group = apiVersion.split(separator: "/").first, apiVersion.contains("/") else { return true }
        return ["apps", "batch", "policy", "autoscaling", "networking.k8s.io"].contains(group)
    }
}

/// Settings of a service that are no secret, as a ConfigMap that kustomize names after its contents: new settings are a new
/// name, and so a new rollout.
struct KubeSettings: Sendable, Hashable {
    var name: String
    var values: [String: String]

    /// kustomize takes one pair of quotes off a value.
    static func literal(_ key: String, _ value: String) -> YAMLTree {
        let quotes: [Character] = ["'", "\""]
        let isQuoted = value.count > 1 && value.first == value.last && value.first.map(quotes.contains) == true
        guard isQuoted else { return .text("\(key)=\(value)") }
        let quote = value.first == "'" ? "\"" : "'"
        return .text("\(key)=\(quote)\(value)\(quote)")
    }
}
