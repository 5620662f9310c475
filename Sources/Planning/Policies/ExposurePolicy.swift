import Spec

extension Policy {
    /// What is exposed can answer, and one place of the world leads to one service.
    static let exposures = Policy { context in
        var findings: [Diagnostic] = []
        var taken: [String: SpecPath] = [:]
        let domain = ExposurePlace.isPlaced(context) ? context.settings?.domain : "(domain)"
        for (name, service) in context.services {
            if !service.expose.isEmpty && !service.isServer
                && context.isKnown(.service(name, "port"), .service(name, "site"))
            {
                findings.append(
                    context.finding(
                        .exposedWithoutPort, "`\(name)` is exposed but has no port", at: .service(name, "expose"), .key,
                        help: "Add `port: 8080`, the port on which it listens, or remove `expose`."))
            }
            for (index, exposure) in service.expose.enumerated() {
                let path = ExposurePlace.path(index, of: name, context)
                guard context.isKnown(path.appending("host"), path.appending("path")) else { continue }
                let host = ExposurePlace.host(exposure.host, domain: domain, in: context)
                let place = host + ExposurePlace.prefix(exposure.path)
                if let first = taken[place] {
                    let other = first.components[1]
                    let who = other == name.text ? "twice by `\(name)`" : "by `\(other)` and by `\(name)`"
                    findings.append(
                        context.finding(
                            .exposedTwice, "\(ExposurePlace.words(host, exposure.path)) is exposed \(who)", at: path,
                            help: exposure.host != nil && host == ExposurePlace.anyHost
                                ? "Without a `domain` every host is the same here: set one, or give one of them a path "
                                    + "of its own."
                                : "A request can go to one of them only: give one a `host` or a `path` of its own.",
                            notes: [context.note("first here", at: first)]))
                } else {
                    taken[place] = path
                }
            }
        }
        return findings
    }

    /// A host label needs a domain to stand below, except on this machine.
    static let domains = Policy(.environment) { context in
        guard let name = context.environment, let settings = context.settings, settings.domain == nil,
            context.isKnown(.environment(name, "domain"), .environment(name, "target"))
        else { return [] }
        if settings.target == .local { return [] }
        for (service, parts) in context.services {
            for (index, exposure) in parts.expose.enumerated() {
                let path = ExposurePlace.path(index, of: service, context).appending("host")
                guard let host = exposure.host, !host.contains("."), context.isKnown(path) else { continue }
                return [
                    context.finding(
                        .missingDomain, "`\(name)` has no domain for the host `\(host)` to stand below",
                        at: .environment(name), .key,
                        help: "Add `domain: \(name).\(context.platform.name).example` with a domain of yours.",
                        notes: [context.note("`\(service)` is exposed there", at: path)])
                ]
            }
        }
        return []
    }
}

/// Where exposures stand in the file and in the world.
enum ExposurePlace {
    /// What every host is without a domain.
    static let anyHost = "(any host)"

    /// Whether the environment's target and domain are known, which say what hosts mean there.
    static func isPlaced(_ context: PolicyContext) -> Bool {
        guard let name = context.environment else { return true }
        return context.isKnown(.environment(name, "domain"), .environment(name, "target"))
    }

    /// `expose: {…}` and `expose: [{…}]` are both allowed.
    static func path(_ index: Int, of service: ServiceName, _ context: PolicyContext) -> SpecPath {
        let path = SpecPath.service(service, "expose")
        let item = path.appending(index: index)
        return context.isWritten(item) ? item : path
    }

    /// As requests will be told apart: a label stands below the domain, a name with a dot alone.
    static func host(_ host: String?, domain: String?, in context: PolicyContext) -> String {
        guard let host else { return domain ?? anyHost }
        if host.contains(".") { return host }
        if let domain { return "\(host).\(domain)" }
        // The base alone has no domain yet; an environment of this machine has no need of one.
        return context.settings?.target == .local ? anyHost : "\(host).(domain)"
    }

    static func words(_ host: String, _ path: String) -> String {
        host == anyHost ? "`\(prefix(path))` of every host" : "`\(host)\(prefix(path))`"
    }

    static func prefix(_ path: String) -> String {
        let trimmed = path.count > 1 && path.hasSuffix("/") ? String(path.dropLast()) : path
        return trimmed == "/" ? "/" : trimmed
    }
}
