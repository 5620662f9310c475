import ArgumentParser
import Response
import Spec
import World

struct AlertAdd: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "add", abstract: "Sends an alert, as a monitor would.",
        discussion: """
            Sent again with the same labels it is the same alert. It is over --for later, or when it was not sent again \
            within the control plane's resolve timeout.

            EXAMPLES
              hauban alert add DiskFull host=db1 --severity critical --summary "2% are left" --for 1h
            """)

    @Argument(help: "The alert's name.") var name: String
    @Argument(help: ArgumentHelp("Its other labels.", valueName: "label=value")) var labels: [String] = []
    @Option(help: "critical, high, medium or low.") var severity: String?
    @Option(help: "What is wrong, in a sentence.") var summary: String?
    @Option(name: .customLong("for"), help: "When it is over: 30m.") var lasting: Span?
    @OptionGroup var plane: PlaneOptions

    func validate() throws {
        guard !name.contains("=") else { throw ValidationError("The alert's name comes before its labels.") }
        for label in labels {
            guard let equals = label.firstIndex(of: "="), equals != label.startIndex else {
                throw ValidationError("'\(label)' is no label; write it as service=api.")
            }
        }
        if let severity, Level(rawValue: severity) == nil {
            throw ValidationError(
                "'\(severity)' is no severity: \(Level.allCases.map(\.rawValue).joined(separator: ", ")).")
        }
    }

    func run() async throws {
        var members: [JSONValue.Member] = [.init("alertname", .string(name))]
        for label in labels {
            let parts = label.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            members.append(.init(String(parts[0]), .string(String(parts[1]))))
        }
        if let severity { members.append(.init("severity", .string(severity))) }
        var alert: [JSONValue.Member] = [.init("labels", .object(members))]
        if let summary { alert.append(.init("annotations", .object([.init("summary", .string(summary))]))) }
        let clock = WallClock.machine
        let end = lasting.map { clock.now + $0.duration }
        // Without a beginning Alertmanager takes the end for it.
        if let end {
            alert.append(.init("startsAt", .string(clock.now.description)))
            alert.append(.init("endsAt", .string(end.description)))
        }
        let body = JSONValue.array([.object(alert)])
        _ = try await plane.with { client in
            try await client.ask("POST", ["api", "v2", "alerts"], body: body, doing: "send the alert \(name)")
        }
        let rest = end.map { ", over at \(clock.text($0))" } ?? ""
        Terminal(environment: ProcessEnvironment.all).line("\(([name] + labels).joined(separator: " ")): sent\(rest)")
    }
}
