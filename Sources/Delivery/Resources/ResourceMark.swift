import FoundationEssentials
import Spec
import World

/// What a resource was last provisioned as: compared with what is declared now. Written once all of it was done.
///
///     <folder>/<name>/provisioned.json
struct ResourceMark: Codable, Hashable {
    var kind: String
    var version: String?
    var fingerprint: String
    /// What its container was made from, by a name that says its content.
    var image: String?

    static func read(_ folder: String, _ name: ResourceName) -> ResourceMark? {
        guard let bytes = try? SmallFile.read(path(folder, name)) else { return nil }
        return try? JSONDecoder().decode(ResourceMark.self, from: Data(bytes))
    }

    func write(_ folder: String, _ name: ResourceName) throws {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys]
        try Folder.make("\(folder)/\(name)", mode: 0o711)
        try AtomicFile.write(Array(try encoder.encode(self)), to: Self.path(folder, name), mode: 0o644)
    }

    static func remove(_ folder: String, _ name: ResourceName) throws { try Folder.remove("\(folder)/\(name)") }

    private static func path(_ folder: String, _ name: ResourceName) -> String {
        "\(folder)/\(name)/provisioned.json"
    }
}
