import ArgumentParser
import Delivery
import FoundationEssentials
import Spec

struct LogsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "logs", abstract: "Shows what services wrote, or which requests they answered.",
        discussion: """
            EXAMPLES
              hauban logs dev api --last 50
              hauban logs dev --severity error --since 10m
              hauban logs dev --follow
              hauban logs dev --access api
            """)

    @Argument(help: "The environment, then the services; without a service all are shown.") var words: [String] = []
    @OptionGroup var file: FileOption
    @Option(help: "Only this release, such as r3.") var release: String?
    @Option(help: "Only this severity and above: debug, info, warning, error or critical.") var severity: String?
    @Option(help: "Only the last 10m, 2h, …") var since: String?
    @Option(help: "Most lines of the past.") var last: Int = 100
    @Flag(help: "Show the requests that the front door answered, instead of what services wrote.") var access = false
    @Flag(help: "Go on with new lines until Ctrl-C.") var follow = false
    @Flag(help: "Print each entry as a JSON object on a line.") var json = false

    func run() async throws {
        let terminal = Terminal(environment: ProcessEnvironment.all)
        let (session, services) = try RunningEnvironment.find(file, words: words, terminal)
        let query = try query(services: services, session)
        if access {
            try await showAccess(query, session, terminal)
            return
        }
        let printer = LogPrinter(terminal: terminal, json: json)
        guard follow else {
            for entry in try await session.engine.logs(query) { printer.print(entry) }
            return
        }
        try await Interruption.heard {
            for await entry in session.engine.followLogs(query) { printer.print(entry) }
        }
    }

    private func showAccess(_ query: LogQuery, _ session: RunningEnvironment, _ terminal: Terminal) async throws {
        if severity != nil { throw ValidationError("Requests have no severity.") }
        let reader = AccessLogReader(path: session.engine.accessLog)
        let query = AccessQuery(
            services: query.services, release: query.release, since: query.since, last: last)
        let printer = AccessPrinter(terminal: terminal, json: json)
        guard follow else {
            for entry in reader.read(query) { printer.print(entry) }
            return
        }
        try await Interruption.heard {
            for await entry in reader.follow(query) { printer.print(entry) }
        }
    }

    private func query(services: [String], _ session: RunningEnvironment) throws -> LogQuery {
        let known =
            session.services.map(\.text) + session.resources.map(\.text) + ["front-door"]
        for service in services where !known.contains(service) {
            let near = KeyHint.nearest(to: service, among: known).map { " Did you mean '\($0)'?" } ?? ""
            throw ValidationError("There is no service '\(service)'.\(near)")
        }
        let minimum = try severity.map { word in
            guard let severity = LogSeverity(word: word) else { throw ValidationError("'\(word)' is not a severity.") }
            return severity
        }
        let age = try since.map { text in
            guard let age = DurationText.parse(text) else {
                throw ValidationError("'\(text)' is not a duration; write 10m or 2h.")
            }
            return age
        }
        return LogQuery(
            services: services.isEmpty ? nil : Set(services), release: release, minimumSeverity: minimum,
            since: age.map { Date().addingTimeInterval(-($0 / .seconds(1))) }, last: last)
    }
}
