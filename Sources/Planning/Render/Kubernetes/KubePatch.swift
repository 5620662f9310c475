import Spec

/// What turns an object of the base into that of an environment, as kustomize patches: strategic merges for kinds that it
/// knows, merges of RFC 7386 for the others.
enum KubePatch {
    /// What the items of a list are told apart by (Kubernetes API, `x-kubernetes-patch-merge-key`); other lists are replaced.
    fileprivate static let keys: [String: [String]] = [
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

    fileprivate static func items(_ tree: YAMLTree) -> [YAMLTree]? {
        guard case .list(let items) = tree else { return nil }
        return items.map { item in
            if case .commented(_, let inner) = item { inner } else { item }
        }
    }

    fileprivate static func value(of key: String, _ item: YAMLTree) -> YAMLTree? {
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

/// `patch: {kubernetes: {Deployment/api: {…}}}`: objects by kind and name, laid over what is rendered, with the lists that
/// kustomize merges item by item merged so here too.
struct KubeAuthorPatch {
    private(set) var objects: [KubeObject]
    private(set) var changes: [PatchChange] = []
    private(set) var diagnostics: [Diagnostic] = []

    init(_ objects: [KubeObject], _ place: RenderSubject.Place, _ parsed: ParsedPlatform) {
        self.objects = objects
        guard let patch = EnginePatch(place) else { return }
        let whole = YAMLTree.map(objects.map { YAMLEntry($0.id, Self.keyed($0.tree)) })
        let laid = EnginePatch(patch, tree: Self.keyed(patch.tree)).laid(
            over: whole, file: "\(KubernetesRenderer.folder)/overlays/\(place.name)", parsed, isOpen: Self.isOpen)
        changes = laid.changes
        diagnostics = laid.diagnostics
        guard case .map(let entries) = laid.tree else { return }
        let known = Dictionary(objects.map { ($0.id, $0) }) { one, _ in one }
        self.objects = entries.map { entry in
            let tree = Self.listed(entry.value)
            guard var object = known[entry.key] else { return Self.added(entry.key, tree) }
            if Self.keyed(object.tree) != entry.value { object.patched = tree }
            return object
        }
    }

    /// An object that is not rendered has to say what it is.
    private static func isOpen(_ path: [String], _ value: YAMLTree) -> Bool {
        switch path.count {
        case 1: value.hasKey("apiVersion") && value.hasKey("kind") && value.hasKey("metadata")
        case 2: ["metadata", "spec", "data", "stringData", "automountServiceAccountToken"].contains(path[1])
        default: true
        }
    }

    private static func added(_ id: String, _ tree: YAMLTree) -> KubeObject {
        func text(_ key: String, _ tree: YAMLTree?) -> String {
            guard let tree, case .text(let text)? = KubePatch.value(of: key, tree) else { return "" }
            return text
        }
        return KubeObject(
            apiVersion: text("apiVersion", tree), kind: text("kind", tree),
            name: text("name", KubePatch.value(of: "metadata", tree)), file: "patch", body: [], patched: tree)
    }

    /// Lists whose items have keys as maps from key to item.
    private static func keyed(_ tree: YAMLTree) -> YAMLTree {
        guard case .map(let entries) = tree else {
            guard case .list(let items) = tree else { return tree }
            return .list(items.map(keyed))
        }
        return .map(
            entries.map { entry in
                guard let keys = KubePatch.keys[entry.key], let items = KubePatch.items(entry.value), !items.isEmpty,
                    let key = keys.first(where: { key in items.allSatisfy { KubePatch.value(of: key, $0) != nil } })
                else { return YAMLEntry(entry.key, keyed(entry.value), comment: entry.comment) }
                let rows = items.map { item -> YAMLEntry in
                    let name =
                        switch KubePatch.value(of: key, item) {
                        case .text(let text)?: text
                        case .integer(let number)?: "\(number)"
                        default: ""
                        }
                    return YAMLEntry(name, keyed(item))
                }
                return YAMLEntry(entry.key, .map([YAMLEntry(mark, true)] + rows), comment: entry.comment)
            })
    }

    /// In the place of a list's brackets, so that what was a list becomes one again.
    private static let mark = "[]"

    private static func listed(_ tree: YAMLTree) -> YAMLTree {
        switch tree {
        case .map(let entries) where entries.first?.key == mark:
            .list(entries.dropFirst().map { listed($0.value) })
        case .map(let entries):
            .map(entries.map { YAMLEntry($0.key, listed($0.value), comment: $0.comment) })
        case .list(let items): .list(items.map(listed))
        default: tree
        }
    }
}

extension EnginePatch {
    /// The same patch in another form.
    init(_ other: EnginePatch, tree: YAMLTree) {
        environment = other.environment
        target = other.target
        self.tree = tree
    }
}
