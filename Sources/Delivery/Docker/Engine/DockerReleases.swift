import FoundationEssentials
import Planning
import Spec
import World

/// What each release made of the services that it changed: the image of each, kept on disk, so that any later process can start it
/// again without a build.
struct DockerReleases: Sendable, Hashable {
    struct Part: Codable, Hashable, Sendable {
        var service: DesiredService
        /// Its id on the engine, `sha256:…`.
        var image: String
        var name: String
        /// `REPOSITORY@sha256:…`: its content as a registry knows it, once it was there.
        var pinned: String?
    }

    /// Absolute.
    let folder: String

    /// - Throws: `WorldError` with the code `state-unreadable`.
    func load(_ release: ReleaseID) throws -> [String: Part] {
        guard let bytes = try? SmallFile.read(path(release)) else { return [:] }
        do {
            return try JSONDecoder().decode([String: Part].self, from: Data(bytes))
        } catch {
            throw WorldError(
                code: "state-unreadable", operation: "read \(path(release))", underlying: "\(error)",
                hint: "Was it written by a newer hauban? Deploy again with that one.")
        }
    }

    func part(_ service: ServiceName, of release: ReleaseID) throws -> Part {
        guard let part = try load(release)[service.text] else {
            throw WorldError(
                code: "not-built", operation: "start \(service) of \(release)",
                underlying: "the release has no image of it", hint: "Deploy again: the image is built anew.")
        }
        return part
    }

    func store(_ part: Part, of release: ReleaseID) throws {
        var parts = try load(release)
        parts[part.service.name.text] = part
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .prettyPrinted]
        try Folder.make(folder)
        try AtomicFile.write(Array(try encoder.encode(parts)), to: path(release))
    }

    /// The image that an earlier release made for the same fingerprint, newest first.
    func parts(of service: ServiceName, fingerprint: String) throws -> [Part] {
        try stored.reversed().compactMap { release in
            try load(release)[service.text].flatMap { $0.service.fingerprint == fingerprint ? $0 : nil }
        }
    }

    /// The releases that have a file, the oldest first.
    var stored: [ReleaseID] {
        Folder.names(in: folder).filter { $0.hasSuffix(".json") }.compactMap { ReleaseID(String($0.dropLast(5))) }
            .sorted()
    }

    private func path(_ release: ReleaseID) -> String { "\(folder)/\(release).json" }
}
