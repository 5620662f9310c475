import ArgumentParser

struct HostCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "host", abstract: "Prepares servers that run Docker.",
        discussion: """
            EXAMPLES
              hauban host prepare --check root@shop.example
              hauban host prepare root@shop.example --env prod
            """,
        subcommands: [HostPrepare.self])
}
