import ArgumentParser

struct IncidentLink: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "link", abstract: "Says where to read on about an incident.",
        discussion: """
            EXAMPLES
              hauban incident link i12 https://wiki.example.org/outage --title "What we know"
            """)

    @OptionGroup var target: IncidentTarget
    @Argument(help: "An http or https address.") var url: String
    @Option(help: "What is there; the address by default.") var title: String?

    func validate() throws {
        guard url.hasPrefix("https://") || url.hasPrefix("http://") else {
            throw ValidationError("'\(url)' is no http or https address")
        }
    }

    func run() async throws {
        try await target.act("links", ["url": url, "title": title ?? url], doing: "link something to")
    }
}
