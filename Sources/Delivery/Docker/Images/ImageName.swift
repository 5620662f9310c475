import World

/// The name of an image: registry, path and tag (distribution's reference grammar, github.com/distribution/reference).
package struct ImageName: Sendable, Hashable, CustomStringConvertible {
    /// With the registry, when one was named: `registry.example.org:5000/shop/api`.
    package let repository: String
    package let tag: String

    /// Reads `shop/api:1.2`; without a tag it is `latest`.
    ///
    /// - Returns: `nil` for what is no name; a digest (`@sha256:`) is none of ours.
    package init?(_ text: String) {
        var name = Substring(text)
        var tag = "latest"
        if let colon = text.lastIndex(of: ":"), !text[colon...].contains("/") {
            name = text[..<colon]
            tag = String(text[text.index(after: colon)...])
        }
        self.init(repository: String(name), tag: tag)
    }

    package init?(repository: String, tag: String) {
        let words = repository.split(separator: "/", omittingEmptySubsequences: false)
        guard !words.isEmpty, repository.utf8.count <= 255 else { return nil }
        for (index, word) in words.enumerated() {
            let isHost = index == 0 && words.count > 1 && Self.isHost(word)
            guard Self.isWord(word, isHost: isHost) else { return nil }
        }
        guard (1...128).contains(tag.utf8.count), let first = tag.utf8.first, first != 0x2e, first != 0x2d,
            tag.allSatisfy({ $0.isASCII && ($0.isLetter || $0.isNumber || "._-".contains($0)) })
        else { return nil }
        self.repository = repository
        self.tag = tag
    }

    private static func isHost(_ word: Substring) -> Bool {
        word.contains(".") || word.contains(":") || word == "localhost"
    }

    private static func isWord(_ word: Substring, isHost: Bool) -> Bool {
        guard let first = word.first, let last = word.last, first.isASCII, first.isLetter || first.isNumber,
            last.isASCII, last.isLetter || last.isNumber
        else { return false }
        return word.allSatisfy {
            $0.isASCII
                && ($0.isNumber || $0.isLetter && (isHost || $0.isLowercase) || "._-".contains($0)
                    || isHost && $0 == ":")
        }
    }

    /// The registry's host: Docker's own when none was named.
    package var registry: String {
        let first = repository.prefix { $0 != "/" }
        return repository.contains("/") && Self.isHost(first) ? String(first) : "docker.io"
    }

    package var description: String { "\(repository):\(tag)" }
}

/// The name of an image that somebody else made: by a tag, or by what it holds (`@sha256:…`).
package struct ImageReference: Sendable, Hashable, CustomStringConvertible {
    /// With a tag, `latest` where a digest says it all.
    private let name: ImageName
    /// `sha256:…`
    package let digest: String?

    package init(_ name: ImageName) {
        self.name = name
        digest = nil
    }

    /// Reads `shop/api:1.2`, `shop/api@sha256:…`, or both; of both the digest counts.
    ///
    /// - Returns: `nil` for what is no name.
    package init?(_ text: String) {
        let parts = text.split(separator: "@", maxSplits: 1, omittingEmptySubsequences: false)
        guard let first = parts.first, let name = ImageName(String(first)) else { return nil }
        self.name = name
        guard parts.count == 2 else {
            digest = nil
            return
        }
        let digest = String(parts[1])
        guard digest.hasPrefix("sha256:"), ContentHash(hex: String(digest.dropFirst(7))) != nil else { return nil }
        self.digest = digest
    }

    package var repository: String { name.repository }
    package var registry: String { name.registry }
    /// What the engine calls a tag when it is asked to fetch.
    var mark: String { digest ?? name.tag }

    package var description: String { digest.map { "\(repository)@\($0)" } ?? "\(name)" }
}

/// How an image is built.
package struct ImageBuild: Sendable, Hashable {
    package var name: ImageName
    /// Its path in the context.
    package var dockerfile: String
    package var arguments: [String: String]
    package var labels: [String: String]
    /// Whether base images are asked for anew.
    package var pulls: Bool

    package init(
        name: ImageName, dockerfile: String = "Dockerfile", arguments: [String: String] = [:],
        labels: [String: String] = [:], pulls: Bool = false
    ) {
        self.name = name
        self.dockerfile = dockerfile
        self.arguments = arguments
        self.labels = labels
        self.pulls = pulls
    }
}
