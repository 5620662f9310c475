import ArgumentParser

struct AuditCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "audit", abstract: "Checks the log of who changed what.",
        discussion: """
            EXAMPLES
              hauban audit check
            """,
        subcommands: [AuditCheckCommand.self])
}
