import Spec

/// What turns an object of the base into that of an environment, as kustomize patches: strategic merges for kinds that it
/// knows, merges of RFC 7386 for the others.
enum KubePatch {
    /// What the items of a list are told apart by (Kubernetes API, `x-kubernetes-patch-merge-key`); other lists are replaced.
    static let keys: [String: [String]] = [
        "containers": ["name"], "initContainers": ["name"], "env": ["name"], "volumes": ["name"],
        "volumeMounts": ["mountPath"], "ports": ["containerPort", "port"],
        "topologySpreadConstraints": ["topologyKey"],
    ]

    /// - Returns: `nil` where both are the same.
    static func patch(_ base: KubeObject, _ own: KubeObject) -> YAMLTree? {
        guard let difference = map(base.tree, own.tree, isBuiltIn: own.isBuiltIn) else { return nil }
        return .map(head(own, difference))
    }

    /// An entry of `patches` that takes objects away.
    ///
    /// Within the kustomization: kubectl 1.32 dies of a file with several of them.
    /// - Parameter name: a regular expression.
    static func removal(kind: String, name: String) -> YAMLTree {
        let patch = "$patch: delete\napiVersion: v1\nkind: All\nmetadata:\n  name: all\n"
        return ["target": ["kind": .text(kind), "name": .text(name)], "patch": .text(patch)]
    }

    private static func head(_ object: KubeObject, _ difference: [YAMLEntry]) -> [YAMLEntry] {
        var metadata = [YAMLEntry("name", .text(object.name))]
        if case .map(let entries)? = difference.first(where: { $0.key == "metadata" })?.value { metadata += entries }
        let rest = difference.filter { !["apiVersion", "kind", "metadata"].contains($0.key) }
        return [
            YAMLEntry("apiVersion", .text(object.apiVersion)), YAMLEntry("kind", .text(object.kind)),
            YAMLEntry("metadata", .map(metadata)),
        ] + rest
    }

    private static func map(_ base: YAMLTree, _ own: YAMLTree, isBuiltIn: Bool) -> [YAMLEntry]? {
        guard case .map(let old) = base, case .map(let new) = own else { return nil }
        let known = Dictionary(old.map { ($0.key, $0.value) }) { one, _ in one }
        var entries: [YAMLEntry] = []
        for entry in new {
            guard let value = known[entry.key] else {
                entries.append(entry)
                continue
            }
            if plain(value) == plain(entry.value) { continue }
            if case .map = value, case .map = entry.value {
                let inner = map(value, entry.value, isBuiltIn: isBuiltIn) ?? []
                entries.append(YAMLEntry(entry.key, .map(inner)))
            } else if isBuiltIn, let items = list(entry.key, value, entry.value) {
                entries.append(YAMLEntry(entry.key, .list(items)))
            } else {
                entries.append(YAMLEntry(entry.key, entry.value, comment: entry.comment))
            }
        }
        let kept = Set(new.map(\.key))
        entries += old.filter { !kept.contains($0.key) }.map { YAMLEntry($0.key, .null) }
        return entries.isEmpty ? nil : entries
    }

    /// The items that differ, each with its key; `nil` for a list that is replaced as a whole.
    private static func list(_ name: String, _ base: YAMLTree, _ own: YAMLTree) -> [YAMLTree]? {
        guard let keys = keys[name], let old = items(base), let new = items(own) else { return nil }
        guard let key = keys.first(where: { key in (old + new).allSatisfy { value(of: key, $0) != nil } }) else {
            return nil
        }
        let known = Dictionary(old.compactMap { item in value(of: key, item).map { ($0, item) } }) { one, _ in one }
        var out: [YAMLTree] = []
        for item in new {
            guard let name = value(of: key, item) else { continue }
            guard let before = known[name] else {
                out.append(item)
                continue
            }
            if plain(before) == plain(item) { continue }
            let inner = map(before, item, isBuiltIn: true) ?? []
            out.append(.map([YAMLEntry(key, name)] + inner))
        }
        let kept = new.compactMap { value(of: key, $0) }
        for item in old {
            guard let name = value(of: key, item), !kept.contains(name) else { continue }
            out.append(.map([YAMLEntry(key, name), YAMLEntry("$patch", "delete")]))
        }
        return out
    }

    static func items(_ tree: YAMLTree) -> [YAMLTree]? {
        guard case .list(let items) = tree else { return nil }
        return items.map { item in
            if case .commented(_, let inner) = item { inner } else { item }
        }
    }

    static func value(of key: String, _ item: YAMLTree) -> YAMLTree? {
        guard case .map(let entries) = item else { return nil }
        return entries.first { $0.key == key }?.value
    }

    /// Without comments.
    private static func plain(_ tree: YAMLTree) -> YAMLTree {
        switch tree {
        case .commented(_, let inner): plain(inner)
        case .map(let entries): .map(entries.map { YAMLEntry($0.key, plain($0.value)) })
        case .list(let items), .row(let items): .list(items.map(plain))
        default: tree
        }
    }
}
