import FoundationEssentials
import Glibc
import World

/// What a ``RemoteRun`` hands to the command on the engine's machine in a folder in memory: its input and credentials of registries.
///
///     <folder>/input               what it reads
///     <folder>/docker/config.json  as `docker login` leaves it
package struct RemoteHandover: Sendable {
    package static let imageVariable = "HAUBAN_IMAGE"
    package static let folderVariable = "HAUBAN_HANDED"
    package static let callerVariable = "HAUBAN_CALLER"

    private let folder: String
    /// The image that the program runs in.
    package let image: String
    /// Who sent the command, and from where: `ana on mast`.
    package let caller: String

    /// - Returns: `nil` for a command that nobody sent from elsewhere.
    package init?(_ variables: [String: String]) {
        guard let folder = variables[Self.folderVariable], let image = variables[Self.imageVariable],
            let caller = variables[Self.callerVariable]
        else { return nil }
        self.folder = folder
        self.image = image
        self.caller = caller
    }

    /// The files for an order, whose own folder is `path`.
    package static func entries(_ order: RemoteRun.Order, below path: String) -> [TarStream.Entry] {
        var entries: [TarStream.Entry] = []
        if let input = order.input {
            entries.append(.init(path + "/input", .bytes(Array(input.exposed.utf8)), mode: 0o600))
        }
        if !order.registries.isEmpty {
            let stored = order.registries.map(\.stored)
            let config = JSONValue.object([
                .init("auths", .object(stored.map { .init($0.address, $0.value) }))
            ])
            entries.append(.init(path + "/docker", .folder, mode: 0o700))
            entries.append(.init(path + "/docker/config.json", .bytes(Array(config.text.utf8)), mode: 0o600))
        }
        guard !entries.isEmpty else { return [] }
        let last = path.lastIndex(of: "/") ?? path.startIndex
        return [
            .init(String(path[..<last]), .folder, mode: 0o700), .init(path, .folder, mode: 0o700),
        ] + entries
    }

    /// Makes the input that was handed over this process's own, and takes the file away.
    package func takeInput() throws {
        let path = folder + "/input"
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return }
        defer { close(descriptor) }
        guard dup2(descriptor, STDIN_FILENO) >= 0 else { throw SystemError.last.during("read the input") }
        unlink(path)
    }

    /// Takes away what was handed over.
    package func forget() { try? Folder.remove(folder) }
}
