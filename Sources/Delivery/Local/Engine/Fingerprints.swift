import FoundationEssentials
package import Planning
import Spec
package import World

/// Fills in what makes a service another one: the contents of its source, its resolved configuration, and the values of
/// its secrets. Equal fingerprints mean that nothing needs to be released.
package struct Fingerprints: Sendable {
    private let secrets: SecretStore
    private let runner: CommandRunner
    /// Where `git` is looked for.
    private let path: String

    package init(secrets: SecretStore, path: String, runner: CommandRunner = .live) {
        self.secrets = secrets
        self.path = path
        self.runner = runner
    }

    /// The same state with every fingerprint in place.
    ///
    /// - Throws: `WorldError` when a source cannot be read.
    package func filled(_ state: DesiredState) async throws -> DesiredState {
        var result = state
        var trees: [String: ContentHash] = [:]
        for (index, service) in state.services.enumerated() {
            var source = "no source"
            if let path = service.source?.path {
                let hash =
                    if let known = trees[path] { known } else {
                        try await SourceTree.read(path, path: self.path, runner: runner).hash()
                    }
                trees[path] = hash
                source = hash.hex
            }
            result.services[index].fingerprint = try fingerprint(service, source: source)
        }
        return result
    }

    private func fingerprint(_ service: DesiredService, source: String) throws -> String {
        var plain = service
        plain.fingerprint = ""
        // A promise about the migration, and nothing that runs.
        plain.isMigrationCompatible = nil
        // A copy of the repository elsewhere is the same platform.
        plain.source?.path = ""
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys]
        var texts = [source, String(decoding: try encoder.encode(plain), as: UTF8.self)]
        for secret in service.secrets where secrets.contains(secret.text) {
            texts.append(ContentHash(of: try secrets.value(for: secret.text).exposed.utf8).hex)
        }
        return ContentHash(of: texts).short
    }
}
