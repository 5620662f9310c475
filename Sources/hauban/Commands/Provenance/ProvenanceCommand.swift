import ArgumentParser

struct ProvenanceCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "provenance", abstract: "How images were made: the key that says so, and whether it does.",
        discussion: """
            `hauban ci` writes for each image that it builds how it was made (in-toto, SLSA v1), signed with a key of this \
            platform on this machine.
            """,
        subcommands: [ProvenanceKey.self, ProvenanceVerify.self])
}
