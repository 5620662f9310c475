import FoundationEssentials
import Glibc
import Planning
import Spec
import World

/// The secrets of one release of one service, as files in memory that its containers see at `/run/secrets`.
///
/// They lie in a folder of mode 0700 that only hauban's user enters; whoever mounts it sees the files alone. Memory forgets them when the
/// machine is started anew: a note on disk says which ones were handed over, and to whom, without their values.
struct SecretFolder: Sendable {
    private struct Note: Codable {
        var service: ServiceName
        var release: ReleaseID
        var keys: [String: String]
        var user: String?
    }

    let service: ServiceName
    let release: ReleaseID
    let path: String
    private let note: String

    init(_ place: DockerPlace, _ service: ServiceName, _ release: ReleaseID) {
        self.service = service
        self.release = release
        path = "\(place.memory)/secrets/\(service)-\(release)"
        note = "\(place.handed)/\(service)-\(release).json"
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
        // Last, and gone first: who sees a note without a folder may write the folder.
        let said = Note(service: service, release: release, keys: keys, user: user)
        try Folder.make(String(note[..<(note.lastIndex(of: "/") ?? note.endIndex)]))
        try AtomicFile.write(Array(try JSONEncoder().encode(said)), to: note)
    }

    func remove() {
        try? Folder.remove(note)
        try? Folder.remove(path)
    }

    /// The names of all folders.
    static func all(_ place: DockerPlace) -> Set<String> {
        Set(Folder.names(in: place.memory + "/secrets"))
            .union(Folder.names(in: place.handed).filter { $0.hasSuffix(".json") }.map { String($0.dropLast(5)) })
    }

    /// Writes again what memory has forgotten.
    ///
    /// - Returns: the folders that were not there.
    /// - Throws: `WorldError`; `secret-missing` for one without a value.
    static func restore(_ place: DockerPlace, from store: SecretStore) throws -> [SecretFolder] {
        var restored: [SecretFolder] = []
        for name in Folder.names(in: place.handed).sorted() where name.hasSuffix(".json") {
            guard let bytes = try? SmallFile.read(place.handed + "/" + name),
                let note = try? JSONDecoder().decode(Note.self, from: Data(bytes))
            else { continue }
            let folder = SecretFolder(place, note.service, note.release)
            if Folder.exists(folder.path) { continue }
            try folder.write(note.keys, from: store, for: note.user)
            restored.append(folder)
        }
        return restored
    }

    private static func numbers(_ text: String) -> (user: UInt32, group: UInt32)? {
        let words = text.split(separator: ":")
        guard let user = words.first.flatMap({ UInt32($0) }) else { return nil }
        return (user, words.dropFirst().first.flatMap { UInt32($0) } ?? user)
    }
}
