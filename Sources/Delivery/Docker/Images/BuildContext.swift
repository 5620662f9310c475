import Glibc
package import World

/// What an image is built from: the files of a folder that git would commit and `.dockerignore` lets in, with the Dockerfile.
package struct BuildContext: Sendable {
    package let files: TarStream
    /// The Dockerfile's name among the files.
    package let dockerfile: String
    /// Of names, modes, contents and the Dockerfile: equal hashes build equal images, as far as their bases do.
    package let hash: ContentHash

    /// Where the text of a Dockerfile goes that the folder does not hold.
    private static let ownName = ".hauban.Dockerfile"

    /// Reads a folder.
    ///
    /// - Parameters:
    ///   - dockerfile: its path in the folder.
    ///   - text: the text of a Dockerfile that was rendered, in place of a file.
    ///   - ignored: the text of a `.dockerignore` for a folder that has none.
    ///   - path: where `git` is looked for.
    /// - Throws: `WorldError`: `dockerfile-missing`, `folder-missing`, `source-too-large`.
    package static func read(
        _ folder: String, dockerfile: String = "Dockerfile", text: String? = nil, ignored: String? = nil, path: String,
        runner: CommandRunner
    ) async throws -> BuildContext {
        let tree = try await SourceTree.read(folder, path: path, runner: runner)
        // A Dockerfile has a list of its own, when there is one beside it.
        let list = SmallFile.text("\(folder)/\(dockerfile).dockerignore") ?? SmallFile.text(folder + "/.dockerignore")
        let ignore = DockerIgnore(list ?? ignored ?? "")
        guard text != nil || access("\(folder)/\(dockerfile)", R_OK) == 0 else {
            throw WorldError(
                code: "dockerfile-missing", operation: "build an image from \(folder)",
                underlying: "there is no \(dockerfile)", hint: "`hauban render images` writes one; commit it.")
        }
        // What names the build is sent in any case, as Docker's own command line does.
        let kept = tree.keeping { !ignore.excludes($0) || $0 == dockerfile && text == nil }
        var entries = kept.entries.map { entry in
            switch entry.kind {
            case .file(let isExecutable):
                TarStream.Entry(
                    entry.path, .file(path: folder + "/" + entry.path, size: entry.size),
                    mode: isExecutable ? 0o755 : 0o644)
            case .link(let target): TarStream.Entry(entry.path, .link(to: target), mode: 0o777)
            }
        }
        if let text { entries.append(.init(ownName, .bytes(Array(text.utf8)))) }
        return BuildContext(
            files: TarStream(entries), dockerfile: text == nil ? dockerfile : ownName,
            hash: ContentHash(of: [try kept.hash().hex, dockerfile, text ?? ""]))
    }

    /// Of entries at hand.
    package init(_ entries: [TarStream.Entry], dockerfile: String = "Dockerfile") {
        files = TarStream(entries)
        self.dockerfile = dockerfile
        hash = ContentHash(
            of: entries.flatMap { entry in
                switch entry.content {
                case .bytes(let bytes): [entry.name, "\(entry.mode)", ContentHash(of: bytes).hex]
                case .file(let path, let size): [entry.name, "\(entry.mode)", path, "\(size)"]
                case .link(let target): [entry.name, "link", target]
                case .folder: [entry.name, "folder"]
                }
            })
    }

    /// Of entries whose hash is known.
    init(_ entries: [TarStream.Entry], dockerfile: String, hash: ContentHash) {
        self.init(files: TarStream(entries), dockerfile: dockerfile, hash: hash)
    }

    private init(files: TarStream, dockerfile: String, hash: ContentHash) {
        self.files = files
        self.dockerfile = dockerfile
        self.hash = hash
    }
}
