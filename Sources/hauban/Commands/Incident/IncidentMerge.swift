import ArgumentParser

struct IncidentMerge: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "merge", abstract: "Says that an incident is the same as another, which goes on.",
        discussion: """
            EXAMPLES
              hauban incident merge i13 i12
            """)

    @OptionGroup var target: IncidentTarget
    @Argument(help: "The incident that goes on.") var into: String

    func validate() throws { _ = try IncidentTarget.id(into) }

    func run() async throws {
        try await target.act("merge", ["into": try IncidentTarget.id(into)], doing: "merge")
    }
}
