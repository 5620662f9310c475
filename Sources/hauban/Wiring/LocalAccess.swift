import FoundationEssentials
import Glibc
import World

/// How programs of this machine reach its control plane: an address and a token that lasts as long as the process, in a file
/// that only its owner reads.
struct LocalAccess: Codable {
    var url: String
    var token: String
    /// The state folder of the environment whose platform it serves; `nil`: it takes alerts without a hauban.yaml.
    var serves: String?

    static func path(_ data: String) -> String { data + "/local.json" }

    /// A token that nobody can guess.
    static func newToken() -> Secret {
        var generator = SystemRandomNumberGenerator()
        return Secret.generated(length: 43, using: &generator)
    }

    /// Makes the folder of a control plane's data: its owner's alone, in parents that others may pass through, since databases
    /// that run as another user lie beside it.
    ///
    /// - Throws: `WorldError`
    static func makeFolder(_ data: String) throws {
        if let slash = data.lastIndex(of: "/"), slash != data.startIndex {
            try Folder.make(String(data[..<slash]), mode: 0o711)
        }
        try Folder.make(data)
    }

    /// - Throws: `WorldError`
    func write(to data: String) throws {
        try Self.makeFolder(data)
        let body = try JSONEncoder().encode(self)
        try AtomicFile.write(Array(body), to: Self.path(data), mode: 0o600)
    }

    /// - Returns: `nil` where no control plane runs, or was killed and left nothing that can be read.
    static func read(_ data: String) -> LocalAccess? {
        guard let bytes = try? SmallFile.read(path(data), limit: 1 << 16) else { return nil }
        return try? JSONDecoder().decode(LocalAccess.self, from: Data(bytes))
    }

    static func remove(_ data: String) { unlink(path(data)) }
}
