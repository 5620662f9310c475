/// An image reference, as far as its tag and digest (distribution reference grammar).
struct ImageText {
    /// With the registry.
    var repository: String
    /// `nil` without one.
    var tag: String?
    /// With its algorithm; `nil` without one.
    var digest: String?

    init(_ text: String) {
        var rest = text[...]
        if let at = rest.firstIndex(of: "@") {
            digest = String(rest[rest.index(after: at)...])
            rest = rest[..<at]
        }
        // A colon in front of a slash belongs to the registry's port.
        let name = rest.lastIndex(of: "/").map { rest[$0...] } ?? rest
        if let colon = name.lastIndex(of: ":") {
            tag = String(rest[rest.index(after: colon)...])
            rest = rest[..<colon]
        }
        repository = String(rest)
    }

    /// The tag when what it names changes with every release, empty for none; `nil` for a version or a digest.
    var moving: String? {
        if digest != nil { return nil }
        guard let tag, !tag.isEmpty else { return "" }
        let words = tag.lowercased().split { $0 == "-" || $0 == "." || $0 == "_" }
        let moves = ["latest", "edge", "nightly", "main", "master", "develop", "dev", "stable", "lts", "current"]
        // `3-latest` moves within 3; `1.2.0-dev` is one version.
        let isVersion = words.contains { $0.contains { $0.isNumber } }
        guard let last = words.last,
            isVersion ? last == "latest" : words.contains(where: { moves.contains(String($0)) })
        else { return nil }
        return tag
    }
}
