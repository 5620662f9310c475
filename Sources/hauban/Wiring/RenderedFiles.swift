import Glibc
import Planning
import World

/// The files below one folder, as `render` finds and leaves them.
struct RenderedFiles {
    enum State: Equatable {
        case same
        case absent
        case differs(String, isRendered: Bool)
    }

    let folder: String

    /// - Throws: `WorldError` when the file is there and cannot be read.
    func state(of artifact: Artifact) throws -> State {
        let path = folder + "/" + artifact.path
        guard access(path, F_OK) == 0 else { return .absent }
        let text: String
        do {
            text = String(decoding: try SmallFile.read(path), as: UTF8.self)
        } catch let error as SystemError {
            throw error.during("read \(path)")
        }
        return text == artifact.text ? .same : .differs(text, isRendered: Artifact.isRendered(text))
    }

    /// Replaces the file as a whole; whoever reads it has the old or the new one.
    ///
    /// - Throws: `WorldError`
    func write(_ artifact: Artifact) throws {
        let path = folder + "/" + artifact.path
        if let slash = path.lastIndex(of: "/") { try Folder.make(String(path[..<slash]), mode: 0o755) }
        try AtomicFile.write(Array(artifact.text.utf8), to: path, mode: artifact.isExecutable ? 0o755 : 0o644)
    }

    /// Files that were rendered from `source` once and are not any more.
    ///
    /// - Parameter names: what lies in the folder.
    func leftovers(_ names: some Sequence<String>, rendered: Set<String>, source: String) -> [String] {
        names.filter { name in
            guard Artifact.isOwnPlace(name), !rendered.contains(name) else { return false }
            let head = SmallFile.text(folder + "/" + name) ?? ""
            return Artifact.isRendered(head) && head.prefix(4096).contains(Artifact.mark + source + ".")
        }.sorted()
    }

    /// - Throws: `WorldError`
    func remove(_ name: String) throws {
        let path = folder + "/" + name
        guard unlink(path) == 0 || errno == ENOENT else {
            throw WorldError(
                code: "not-removed", operation: "remove \(path)", underlying: String(cString: strerror(errno)),
                hint: "It is rendered no more: remove it by hand.")
        }
    }
}
