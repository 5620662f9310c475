/// The patterns of a `.dockerignore` (docs.docker.com/build/concepts/context#dockerignore-files): Go's `filepath.Match` with `**`, the last
/// pattern that matches a file or one of its folders decides, `!` takes back.
package struct DockerIgnore: Sendable {
    private struct Pattern: Sendable {
        var words: [[UInt8]]
        var takesBack: Bool
    }

    private let patterns: [Pattern]

    package init(_ text: String) {
        patterns = text.split(whereSeparator: \.isNewline).enumerated().compactMap { index, raw in
            var line = Substring(raw)
            if index == 0, line.hasPrefix("\u{feff}") { line = line.dropFirst() }
            if line.hasPrefix("#") { return nil }
            line = line.trimmed
            guard !line.isEmpty else { return nil }
            let takesBack = line.hasPrefix("!")
            if takesBack { line = line.dropFirst().trimmed }
            let words = Self.cleaned(line)
            return words.isEmpty ? nil : Pattern(words: words.map { Array($0.utf8) }, takesBack: takesBack)
        }
    }

    /// Whether a file is left out.
    ///
    /// - Parameter path: relative to the context, `/` between names.
    package func excludes(_ path: String) -> Bool {
        let names = path.split(separator: "/").map { Array($0.utf8) }
        var isOut = false
        for pattern in patterns where pattern.takesBack == isOut {
            // A pattern that matches a folder takes all that is in it.
            let matches = (1...max(1, names.count)).contains { Self.match(pattern.words[...], names.prefix($0)) }
            if matches { isOut = !pattern.takesBack }
        }
        return isOut
    }

    /// `./a//b/../c/` is `a/c`, as Go's `filepath.Clean` makes it.
    private static func cleaned(_ text: Substring) -> [String] {
        var words: [String] = []
        for word in text.split(separator: "/") where word != "." {
            if word == ".." { _ = words.popLast() } else { words.append(String(word)) }
        }
        return words
    }

    private static func match(_ pattern: ArraySlice<[UInt8]>, _ names: ArraySlice<[UInt8]>) -> Bool {
        guard let first = pattern.first else { return names.isEmpty }
        if first == Array("**".utf8) {
            return (0...names.count).contains { match(pattern.dropFirst(), names.dropFirst($0)) }
        }
        guard let name = names.first, match(word: first[...], name[...]) else { return false }
        return match(pattern.dropFirst(), names.dropFirst())
    }

    /// One name: `*`, `?`, `[a-z]`, `[^a]`, `\x`; `**` within a word is `*`.
    private static func match(word pattern: ArraySlice<UInt8>, _ name: ArraySlice<UInt8>) -> Bool {
        // The place behind the last star, and how much it has taken: trying again from there is enough.
        var (p, n) = (pattern.startIndex, name.startIndex)
        var star: (pattern: Int, name: Int)?
        while n < name.endIndex {
            if p < pattern.endIndex, pattern[p] == 0x2a {
                star = (p + 1, n)
                p += 1
            } else if let next = step(pattern, p, name[n]) {
                p = next
                n += 1
            } else if let last = star {
                star = (last.pattern, last.name + 1)
                (p, n) = (last.pattern, last.name + 1)
            } else {
                return false
            }
        }
        while p < pattern.endIndex, pattern[p] == 0x2a { p += 1 }
        return p == pattern.endIndex
    }

    /// Where the pattern goes on when it takes this byte; `nil` when it does not.
    private static func step(_ pattern: ArraySlice<UInt8>, _ start: Int, _ byte: UInt8) -> Int? {
        guard start < pattern.endIndex else { return nil }
        switch pattern[start] {
        case 0x3f: return start + 1
        case 0x5c where start + 1 < pattern.endIndex: return pattern[start + 1] == byte ? start + 2 : nil
        case 0x5b:
            var index = start + 1
            let isNegated = index < pattern.endIndex && pattern[index] == 0x5e
            if isNegated { index += 1 }
            var isIn = false
            let first = index
            while index < pattern.endIndex, pattern[index] != 0x5d || index == first {
                let low = pattern[index]
                if index + 2 < pattern.endIndex, pattern[index + 1] == 0x2d, pattern[index + 2] != 0x5d {
                    isIn = isIn || (low <= byte && byte <= pattern[index + 2])
                    index += 3
                } else {
                    isIn = isIn || low == byte
                    index += 1
                }
            }
            return index < pattern.endIndex && isIn != isNegated ? index + 1 : nil
        case let other: return other == byte ? start + 1 : nil
        }
    }
}

extension Substring {
    fileprivate var trimmed: Substring {
        var text = self
        while text.first?.isWhitespace == true { text = text.dropFirst() }
        while text.last?.isWhitespace == true { text = text.dropLast() }
        return text
    }
}
