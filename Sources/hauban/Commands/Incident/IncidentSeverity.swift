import ArgumentParser
import Spec

struct IncidentSeverity: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "severity", abstract: "Says how bad an incident is.",
        discussion: """
            EXAMPLES
              hauban incident severity i12 critical
            """)

    @OptionGroup var target: IncidentTarget
    @Argument(help: "critical, high, medium or low.") var level: String

    func validate() throws {
        guard Level(rawValue: level) != nil else {
            throw ValidationError(
                "'\(level)' is no severity: \(Level.allCases.map(\.rawValue).joined(separator: ", ")).")
        }
    }

    func run() async throws {
        try await target.act("severity", ["severity": level], doing: "change the severity of")
    }
}
