import ArgumentParser
import Delivery
import Spec
import World

struct ProvenanceKey: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "key", abstract: "Prints the public key that provenance is verified with.",
        discussion: """
            An Ed25519 key in PEM, as `openssl pkey -pubin` reads it. It is made when it does not exist; its private half stays \
            in the platform's state folder.

            EXAMPLES
              hauban provenance key > provenance.pub
            """)

    @OptionGroup var file: FileOption

    func run() throws {
        let project = try Project.checked(file, Terminal(environment: ProcessEnvironment.all))
        guard let platform = project.parsed.base else { throw ExitCode(1) }
        let own = StateFolders.own(platform: platform.name, root: project.root)
        // Databases of environments lie beside it and belong to users of their own, who must get there.
        try Folder.make(own, mode: 0o711)
        let key = try SigningKey.of(folder: PipelinePlace(base: own + "/pipeline").keys)
        StandardOutput.write(key.verifying.pem, to: 1)
    }
}
