extension DraftBuilder {
    /// Resources that no Compose file names but variables or packages do.
    mutating func guessResources() {
        guard resources.isEmpty else { return }
        for (kind, name) in [("postgres", "db"), ("redis", "redis")] {
            var clue: String?
            for service in services where service.image == nil && service.site == nil {
                clue = clue ?? variableClue(kind, service) ?? packageClue(kind, service)
            }
            guard let clue else { continue }
            resources.append(
                DraftResource(
                    name: names.make(name), composeName: nil, kind: kind, version: nil, database: nil,
                    comment: "a guess from \(clue)"))
        }
    }

    private func variableClue(_ kind: String, _ service: DraftService) -> String? {
        for folder in [service.source?.value ?? "", ""] {
            guard let (file, variables) = files.example(in: folder) else { continue }
            for (name, value) in variables where Self.kind(of: value) == kind { return "\(name) in \(file)" }
        }
        return nil
    }

    private func packageClue(_ kind: String, _ service: DraftService) -> String? {
        let packages: [String: [String]] = [
            "postgres": ["psycopg", "asyncpg", "pg8000", "\"pg\"", "\"postgres\"", "pgx", "lib/pq", "postgres-nio"],
            "redis": ["redis", "\"ioredis\"", "\"bullmq\"", "redistack"],
        ]
        for base in ["requirements.txt", "pyproject.toml", "package.json", "go.mod", "Package.swift"] {
            let file = Paths.join(service.source?.value ?? "", base)
            guard let text = files.text(file)?.lowercased() else { continue }
            if let found = packages[kind]?.first(where: { text.contains($0) }) {
                return "`\(found.filter { $0 != "\"" })` in \(file)"
            }
        }
        return nil
    }

    /// The kind of resource that a URL leads to.
    static func kind(of value: String) -> String? {
        guard let scheme = URLParts(value)?.scheme.split(separator: "+").first else { return nil }
        switch scheme {
        case "postgres", "postgresql", "psql", "postgis": return "postgres"
        case "redis", "rediss", "valkey": return "redis"
        default: return nil
        }
    }

    /// `depends_on` and `links`; without Compose, what packages and variables tell.
    mutating func drawEdges() {
        for index in services.indices {
            guard let origin = origins[services[index].name] else {
                for resource in resources where services[index].site == nil {
                    let clue =
                        variableClue(resource.kind, services[index]) ?? packageClue(resource.kind, services[index])
                    if let clue { draw(index, to: resource.name, because: "a guess from \(clue)") }
                }
                continue
            }
            for other in origin.dependsOn {
                if let resource = resources.first(where: { $0.composeName == other }) {
                    draw(index, to: resource.name, because: nil)
                } else if let service = services.first(where: { $0.composeName == other }) {
                    let isDrawn = draw(index, to: service.name, because: nil)
                    if !isDrawn, services[index].site == nil {
                        services[index].remarks.append(
                            service.port == nil
                                ? "No edge to \(service.name): it has no port to call."
                                : "No edge to \(service.name): the two would wait for each other.")
                    }
                }
            }
        }
    }

    /// - Returns: whether the edge stands, now or already.
    @discardableResult
    mutating func draw(_ index: Int, to target: String, because comment: String?) -> Bool {
        if services[index].uses.contains(where: { $0.target == target }) { return true }
        // A site has no process; a placeholder in its build's variables would be the only use.
        guard services[index].site == nil else { return false }
        if resources.contains(where: { $0.name == target }) {
            services[index].uses.append(.init(target: target, access: "write", comment: comment))
            return true
        }
        guard let other = services.first(where: { $0.name == target }), other.port != nil,
            target != services[index].name, !reaches(target, services[index].name)
        else { return false }
        services[index].uses.append(.init(target: target, access: "call", comment: comment))
        return true
    }

    private func reaches(_ start: String, _ end: String) -> Bool {
        var seen: Set<String> = []
        var open = [start]
        while let name = open.popLast() {
            if name == end { return true }
            guard seen.insert(name).inserted else { continue }
            open += services.first { $0.name == name }?.uses.map(\.target) ?? []
        }
        return false
    }

    /// One migration for each database: two in no order would be refused.
    mutating func placeMigrations() {
        var migrated: Set<String> = []
        func databases(_ service: DraftService) -> [String] {
            service.uses.map(\.target).filter { name in
                resources.contains { $0.name == name && $0.kind == "postgres" }
            }
        }
        for index in services.indices where services[index].migrate != nil {
            let own = databases(services[index])
            if own.isEmpty || !migrated.isDisjoint(with: own) { services[index].migrate = nil }
            migrated.formUnion(services[index].migrate == nil ? [] : own)
        }
        // The one with a port first: workers of the same source follow it.
        let order = services.indices.sorted {
            (services[$0].port == nil ? 1 : 0, $0) < (services[$1].port == nil ? 1 : 0, $1)
        }
        for index in order where services[index].migrate == nil && services[index].image == nil {
            let own = databases(services[index])
            guard let source = services[index].source?.value, !own.isEmpty, migrated.isDisjoint(with: own),
                let (command, why) = migration(in: source)
            else { continue }
            services[index].migrate = .init(value: command, comment: why)
            migrated.formUnion(own)
        }
    }

    private func migration(in source: String) -> (command: String, why: String)? {
        if let release = procfile(source).first(where: { $0.type == "release" }), guess.allows(release.command) {
            return (DraftCommands.withPort(release.command, port: nil), "the `release:` line of Procfile")
        }
        if files.has(Paths.join(source, "alembic.ini")) { return ("alembic upgrade head", "alembic.ini") }
        if files.has(Paths.join(source, "manage.py")) { return ("python manage.py migrate --noinput", "manage.py") }
        if files.has(Paths.join(source, "prisma/schema.prisma")) {
            return ("npx prisma migrate deploy", "prisma/schema.prisma")
        }
        return nil
    }

    /// What is published gets a place of its own: a site or the only one `/`, others `/NAME`.
    mutating func expose() {
        let called = Set(services.flatMap { $0.uses.filter { $0.access == "call" }.map(\.target) })
        for index in services.indices where services[index].image != nil && !called.contains(services[index].name) {
            // Nothing on the way speaks HTTP for sure, so it keeps its port only where it is called.
            services[index].port = nil
            if services[index].health?.value.ready != nil { services[index].health = nil }
        }
        func isServer(_ service: DraftService) -> Bool {
            service.image == nil && (service.port != nil || service.site != nil)
        }
        var shown = services.indices.filter { isServer(services[$0]) && services[$0].isPublished }
        for index in services.indices where isServer(services[index]) && !services[index].isPublished {
            // Reached by nobody, a port would be refused as unused.
            if !called.contains(services[index].name), services[index].health?.value.ready == nil {
                shown.append(index)
            }
        }
        guard !shown.isEmpty else { return }
        let fronts = ["web", "frontend", "ui", "www", "app", "client", "site", "gateway"]
        let front =
            shown.first { services[$0].site != nil }
            ?? shown.first { index in fronts.contains(services[index].name) } ?? shown[0]
        for index in shown {
            if index == front {
                services[index].exposePath = .init(
                    value: "/", comment: shown.count == 1 ? nil : "a guess: the one that people open")
            } else {
                let path =
                    ["api", "backend", "server"].contains(services[index].name) ? "/api" : "/\(services[index].name)"
                let taken = shown.contains { services[$0].exposePath?.value == path }
                let own = taken ? "/\(services[index].name)" : path
                services[index].strips = !codeHas(own, services[index])
                services[index].exposePath = .init(
                    value: own,
                    comment: services[index].strips
                        ? "a guess; `strip` takes the path off before the service sees it"
                        : "the code has paths below it")
            }
        }
    }

    private func codeHas(_ path: String, _ service: DraftService) -> Bool {
        let source = service.source?.value ?? ""
        return files.files.contains { name, text in
            Paths.isBelow(name, source) && (name.hasSuffix(".py"))
                && (text?.contains("\"\(path)/") == true || text?.contains("'\(path)/") == true
                    || text?.contains("\"\(path)\"") == true || text?.contains("'\(path)'") == true)
        }
    }
}
