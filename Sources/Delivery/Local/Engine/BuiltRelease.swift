import FoundationEssentials
package import Planning
package import Spec
import World

/// What one release made of each service that it changed: kept on disk, so that any later process can start it again.
package struct BuiltRelease: Codable, Hashable, Sendable {
    package struct Part: Codable, Hashable, Sendable {
        package var service: DesiredService
        package var build: BuildResult
    }

    package var release: ReleaseID
    package var parts: [String: Part]

    package func part(_ service: ServiceName) -> Part? { parts[service.text] }
}

/// The files that hold built releases.
package struct BuiltReleases: Sendable, Hashable {
    private let folder: String

    /// - Parameter folder: absolute; made when the first release is stored.
    package init(folder: String) { self.folder = folder }

    /// What a release built; empty when it built nothing yet.
    ///
    /// - Throws: `WorldError` with the code `state-unreadable`.
    package func load(_ release: ReleaseID) throws -> BuiltRelease {
        guard let bytes = try? SmallFile.read(path(release)) else { return BuiltRelease(release: release, parts: [:]) }
        do {
            return try JSONDecoder().decode(BuiltRelease.self, from: Data(bytes))
        } catch {
            throw WorldError(
                code: "state-unreadable", operation: "read \(path(release))", underlying: "\(error)",
                hint: "Was it written by a newer hauban? Deploy again with that one, or run `hauban down` and deploy.")
        }
    }

    /// Adds what was built for one service.
    package func store(_ part: BuiltRelease.Part, of release: ReleaseID) throws {
        var record = try load(release)
        record.parts[part.service.name.text] = part
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .prettyPrinted]
        try Folder.make(folder)
        try AtomicFile.write(Array(try encoder.encode(record)), to: path(release))
    }

    /// The build of a service with a fingerprint, if a release made one and it is still there.
    func build(of service: ServiceName, fingerprint: String) throws -> BuildResult? {
        for release in stored.reversed() {
            if let part = try load(release).part(service), part.service.fingerprint == fingerprint,
                Folder.exists(part.build.folder)
            {
                return part.build
            }
        }
        return nil
    }

    /// The builds that the newest releases are made of.
    func builds(ofNewest count: Int) throws -> Set<ContentHash> {
        Set(try stored.suffix(count).flatMap { try load($0).parts.values.map(\.build.identity) })
    }

    /// The releases that have a file, the oldest first.
    private var stored: [ReleaseID] {
        Folder.names(in: folder).filter { $0.hasSuffix(".json") }.compactMap { ReleaseID(String($0.dropLast(5))) }
            .sorted()
    }

    private func path(_ release: ReleaseID) -> String { "\(folder)/\(release).json" }
}
