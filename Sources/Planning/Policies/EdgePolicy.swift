import Spec

extension Policy {
    /// Each key of `uses` names a service or a resource; a site, which has no process, must name its edges somewhere.
    static let edges = Policy { context in
        let known = context.platform.services.keys.map(\.text) + context.platform.resources.keys.map(\.text)
        return context.services.flatMap { name, service in
            service.uses.keys.sorted().compactMap { edge -> Diagnostic? in
                let path = SpecPath.service(name, "uses", edge.text)
                if !known.contains(edge.text) {
                    if context.mayBeEdge(edge.text) { return nil }
                    let hint = Suggest.name(
                        edge.text, among: known.filter { $0 != name.text }, kind: "services and resources")
                    return context.finding(
                        .unknownEdge, "`\(name)` uses `\(edge)`, which is neither a service nor a resource", at: path,
                        .key, help: hint.help, fix: hint.fix)
                }
                if service.site != nil
                    && context.isWhole(.service(name, "env"), .service(name, "site"), .service(name, "run"))
                    && context.isWhole(.service(name, "migrate"), .service(name, "health"))
                    && !Placeholders.all(of: service, named: name).contains(where: { $0.owner == edge.text })
                {
                    return context.finding(
                        .unusedEdge, "the site `\(name)` has no process that could use `\(edge)`", at: path, .key,
                        help: "A browser reaches what is exposed: remove the edge"
                            + (context.platform.services[edge.cast()] == nil
                                ? "." : ", or give the build an address with `${\(edge).url}`."))
                }
                return nil
            }
        }
    }

    /// An edge asks for an access that its other end knows.
    static let accesses = Policy { context in
        context.services.flatMap { name, service in
            service.uses.sorted { $0.key < $1.key }.compactMap { edge, access -> Diagnostic? in
                let path = SpecPath.service(name, "uses", edge.text)
                guard context.isKnown(path) else { return nil }
                if let resource = context.platform.resources[edge.cast()] {
                    guard context.isKnown(.resource(edge.cast(), "kind")) else { return nil }
                    let known = resource.kind.accesses
                    guard !known.contains(access) else { return nil }
                    let words = known.map { "`\(edge): \($0.rawValue)`" }.joined(separator: " or ")
                    return context.finding(
                        .accessNotForKind, "\(resource.kind.words) knows no `\(access.rawValue)`", at: path,
                        help: "Write \(words).", fix: known.count == 1 ? known[0].rawValue : nil)
                }
                guard let service = context.platform.services[edge.cast()] else { return nil }
                if access != .call {
                    return context.finding(
                        .accessNotForKind, "a service knows no `\(access.rawValue)`", at: path,
                        help: "`\(edge)` is a service: write `\(edge): call`.", fix: "call")
                }
                guard service.port == nil, context.isKnown(.service(edge.cast(), "port"), .service(edge.cast(), "site"))
                else { return nil }
                let why = service.site == nil ? "has no port" : "is a site without a process"
                return context.finding(
                    .accessNotForKind, "`\(edge)` cannot be called: it \(why)", at: path, .key,
                    help: service.site == nil
                        ? "Give it a `port`, or let the two talk through a topic or a database." : "Remove the edge.",
                    notes: [context.note("`\(edge)` is here", at: .service(edge.cast()), .key)])
            }
        }
    }
}
