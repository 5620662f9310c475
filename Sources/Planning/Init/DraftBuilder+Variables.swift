extension DraftBuilder {
    /// Every variable of a service: a placeholder, a secret, or a value that may be copied.
    mutating func fillVariables() {
        for index in services.indices {
            let origin = origins[services[index].name]
            var variables = origin?.environment ?? []
            let composeName = compose?.files.first ?? "Compose"
            var from = Dictionary(variables.map { ($0.name, composeName) }) { first, _ in first }
            for (file, extra) in examples(for: services[index], origin) {
                for (name, value) in extra where from[name] == nil {
                    from[name] = file
                    variables.append(.init(name: name, value: value, takenFrom: []))
                }
            }
            for variable in variables { place(variable, of: index, all: variables, from: from[variable.name] ?? "") }
            for name in origin?.secrets ?? [] {
                addSecret(
                    index, variable: Self.variable(name),
                    "a secret file of \(composeName); handed over in a variable here")
            }
            addMissingAddresses(index)
        }
    }

    /// The examples that a service's variables may come from, never `.env` itself.
    private func examples(
        for service: DraftService, _ origin: ComposeService?
    ) -> [(file: String, variables: [(name: String, value: String)])] {
        guard service.image == nil else { return [] }
        var folders: [String] = []
        for path in origin?.environmentFiles ?? [] { folders.append(Paths.folder(of: path)) }
        if let source = service.source?.value { folders.append(source) }
        if services.count(where: { $0.image == nil }) == 1, origin == nil { folders.append("") }
        var seen: Set<String> = []
        return folders.filter { seen.insert($0).inserted }.compactMap { files.example(in: $0) }
    }

    private mutating func place(
        _ variable: ComposeService.Variable, of index: Int, all: [ComposeService.Variable], from file: String
    ) {
        let name = variable.name
        guard Self.isVariable(name), name != "PORT" || services[index].port == nil else { return }
        let value = variable.value ?? ""
        let isSite = services[index].site != nil
        if !isSite, let text = address(value, name, of: index, all: all) {
            services[index].env.append(.init(name: name, value: text, comment: nil))
            return
        }
        let secretSource = variable.takenFrom.contains { SecretGuess.isSecret($0, "") }
        if name.hasSuffix("_FILE"), value.hasPrefix("/run/secrets/") {
            addSecret(index, variable: String(name.dropLast(5)), "\(file) gave it as a file, here it is a variable")
        } else if SecretGuess.isSecret(name, value) || secretSource || URLParts(value)?.password != nil
            || !guess.allows(value)
        {
            addSecret(index, variable: name, "\(file); its value was not copied")
        } else if isSite, URLParts(value) != nil {
            services[index].remarks.append(
                "\(name) of \(file) is left out: a browser reaches other services by their `expose`.")
        } else {
            let host = URLParts(value)?.host ?? String(value.prefix { $0 != ":" })
            let isNeighbour = services.contains { $0.composeName == host && $0.name != services[index].name }
            let comment =
                value.isEmpty
                ? "\(file) gives it no value"
                : isNeighbour && value != host
                    ? "a name of Compose's network, which is not known here: no edge leads there" : nil
            services[index].env.append(.init(name: name, value: value.replacing("${", with: "$${"), comment: comment))
        }
    }

    /// The placeholder for a value that leads to a resource or a service of this platform; it draws the edge.
    private mutating func address(
        _ value: String, _ name: String, of index: Int, all: [ComposeService.Variable]
    ) -> String? {
        if let url = URLParts(value) {
            if let resource = resource(for: url, name) {
                draw(index, to: resource.name, because: name)
                return Self.text(of: url, at: resource)
            }
            guard let target = service(at: url.host, port: url.port), ["http", "https"].contains(url.scheme),
                draw(index, to: target.name, because: name)
            else { return nil }
            return "${\(target.name).url}" + (url.rest == "/" ? "" : url.rest.replacing("${", with: "$${"))
        }
        let parts = value.split(separator: ":", omittingEmptySubsequences: false)
        if parts.count == 2, let port = Int(parts[1]) {
            if let resource = resources.first(where: { $0.composeName == String(parts[0]) }) {
                draw(index, to: resource.name, because: name)
                // A bucket's address is one URL.
                return resource.kind == "bucket"
                    ? "${\(resource.name).url}" : "${\(resource.name).host}:${\(resource.name).port}"
            }
            guard let target = service(at: String(parts[0]), port: port), draw(index, to: target.name, because: name)
            else { return nil }
            return "${\(target.name).host}:${\(target.name).port}"
        }
        return part(value, name, of: index, all: all)
    }

    private func resource(for url: URLParts, _ name: String) -> DraftResource? {
        if let named = resources.first(where: { $0.composeName == url.host }) { return named }
        let isHere = ["localhost", "127.0.0.1", "host.docker.internal", "0.0.0.0"].contains(url.host)
        let kind = Self.kind(of: "\(url.scheme)://x")
        let ofKind = resources.filter { $0.kind == kind }
        // An example's host is this machine, or a name that Compose does not know.
        return ofKind.count == 1 && (isHere || !url.host.contains(".")) ? ofKind[0] : nil
    }

    /// The resource's own URL, or its parts where the scheme, the path or the query is the program's own.
    private static func text(of url: URLParts, at resource: DraftResource) -> String {
        let name = resource.name
        let query = url.rest.firstIndex(of: "?").map { String(url.rest[$0...]) } ?? ""
        switch resource.kind {
        case "postgres":
            if !url.scheme.contains("+"), query.isEmpty { return "${\(name).url}" }
            return
                "\(url.scheme)://${\(name).user}:${\(name).password}@${\(name).host}:${\(name).port}/${\(name).database}\(query)"
        case "redis":
            if ["", "/", "/0"].contains(url.rest) { return "${\(name).url}" }
            return "redis://${\(name).user}:${\(name).password}@${\(name).host}:${\(name).port}\(url.rest)"
        default: return "${\(name).url}"
        }
    }

    private func service(at host: String, port: Int?) -> DraftService? {
        if let named = services.first(where: { $0.composeName == host }) { return named }
        guard ["localhost", "127.0.0.1"].contains(host), let port else { return nil }
        return services.first { $0.hostPort == port && $0.image == nil }
    }

    /// `DB_HOST`, `PGUSER`, `REDIS_PORT` and the like, where the platform has one resource of that kind.
    private mutating func part(
        _ value: String, _ name: String, of index: Int, all: [ComposeService.Variable]
    ) -> String? {
        if let service = services.first(where: { $0.composeName == value }), name.hasSuffix("HOST") {
            guard draw(index, to: service.name, because: name) else { return nil }
            return "${\(service.name).host}"
        }
        let upper = name.uppercased()
        let kinds = [
            ("PG", "postgres"), ("POSTGRES", "postgres"), ("DATABASE", "postgres"), ("DB", "postgres"),
            ("SQL", "postgres"),
            ("REDIS", "redis"), ("CACHE", "redis"), ("MINIO", "bucket"), ("S3", "bucket"), ("AWS", "bucket"),
        ]
        guard let (prefix, kind) = kinds.first(where: { upper.hasPrefix($0.0) }) else { return nil }
        let ofKind = resources.filter { $0.kind == kind }
        guard ofKind.count == 1, let resource = ofKind.first else { return nil }
        let names: [(endings: [String], attribute: String)] =
            kind == "bucket"
            ? [
                (["ACCESS_KEY_ID", "ACCESS_KEY", "ROOT_USER"], "access_key"),
                (["SECRET_ACCESS_KEY", "SECRET_KEY", "ROOT_PASSWORD"], "secret_key"),
            ]
            : [
                (["HOST", "HOSTNAME", "SERVER"], "host"), (["PORT"], "port"), (["USER", "USERNAME"], "user"),
                (["PASSWORD", "PASS"], "password"),
            ] + (kind == "postgres" ? [(["NAME", "DB", "DATABASE"], "database")] : [])
        let rest = upper.dropFirst(prefix.count).drop { $0 == "_" }
        guard let attribute = names.first(where: { $0.endings.contains(String(rest)) })?.attribute else { return nil }
        // Another server's host means that its user and password are another server's too.
        let host = all.first { $0.name.uppercased().hasPrefix(prefix) && $0.name.uppercased().hasSuffix("HOST") }?.value
        guard host.map({ isHere($0, resource) }) ?? true else { return nil }
        draw(index, to: resource.name, because: name)
        return "${\(resource.name).\(attribute)}"
    }

    private func isHere(_ host: String, _ resource: DraftResource) -> Bool {
        host.isEmpty || host == resource.composeName || ["localhost", "127.0.0.1"].contains(host)
    }

    /// A guessed edge is of no use without a variable.
    private mutating func addMissingAddresses(_ index: Int) {
        for edge in services[index].uses where edge.comment?.hasPrefix("a guess") == true {
            let isUsed = services[index].env.contains { $0.value.contains("${\(edge.target).") }
            guard !isUsed, let kind = resources.first(where: { $0.name == edge.target })?.kind else { continue }
            let name = kind == "postgres" ? "DATABASE_URL" : kind == "redis" ? "REDIS_URL" : "BUCKET_URL"
            guard !services[index].env.contains(where: { $0.name == name }) else { continue }
            services[index].env.append(
                .init(
                    name: name, value: "${\(edge.target).url}", comment: "a guess: the variable that the program reads")
            )
        }
    }

    private mutating func addSecret(_ index: Int, variable: String, _ comment: String) {
        guard Self.isVariable(variable), !services[index].secrets.contains(where: { $0.variable == variable }),
            !services[index].env.contains(where: { $0.name == variable })
        else { return }
        guard services[index].site == nil else {
            services[index].remarks.append("\(variable) is left out: everybody can read a site's files.")
            return
        }
        let name = DraftNames.valid(variable) ?? "secret"
        services[index].secrets.append(.init(secret: name, variable: variable, comment: comment))
    }

    /// As the language hands a secret over when no variable is named.
    static func variable(_ secret: String) -> String {
        String(secret.uppercased().map { $0 == "-" ? "_" : $0 })
    }

    private static func isVariable(_ name: String) -> Bool {
        !name.isEmpty && name.first?.isNumber == false
            && name.utf8.allSatisfy {
                (0x41...0x5a).contains($0) || (0x61...0x7a).contains($0) || (0x30...0x39).contains($0) || $0 == 0x5f
            }
    }
}
