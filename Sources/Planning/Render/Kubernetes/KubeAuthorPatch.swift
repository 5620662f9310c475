import Spec

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
