import Spec

extension Policy {
    /// Keys that only make sense with a port, and ports that nobody could reach.
    static let ports = Policy { context in
        let called = Set(context.platform.services.values.flatMap { $0.uses.keys.map(\.text) })
        return context.services.flatMap { name, service -> [Diagnostic] in
            guard context.isKnown(.service(name, "port"), .service(name, "site")) else { return [] }
            if service.port != nil {
                let asked =
                    service.health.map { health in
                        if case .exec = health.ready { false } else { true }
                    } ?? false
                guard service.expose.isEmpty, service.metrics == nil, !asked, !called.contains(name.text),
                    context.hasAllEdges,
                    context.isKnown(.service(name, "expose"), .service(name, "metrics"), .service(name, "health"))
                else {
                    return []
                }
                return [
                    context.finding(
                        .portUnused, "nothing reaches the port of `\(name)`", at: .service(name, "port"),
                        help:
                            "Expose it, let a service use it with `uses: {\(name): call}`, or remove the port: without "
                            + "one it is a worker.")
                ]
            }
            return needingPort(name, service).compactMap { keys, need in
                let path = SpecPath(["services", name.text] + keys)
                guard context.isKnown(path) else { return nil }
                let kind = service.site == nil ? "a service without a port" : "a site"
                return context.finding(
                    .keyNotForKind, "`\(keys.joined(separator: "."))` says nothing about \(kind)", at: path, .key,
                    help: service.site == nil ? "\(need) Add a `port`, or remove it." : "\(need) Remove it.")
            }
        }
    }

    private static func needingPort(_ name: ServiceName, _ service: Service) -> [(keys: [String], need: String)] {
        var keys: [([String], String)] = []
        if case .http = service.health?.ready { keys.append((["health"], "It asks a port.")) }
        if service.metrics != nil { keys.append((["metrics"], "Metrics are read from a port.")) }
        if service.scale.requests != nil { keys.append((["scale", "requests"], "Requests come to a port.")) }
        if service.site != nil {
            if service.migrate != nil { keys.append((["migrate"], "A site has no process that could migrate.")) }
            if !service.secrets.isEmpty { keys.append((["secrets"], "Everybody can read a site's files.")) }
            return keys
        }
        if !service.smoke.isEmpty { keys.append((["smoke"], "Requests come to a port.")) }
        if service.slo != nil { keys.append((["slo"], "It is counted in requests.")) }
        return keys
    }
}
