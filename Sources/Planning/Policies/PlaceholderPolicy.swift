import Spec

extension Policy {
    /// Every placeholder names an edge of its service and an attribute of the edge's kind, or the service's own value.
    static let placeholders = Policy { context in
        context.services.flatMap { name, service in
            Placeholders.all(of: service, named: name).compactMap { placeholder in
                placeholder.attribute == nil
                    ? own(placeholder, name, service, context) : edge(placeholder, name, service, context)
            }
        }
    }

    private static func own(
        _ placeholder: Placeholder, _ name: ServiceName, _ service: Service, _ context: PolicyContext
    ) -> Diagnostic? {
        let word = placeholder.owner
        if word == "port" && service.port == nil {
            guard context.isKnown(.service(name, "port")) else { return nil }
            return context.finding(
                .unknownPlaceholder, "`${port}` needs a port, and `\(name)` has none", at: placeholder.path,
                .text(placeholder.text), help: "Add `port: 8080` to the service, or remove the placeholder.")
        }
        guard !Placeholders.own.contains(word) else { return nil }
        if let attributes = attributes(of: word, context) {
            guard isOfKnownKind(word, context) else { return nil }
            let written = attributes.map { "`${\(word).\($0)}`" }.joined(separator: ", ")
            return context.finding(
                .unknownPlaceholder, "`\(placeholder.text)` does not say what of `\(word)` is meant",
                at: placeholder.path, .text(placeholder.text), help: "Write one of \(written).")
        }
        let near = KeyHint.nearest(to: word, among: Placeholders.own)
        return context.finding(
            .unknownPlaceholder, "`\(placeholder.text)` names nothing", at: placeholder.path, .text(placeholder.text),
            help: near.map { "Did you mean `${\($0)}`?" }
                ?? "Own values are \(Suggest.list(Placeholders.own.map { "${\($0)}" })); others are `${edge.attribute}`.",
            fix: near.map { "${\($0)}" })
    }

    private static func edge(
        _ placeholder: Placeholder, _ name: ServiceName, _ service: Service, _ context: PolicyContext
    ) -> Diagnostic? {
        let owner = placeholder.owner
        let attribute = placeholder.attribute ?? ""
        let edges = service.uses.keys.map(\.text)
        guard let known = attributes(of: owner, context) else {
            // The edge itself is reported where it is drawn.
            guard !edges.contains(owner), !context.mayBeEdge(owner) else { return nil }
            let near = KeyHint.nearest(to: owner, among: edges)
            return context.finding(
                .unknownPlaceholder, "`\(placeholder.text)` names nothing: there is no `\(owner)`",
                at: placeholder.path, .text(placeholder.text),
                help: near.map { "Did you mean `${\($0).\(attribute)}`?" }
                    ?? (edges.isEmpty
                        ? "`\(name)` has no edges; draw one with `uses`."
                        : "Edges of `\(name)`: \(Suggest.list(edges))."),
                fix: near.map { "${\($0).\(attribute)}" })
        }
        guard edges.contains(owner) else {
            guard isOfKnownKind(owner, context), !context.mayName(owner, in: .service(name, "uses")) else { return nil }
            let access = EdgeName(owner).flatMap { context.platform.resources[$0.cast()] }?.kind.accesses.first ?? .call
            return context.finding(
                .unknownPlaceholder, "`\(owner)` exists, but `\(name)` does not use it", at: placeholder.path,
                .text(placeholder.text),
                help: "An edge gives the address, the start order and the permission together: add "
                    + "`uses: {\(owner): \(access.rawValue)}` to the service.")
        }
        guard !known.contains(attribute), isOfKnownKind(owner, context) else { return nil }
        let near = KeyHint.nearest(to: attribute, among: known)
        return context.finding(
            .unknownAttribute, "`\(owner)` has no `\(attribute)`", at: placeholder.path, .text(placeholder.text),
            help: (near.map { "Did you mean `${\(owner).\($0)}`? " } ?? "")
                + "\(kind(of: owner, context)) has \(Suggest.list(known)).",
            fix: near.map { "${\(owner).\($0)}" })
    }

    /// What placeholders may name of a service or a resource; `nil` when it is neither.
    private static func attributes(of word: String, _ context: PolicyContext) -> [String]? {
        guard let edge = EdgeName(word) else { return nil }
        if let resource = context.platform.resources[edge.cast()] { return resource.kind.attributes }
        return context.platform.services[edge.cast()] == nil ? nil : Placeholders.ofServices
    }

    private static func isOfKnownKind(_ word: String, _ context: PolicyContext) -> Bool {
        context.isKnown(SpecPath(["resources", word, "kind"]))
    }

    private static func kind(of word: String, _ context: PolicyContext) -> String {
        let words = EdgeName(word).flatMap { context.platform.resources[$0.cast()] }?.kind.words ?? "a service"
        return words.prefix(1).uppercased() + words.dropFirst()
    }
}
