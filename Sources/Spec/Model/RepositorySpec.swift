/// Where hauban.yaml and everything beside it are kept.
package struct RepositorySpec: Sendable, Hashable {
    /// `https://…` or `ssh://…`, without a slash at its end and without a password.
    package var url: String
    /// What releases are tagged on, and what an environment without a branch of its own is taken from.
    package var branch: String
    /// The folder of hauban.yaml, where that is not the top.
    package var path: String?

    static let shape: Shape<RepositorySpec> = .record("repository", "Where hauban.yaml is kept.") { f in
        let url = f.required(
            "url", .repositoryAddress, "Its address, as git clones it; a private one by `ssh://`.",
            example: "https://github.com/shop/platform.git")
        let branch = f.value(
            "branch", .text("a branch"), default: "main", because: "what git calls it",
            "The branch that releases are tagged on.", example: "trunk")
        let path = f.optional(
            "path", .relativePath, "The folder of hauban.yaml, where that is not the repository's top.",
            example: "platforms/shop")
        guard let url else { return nil }
        return RepositorySpec(url: url.last == "/" ? String(url.dropLast()) : url, branch: branch, path: path)
    }

    /// Whether git signs in with a key.
    package var isSSH: Bool { url.hasPrefix("ssh://") }

    /// The host without a user or a port, and what follows it, without `.git`.
    private var parts: (host: Substring, path: Substring) {
        let rest = url.drop { $0 != "/" }.dropFirst(2)
        let authority = rest.prefix { $0 != "/" }
        let path = rest.dropFirst(authority.count + 1)
        let host = (authority.split(separator: "@").last ?? authority).prefix { $0 != ":" }
        return (host, path.hasSuffix(".git") ? path.dropLast(4) : path)
    }

    /// Where people read it.
    package var page: String { "https://\(parts.host)/\(parts.path)" }

    /// `owner/name`, of a repository at GitHub.
    package var github: String? { parts.host == "github.com" ? String(parts.path) : nil }

    /// A path below the folder of hauban.yaml, from the repository's top.
    package func path(of file: String) -> String { path.map { "\($0)/\(file)" } ?? file }
}

extension Shape where Value == String {
    /// A repository's address that Argo CD and Flux take as git does (git-clone(1), "Git URLs").
    static var repositoryAddress: Shape {
        .scalar(
            "a repository's address", pattern: "^(https://[^/@ ]+|ssh://[^/ ]+)/[^ ]+$",
            examples: ["https://github.com/shop/platform.git", "ssh://git@github.com/shop/platform.git"],
            parse: { text in
                let rest = text.split(separator: "://", maxSplits: 1)
                guard rest.count == 2, ["https", "ssh"].contains(rest[0]) else {
                    // `git@host:path`, which ssh knows and URLs do not.
                    let sides = text.split(separator: ":", maxSplits: 1)
                    let isShort = sides.count == 2 && sides[0].contains("@") && !sides[1].hasPrefix("/")
                    return .failure(
                        .init(
                            "'\(text)' is not a repository's address",
                            help: "It begins with `https://` or `ssh://`.",
                            fix: isShort ? "ssh://\(sides[0])/\(sides[1])" : nil))
                }
                let authority = rest[1].prefix { $0 != "/" }
                if rest[0] == "https", authority.contains("@") {
                    return .failure(
                        .init(
                            "this address holds who signs in, and a password or token perhaps",
                            help: "hauban.yaml is read by many: write the address alone, or `ssh://git@HOST/…`."))
                }
                guard !authority.isEmpty, rest[1].count > authority.count + 1,
                    text.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7f })
                else {
                    return .failure(
                        .init(
                            "'\(text)' is not a repository's address",
                            help: "After the host stands whose it is: `https://github.com/shop/platform.git`."))
                }
                return .success(text)
            },
            show: { $0 })
    }
}
