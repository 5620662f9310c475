import Spec

extension Policy {
    /// A migration needs a database that it may write, and one database has one order of migrations.
    static let migrations = Policy { context in
        var findings: [Diagnostic] = []
        var migrating: [ResourceName: [ServiceName]] = [:]
        for (name, service) in context.services where service.migrate != nil {
            let path = SpecPath.service(name, "uses")
            let databases = service.uses.filter { edge, _ in
                context.platform.resources[edge.cast()]?.kind == .postgres
                    && context.isKnown(path.appending(edge.text), .resource(edge.cast(), "kind"))
            }
            let written = databases.filter { $0.value == .write }.keys.sorted()
            for database in written { migrating[database.cast(), default: []].append(name) }
            guard written.isEmpty, !mayUseDatabase(name, service, context) else { continue }
            if let read = databases.keys.min() {
                findings.append(
                    context.finding(
                        .migrateWithoutDatabase, "`\(name)` migrates but may only read `\(read)`",
                        at: .service(name, "uses", read.text), help: "A migration changes the schema.", fix: "write",
                        notes: [context.note("the migration", at: .service(name, "migrate"))]))
            } else {
                let known = context.resources.filter { $0.resource.kind == .postgres }.map(\.name)
                findings.append(
                    context.finding(
                        .migrateWithoutDatabase, "`\(name)` migrates but uses no database",
                        at: .service(name, "migrate"), .key,
                        help: known.first.map { "Add `uses: {\($0): write}`." }
                            ?? "Declare a resource with `kind: postgres` and add it to `uses` with `write`."))
            }
        }
        for (database, services) in migrating.sorted(by: { $0.key < $1.key }) {
            for (index, second) in services.enumerated() {
                for first in services[..<index]
                where context.hasAllEdges && !Calls.reaches(first, second, context.platform)
                    && !Calls.reaches(second, first, context.platform)
                {
                    findings.append(
                        context.finding(
                            .twoMigrations, "`\(first)` and `\(second)` both migrate `\(database)`, in no order",
                            at: .service(second, "migrate"), .key,
                            help: "Let one of them own the schema and remove the other's `migrate`, give each its own "
                                + "database, or let one call the other: what is called migrates first.",
                            notes: [context.note("`\(first)` migrates it here", at: .service(first, "migrate"), .key)]))
                }
            }
        }
        return findings
    }

    /// Whether an edge that cannot be judged may be the one to the database: unreadable, or misspelt and reported as that.
    private static func mayUseDatabase(_ name: ServiceName, _ service: Service, _ context: PolicyContext) -> Bool {
        let path = SpecPath.service(name, "uses")
        if !context.isWhole(path) { return true }
        let databases = context.resources.filter { $0.resource.kind == .postgres }.map(\.name.text)
        return service.uses.keys.contains { edge in
            if context.platform.resources[edge.cast()] != nil {
                return !context.isKnown(.resource(edge.cast(), "kind"))
            }
            guard context.platform.services[edge.cast()] == nil else { return false }
            return context.mayBeEdge(edge.text) || KeyHint.nearest(to: edge.text, among: databases) != nil
        }
    }
}

/// The edges from service to service.
enum Calls {
    /// Whether a chain of `uses` leads from one service to another.
    static func reaches(_ start: ServiceName, _ end: ServiceName, _ platform: Platform) -> Bool {
        var seen: Set<ServiceName> = []
        var open = [start]
        while let name = open.popLast() {
            for next in targets(of: name, platform) {
                if next == end { return true }
                if seen.insert(next).inserted { open.append(next) }
            }
        }
        return false
    }

    /// The services that a service uses, in the order of their names.
    static func targets(of name: ServiceName, _ platform: Platform) -> [ServiceName] {
        (platform.services[name]?.uses.keys.sorted() ?? []).map { $0.cast() }
            .filter { platform.services[$0] != nil }
    }
}
