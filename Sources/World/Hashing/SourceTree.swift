import Crypto
import Glibc

/// The files of a source folder that count: what git would commit, or everything but the usual litter.
package struct SourceTree: Sendable, Hashable {
    /// One file or link.
    package struct Entry: Sendable, Hashable {
        package enum Kind: Sendable, Hashable {
            case file(isExecutable: Bool)
            case link(target: String)
        }
        /// Relative to the folder, `/` between names.
        package var path: String
        package var kind: Kind
        package var size: Int
    }

    /// Where reading stops with an error, because the folder is surely not what was meant.
    package struct Limits: Sendable, Hashable {
        package var files: Int
        package var bytes: Int

        package init(files: Int = 200_000, bytes: Int = 4 << 30) {
            self.files = files
            self.bytes = bytes
        }
    }

    /// Absolute.
    package let folder: String
    /// Sorted by the bytes of their paths.
    package let entries: [Entry]

    /// Names that are left out when git does not say what counts.
    package static let litter: Set<String> = [
        ".git", ".hg", ".svn", ".venv", "venv", "node_modules", "__pycache__", ".build", ".swiftpm", "dist", "target",
        ".mypy_cache", ".pytest_cache", ".ruff_cache", ".tox", ".next", ".cache", ".DS_Store", ".idea", ".hauban",
    ]

    /// In place of where `git` is looked for: the folder holds what git listed already, so everything counts.
    package static let everything = "/nonexistent"

    /// Lists a folder: by `git ls-files` when it lies in a git work tree, else by walking it.
    ///
    /// A file that vanishes meanwhile is left out. A folder that git ignores as a whole is walked.
    /// - Parameter path: where `git` is looked for, as in `PATH`, or ``everything``.
    /// - Throws: `WorldError`
    package static func read(
        _ folder: String, path: String, runner: CommandRunner, limits: Limits = Limits()
    ) async throws -> SourceTree {
        var information = stat()
        guard stat(folder, &information) == 0, information.st_mode & S_IFMT == S_IFDIR else {
            throw WorldError(
                code: "folder-missing", operation: "read the source \(folder)", underlying: "there is no such folder",
                hint: "Correct `source:` of the service.")
        }
        if path == everything { return try whole(folder, limits: limits) }
        var collector = Collector(folder: folder, limits: limits)
        if let names = try await gitNames(folder, path: path, runner: runner, limits: limits), !names.isEmpty {
            for name in names { try collector.add(name) }
        } else {
            try collector.walk("")
        }
        return collector.tree
    }

    /// Lists a folder of our own completely, with nothing left out.
    ///
    /// - Throws: `WorldError`
    package static func whole(_ folder: String, limits: Limits = Limits()) throws -> SourceTree {
        var collector = Collector(folder: folder, limits: limits, litter: [])
        try collector.walk("")
        return collector.tree
    }

    /// The same without the files whose paths are not wanted.
    package func keeping(_ isWanted: (String) -> Bool) -> SourceTree {
        SourceTree(folder: folder, entries: entries.filter { isWanted($0.path) })
    }

    private static func gitNames(
        _ folder: String, path: String, runner: CommandRunner, limits: Limits
    ) async throws -> [String]? {
        let command = Command(
            // A checkout of another user's is read all the same, and no program that its configuration names is run.
            arguments: [
                "git", "-c", "safe.directory=*", "-c", "core.fsmonitor=false", "ls-files", "-co", "--exclude-standard",
                "-z", "--deduplicate",
            ],
            environment: ["PATH": path, "HOME": "/nonexistent", "LC_ALL": "C.UTF-8"], workingDirectory: folder,
            deadline: .seconds(60), outputLimit: 64 << 20)
        let result: CommandResult
        do {
            result = try await runner(command)
        } catch let error as WorldError where error.code == "program-missing" {
            return nil
        }
        guard result.isSuccess else { return nil }
        guard !result.isCut else { throw Collector.tooMuch(folder, "more than \(limits.files) files") }
        return result.output.split(separator: "\0").map(String.init)
    }
}

/// Gathers entries and keeps the limits.
private struct Collector {
    let folder: String
    let limits: SourceTree.Limits
    var litter = SourceTree.litter
    var entries: [SourceTree.Entry] = []
    var bytes = 0

    var tree: SourceTree {
        var seen: Set<String> = []
        let unique = entries.filter { seen.insert($0.path).inserted }
        return SourceTree(
            folder: folder, entries: unique.sorted { $0.path.utf8.lexicographicallyPrecedes($1.path.utf8) })
    }

    init(folder: String, limits: SourceTree.Limits, litter: Set<String> = SourceTree.litter) {
        self.folder = folder
        self.limits = limits
        self.litter = litter
    }

    /// A name of git's: a file, a link, or the folder of a submodule or of another repository inside.
    mutating func add(_ name: String) throws {
        let relative = name.hasSuffix("/") ? String(name.dropLast()) : name
        var information = stat()
        guard lstat(folder + "/" + relative, &information) == 0 else {
            if relative.unicodeScalars.contains("\u{fffd}") { throw Self.notText(folder, relative) }
            return
        }
        try add(relative, information)
    }

    mutating func walk(_ relative: String) throws {
        for name in Folder.names(in: relative.isEmpty ? folder : folder + "/" + relative) where !litter.contains(name) {
            let path = relative.isEmpty ? name : relative + "/" + name
            var information = stat()
            guard lstat(folder + "/" + path, &information) == 0 else {
                if name.unicodeScalars.contains("\u{fffd}") { throw Self.notText(folder, path) }
                continue
            }
            try add(path, information)
        }
    }

    /// Sockets, pipes and devices are no source.
    private mutating func add(_ path: String, _ information: stat) throws {
        switch information.st_mode & S_IFMT {
        case S_IFREG:
            let size = Int(information.st_size)
            bytes += size
            entries.append(.init(path: path, kind: .file(isExecutable: information.st_mode & 0o100 != 0), size: size))
        case S_IFLNK:
            var buffer = [CChar](repeating: 0, count: Int(PATH_MAX))
            let count = readlink(folder + "/" + path, &buffer, buffer.count)
            guard count > 0 else { return }
            let target = String(decoding: buffer[0..<count].map { UInt8(bitPattern: $0) }, as: UTF8.self)
            entries.append(.init(path: path, kind: .link(target: target), size: 0))
        case S_IFDIR: try walk(path)
        default: break
        }
        if entries.count > limits.files { throw Self.tooMuch(folder, "more than \(limits.files) files") }
        if bytes > limits.bytes { throw Self.tooMuch(folder, "more than \(limits.bytes >> 20) MiB") }
    }

    static func tooMuch(_ folder: String, _ what: String) -> WorldError {
        WorldError(
            code: "source-too-large", operation: "read the source \(folder)", underlying: what,
            hint: "Point `source:` at the service's own folder, or list data and build output in .gitignore.")
    }

    private static func notText(_ folder: String, _ name: String) -> WorldError {
        WorldError(
            code: "source-name", operation: "read the source \(folder)",
            underlying: "the name of \(name) is not UTF-8", hint: "Rename the file.")
    }
}
