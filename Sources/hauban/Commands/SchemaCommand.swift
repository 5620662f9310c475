import ArgumentParser
import Spec

struct SchemaCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "schema", abstract: "Prints the JSON Schema of hauban.yaml, for completion in editors.",
        discussion: """
            EXAMPLES
              hauban schema > hauban.schema.json
              hauban schema --reference > reference.md
            """)

    @Flag(help: "Print the reference of every key in Markdown instead.") var reference = false
    @Flag(help: "Print the catalogue of diagnostics in Markdown instead.") var diagnostics = false

    func run() async throws {
        let terminal = Terminal(environment: ProcessEnvironment.all)
        if reference {
            terminal.line(Reference.markdown())
        } else if diagnostics {
            terminal.line(DiagnosticCatalogue.markdown)
        } else {
            terminal.line(JSONSchema.document())
        }
    }
}
