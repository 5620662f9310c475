import FoundationEssentials
import Glibc
import World

/// How programs of this machine reach its control plane: an address and a token that lasts as long as the process, in a file
/// that only its owner reads.
struct LocalAccess: Codable {
    var url: String
    var token: String

    static func path(_ data: String) -> String { data + "/local.json" }

    /// A token that nobody can guess.
    static func newToken() -> Secret {
        var generator = SystemRandomNumberGenerator()
        return Secret.generated(length: 43, using: &generator)
    }

    /// - Throws: `WorldError`
    func write(to data: String) throws {
        try Folder.make(data)
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
