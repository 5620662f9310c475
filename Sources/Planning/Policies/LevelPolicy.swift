import Spec

extension Policy {
    /// Every level that is set is set for a guideline that exists.
    static let levels = Policy { context in
        context.platform.policies.keys.sorted().compactMap { name in
            let path = SpecPath(["policies", name.text])
            guard Guidelines.named(name.text) == nil, context.isKnown(path) else { return nil }
            let near = KeyHint.nearest(to: name.text, among: Guidelines.all.map(\.id))
            return context.finding(
                .unknownRule, "there is no policy '\(name)'", at: path, .key,
                help: (near.map { "Did you mean `\($0)`? " } ?? "") + "docs/policies.md has them all.", fix: near)
        }
    }
}
