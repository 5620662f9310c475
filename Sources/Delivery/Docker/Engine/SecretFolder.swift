import Glibc
import Planning
import Spec
import World

/// The secrets of one release of one service, as files in memory that its containers see at `/run/secrets`.
///
/// They lie in a folder of mode 0700 that only hauban's user enters; whoever mounts it sees the files alone.
struct SecretFolder: Sendable {
    let path: String

    init(_ place: DockerPlace, _ service: ServiceName, _ release: ReleaseID) {
        path = "\(place.memory)/secrets/\(service)-\(release)"
    }

    /// Writes the files.
    ///
    /// - Parameters:
    ///   - keys: of the store, by the names of the files.
    ///   - user: who reads them in the container, `UID:GID`: with root's rights they become that user's alone.
    /// - Throws: `WorldError`; `secret-missing` for one without a value.
    func write(_ keys: [String: String], from store: SecretStore, for user: String?) throws {
        let parent = String(path[..<(path.lastIndex(of: "/") ?? path.endIndex)])
        try RuntimeFolder.make(parent)
        try Folder.make(path, mode: 0o755)
        let owner = user.flatMap { Self.numbers($0) }
        for (name, key) in keys.sorted(by: { $0.key < $1.key }) {
            let value = try store.value(for: key)
            let file = path + "/" + name
            let mode: UInt32 = owner != nil && geteuid() == 0 ? 0o400 : 0o444
            try AtomicFile.write(Array(value.exposed.utf8), to: file, mode: mode)
            if let owner, geteuid() == 0, chown(file, owner.user, owner.group) != 0 {
                throw SystemError.last.during("give the secret \(name) to its container's user")
            }
        }
    }

    func remove() { try? Folder.remove(path) }

    /// Folders of releases that nobody runs.
    static func all(_ place: DockerPlace) -> [String] { Folder.names(in: place.memory + "/secrets") }

    private static func numbers(_ text: String) -> (user: UInt32, group: UInt32)? {
        let words = text.split(separator: ":")
        guard let user = words.first.flatMap({ UInt32($0) }) else { return nil }
        return (user, words.dropFirst().first.flatMap { UInt32($0) } ?? user)
    }
}
