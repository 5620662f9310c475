import ArgumentParser
import Planning
import World

struct ProvenanceVerify: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "verify", abstract: "Verifies who says how an image was made, and prints what is said.",
        discussion: """
            Exits 0 when the file is signed with the key and is about the image, 1 otherwise.

            EXAMPLES
              hauban provenance verify provenance.json --key provenance.pub
              hauban provenance verify provenance.json --key provenance.pub --image "$(docker image inspect -f {{.Id}} shop/api:1.2.0)"
            """)

    @Argument(help: "A signed envelope, as `hauban ci` keeps it.") var path: String
    @Option(help: ArgumentHelp("The public key in PEM.", valueName: "path")) var key: String
    @Option(help: ArgumentHelp("What it must be about: sha256:… of an image's id or digest.", valueName: "digest"))
    var image: String?
    @Flag(help: "Print JSON.") var json = false

    func validate() throws {
        if let image, ProvenanceStatement.digest(image) == nil {
            throw ValidationError("--image takes sha256: and 64 digits, an image's id or digest.")
        }
    }

    func run() throws {
        guard let key = VerifyingKey(pem: String(decoding: try read(key), as: UTF8.self)) else {
            throw refusal("its key is no Ed25519 key in PEM", hint: "`hauban provenance key` prints it.")
        }
        guard let envelope = SignedEnvelope(parsing: try read(path)) else {
            throw refusal("it is no signed envelope (DSSE)")
        }
        guard envelope.isSigned(by: key) else {
            throw refusal(
                "it is not signed with that key, or was changed",
                hint: "Take neither it nor the image for what it says they are.")
        }
        let provenance: ReadProvenance
        do throws(ReadProvenance.Unread) {
            provenance = try ReadProvenance(payloadType: envelope.payloadType, envelope.payload)
        } catch {
            throw refusal(error.reason)
        }
        if let image, !provenance.subjects.contains(where: { "sha256:\($0.digest)" == image }) {
            throw refusal("it is about another image than \(image)")
        }
        show(provenance, key)
    }

    private func read(_ path: String) throws -> [UInt8] {
        do {
            return try SmallFile.read(path, limit: 4 << 20)
        } catch let error as SystemError {
            throw error.during("read \(path)")
        }
    }

    private func refusal(_ why: String, hint: String = "") -> WorldError {
        WorldError(code: "provenance-refused", operation: "verify \(path)", underlying: why, hint: hint)
    }

    private struct Document: Encodable {
        struct Subject: Encodable {
            var name: String
            var digest: String
        }

        var subjects: [Subject]
        var builder: String
        var commit: String?
        var uncommittedChanges: Bool
        var finished: String?
        var key: String
    }

    private func show(_ provenance: ReadProvenance, _ key: VerifyingKey) {
        let terminal = Terminal(environment: ProcessEnvironment.all)
        if json {
            let document = Document(
                subjects: provenance.subjects.map { .init(name: $0.name, digest: "sha256:\($0.digest)") },
                builder: provenance.builder, commit: provenance.commit,
                uncommittedChanges: provenance.hasUncommittedChanges, finished: provenance.finished, key: key.id)
            if let text = try? MachineOutput.text(document) { terminal.line(text) }
            return
        }
        terminal.line(terminal.paint("verified", .green) + " with the key \(ShortID.text(key.id))")
        // What is signed is still somebody's text.
        for subject in provenance.subjects {
            terminal.line("  \(JSONValue.printable(subject.name)) sha256:\(JSONValue.printable(subject.digest))")
        }
        terminal.line("  built by \(JSONValue.printable(provenance.builder))")
        if let commit = provenance.commit {
            let changes = provenance.hasUncommittedChanges ? ", with changes that were not committed" : ""
            terminal.line("  from commit \(JSONValue.printable(commit))\(changes)")
        }
        if let finished = provenance.finished { terminal.line("  at \(JSONValue.printable(finished))") }
    }
}
