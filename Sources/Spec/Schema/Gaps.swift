/// Which parts of a tree could not be read, so that no rule concludes anything from what stands in for them.
package struct Gaps: Sendable, Hashable {
    /// Values that could not be read, keys that are missing, and keys that a misspelt one may have meant.
    private var paths: Set<SpecPath> = []
    /// Everything that holds a gap.
    private var holders: Set<SpecPath> = []
    /// Words that cannot be names, by the map whose keys or the list whose items they are.
    private var lost: [SpecPath: [String]] = [:]

    package var isEmpty: Bool { paths.isEmpty }

    mutating func insert(_ path: SpecPath) {
        guard paths.insert(path).inserted else { return }
        var holder = path
        while !holder.components.isEmpty {
            holder = holder.parent
            guard holders.insert(holder).inserted else { return }
        }
    }

    /// A word that cannot be a name, so that nothing refers to it yet.
    mutating func insert(_ path: SpecPath, lost word: String) {
        insert(path)
        lost[path.parent, default: []].append(word)
    }

    /// Whether what stands at a path, or that nothing does, is what the author said: neither it nor what holds it is a gap.
    package func isKnown(_ path: SpecPath) -> Bool {
        if paths.isEmpty { return true }
        var place = path
        while !paths.contains(place) {
            if place.components.isEmpty { return true }
            place = place.parent
        }
        return false
    }

    /// Whether a path is known with everything below it.
    package func isWhole(_ path: SpecPath) -> Bool { isKnown(path) && !holders.contains(path) }

    /// Whether the keys of a map are known, whatever is below them.
    package func isNamed(_ map: SpecPath) -> Bool { isKnown(map) && lost[map] == nil }

    /// Whether a word that is not in a map or a list may be an entry of it that could not be read.
    package func mayName(_ word: String, in path: SpecPath) -> Bool {
        if !isKnown(path) { return true }
        guard let keys = lost[path] else { return false }
        return keys.contains { Self.bare($0) == Self.bare(word) } || KeyHint.nearest(to: word, among: keys) != nil
    }

    private static func bare(_ word: String) -> String {
        String(word.lowercased().filter { $0.isLetter || $0.isNumber })
    }
}

/// A platform as far as it could be read: what could not be read has a stand-in, and a gap that says so.
///
/// For rules only, which look at the gaps. Nothing is planned from it: see ``ParsedPlatform/environments``.
package struct PartialPlatform: Sendable {
    package var platform: Platform
    package var gaps: Gaps
}
