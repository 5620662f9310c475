/// What several trees have in common, and what is left of each: maps are shared key by key, all else as a whole.
///
/// Put together again by Compose's rule (maps merge) the two give the tree back; no list is split, since Compose would
/// append the parts, and nothing has to be taken away again.
enum TreeSharing {
    /// - Returns: `nil` when nothing is the same in all of them.
    static func common(_ trees: [YAMLTree]) -> YAMLTree? {
        guard let first = trees.first else { return nil }
        if trees.allSatisfy({ $0 == first }) { return first }
        guard case .map(let entries) = first else { return nil }
        let others = trees.dropFirst().map { tree -> [String: YAMLEntry] in
            guard case .map(let entries) = tree else { return [:] }
            return Dictionary(entries.map { ($0.key, $0) }) { one, _ in one }
        }
        let shared = entries.compactMap { entry -> YAMLEntry? in
            let values = others.compactMap { $0[entry.key]?.value }
            guard values.count == others.count, let value = common([entry.value] + values) else { return nil }
            return YAMLEntry(entry.key, value, comment: entry.comment)
        }
        return shared.isEmpty ? nil : .map(shared)
    }

    /// What of a tree its shared part does not say.
    static func rest(_ tree: YAMLTree, without shared: YAMLTree) -> YAMLTree? {
        if tree == shared { return nil }
        guard case .map(let entries) = tree, case .map(let common) = shared else { return tree }
        let known = Dictionary(common.map { ($0.key, $0.value) }) { one, _ in one }
        let left = entries.compactMap { entry -> YAMLEntry? in
            guard let common = known[entry.key] else { return entry }
            // A comment stands where its key is complete, and once.
            return rest(entry.value, without: common).map { YAMLEntry(entry.key, $0) }
        }
        return left.isEmpty ? nil : .map(left)
    }

    /// Without the keys at which a predicate of their path holds.
    static func removing(_ tree: YAMLTree, at path: [String] = [], where isMeant: ([String]) -> Bool) -> YAMLTree? {
        guard case .map(let entries) = tree else { return tree }
        let left = entries.compactMap { entry -> YAMLEntry? in
            let place = path + [entry.key]
            guard !isMeant(place), let value = removing(entry.value, at: place, where: isMeant) else { return nil }
            return YAMLEntry(entry.key, value, comment: entry.comment)
        }
        return left.isEmpty && !entries.isEmpty ? nil : .map(left)
    }
}
