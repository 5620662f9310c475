import Spec

extension Policy {
    /// Secrets are declared where they are used, and used where they are declared.
    static let secretUses = Policy { context in
        let declared = context.platform.secrets.keys.map(\.text)
        var used: Set<SecretName> = []
        var findings: [Diagnostic] = []
        for (name, service) in context.services {
            for secret in service.secrets.keys.sorted() {
                used.insert(secret)
                guard context.platform.secrets[secret] == nil, !context.mayName(secret.text, in: "secrets") else {
                    continue
                }
                let near = KeyHint.nearest(to: secret.text, among: declared)
                let (path, place) = SecretPlace.find(secret, of: name, context)
                findings.append(
                    context.finding(
                        .undeclaredSecret, "the secret `\(secret)` is not declared", at: path, place,
                        help: near.map { "Did you mean `\($0)`?" }
                            ?? "Add it to the platform's `secrets`, for example `\(secret): {rotate: 90d}`; its value is "
                            + "given with `hauban secrets set`.",
                        fix: near))
            }
        }
        for (path, secret) in context.platform.secretPlaces {
            used.insert(secret)
            guard context.platform.secrets[secret] == nil, !context.mayName(secret.text, in: "secrets"),
                context.isKnown(path)
            else { continue }
            let near = KeyHint.nearest(to: secret.text, among: declared)
            findings.append(
                context.finding(
                    .undeclaredSecret, "the secret `\(secret)` is not declared", at: path,
                    help: near.map { "Did you mean `\($0)`?" }
                        ?? "Add it to the platform's `secrets`, for example `\(secret): {rotate: 90d}`; its value is "
                        + "given with `hauban secrets set`, and never stands here.",
                    fix: near))
        }
        // A secret that may be used where nothing could be read is not said to be unused.
        let usesAreKnown =
            context.isKnown("services") && context.isWhole("notify", "actions", "integrations")
            && context.services.allSatisfy { context.gaps.isEmpty || context.isWhole(.service($0.name, "secrets")) }
        guard usesAreKnown else { return findings }
        for secret in context.platform.secrets.keys.sorted() where !used.contains(secret) {
            findings.append(
                context.finding(
                    .unusedSecret, "nothing uses the secret `\(secret)`", at: SpecPath(["secrets", secret.text]),
                    .key,
                    help: "Add `secrets: [\(secret)]` to the service that needs it, or remove it: a secret that nobody "
                        + "reads can only leak."))
        }
        return findings
    }

    /// A variable has one source.
    static let variables = Policy { context in
        context.services.flatMap { name, service -> [Diagnostic] in
            var findings: [Diagnostic] = []
            var taken: [String: SecretName] = [:]
            for (secret, variable) in service.secrets.sorted(by: { $0.key < $1.key }) {
                let (path, place) = SecretPlace.find(secret, of: name, context)
                guard context.isKnown(path) else { continue }
                if service.env[variable] != nil {
                    findings.append(
                        context.finding(
                            .variableTwice, "`\(variable)` is set in `env` and by the secret `\(secret)`",
                            at: .service(name, "env", variable), .key,
                            help: "Remove it from `env`, or hand the secret over in another variable: "
                                + "`secrets: {\(secret): OTHER}`.",
                            notes: [context.note("the secret", at: path, place)]))
                }
                if let other = taken[variable] {
                    let first = SecretPlace.find(other, of: name, context)
                    findings.append(
                        context.finding(
                            .variableTwice, "`\(variable)` is set by the secrets `\(other)` and `\(secret)`", at: path,
                            place, help: "Hand one of them over in another variable.",
                            notes: [context.note("the other secret", at: first.path, first.place)]))
                }
                taken[variable] = secret
            }
            if let port = service.env["PORT"], service.port != nil, context.isKnown(.service(name, "env", "PORT")),
                !port.placeholders.contains(where: { $0.owner == "port" })
            {
                findings.append(
                    context.finding(
                        .variableTwice, "`PORT` is set in `env`, but `\(name)` is given its port in it",
                        at: .service(name, "env", "PORT"), .key,
                        help: "Remove it; each replica is told in `PORT` where to listen."))
            }
            return findings
        }
    }
}

/// Where a service names a secret: a key of the map form, or an item of the list form.
enum SecretPlace {
    static func find(
        _ secret: SecretName, of service: ServiceName, _ context: PolicyContext
    ) -> (path: SpecPath, place: PolicyContext.Place) {
        let list = SpecPath.service(service, "secrets")
        let key = list.appending(secret.text)
        if context.isWritten(key) { return (key, .key) }
        var index = 0
        while context.isWritten(list.appending(index: index)) {
            let path = list.appending(index: index)
            let text = context.span(path).flatMap { context.parsed.source.text(at: $0) } ?? ""
            if text.filter({ $0 != "\"" && $0 != "'" }) == secret.text { return (path, .value) }
            index += 1
        }
        return (list, .value)
    }
}

extension Platform {
    /// Secrets that providers, actions and integrations need, with their places.
    var secretPlaces: [(path: SpecPath, secret: SecretName)] {
        var all = notify.secrets.map { (path: SpecPath(["notify"] + $0.path), secret: $0.secret) }
        for (name, action) in actions.sorted(by: { $0.key < $1.key }) {
            guard case .http(let call) = action.deed, let token = call.token else { continue }
            all.append((SpecPath(["actions", name.text, "http", "token"]), token))
        }
        for (name, integration) in integrations.sorted(by: { $0.key < $1.key }) {
            if let key = integration.key { all.append((SpecPath(["integrations", name.text, "key"]), key)) }
        }
        return all
    }
}
