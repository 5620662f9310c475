import ArgumentParser
import Delivery
import FoundationEssentials
import Glibc
import Spec
import World

struct MaintenanceCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "maintenance", abstract: "Shows visitors a page instead of the services, for a while.",
        subcommands: [MaintenanceOnCommand.self, MaintenanceOffCommand.self])
}

struct MaintenanceOnCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "on", abstract: "Answers visitors 503 with a page, in English or French; the team may pass.",
        discussion: """
            Concerns public routes; services still reach each other, and releases, probes and smoke requests go on. Survives \
            a deploy and a restart of the front door. Called again it changes the end and the message and keeps the link.

            EXAMPLES
              hauban maintenance on --until 30m
              hauban maintenance on --env prod --service api --until 2026-11-21T14:30:00Z --message "New payments at 14:30."
            """)

    @Option(name: .customLong("env"), help: "The environment.") var environment: String?
    @Option(help: "Only the public routes of this service.") var service: String?
    @Option(help: "When it ends by itself: 30m from now, 14:30 on this machine's clock, or 2026-11-21T14:30:00Z.")
    var until: String?
    @Option(help: "What visitors read, in place of the usual sentence.") var message: String?
    @Option(help: "An HTML file to show in place of the usual page.") var page: String?
    @OptionGroup var file: FileOption
    @Flag(help: "Print JSON.") var json = false

    func run() async throws {
        let terminal = Terminal(environment: ProcessEnvironment.all)
        let session = try RunningEnvironment.find(file, environment, terminal)
        let service = try MaintenanceScope.service(service, session)
        let now = Date()
        let end = try until.map { text in
            guard let end = MomentText.parse(text, now: now) else {
                throw ValidationError(
                    "'\(text)' is not a moment; write 30m, 14:30 or 2026-11-21T14:30:00Z.")
            }
            guard end > now else { throw ValidationError("'\(text)' has passed already.") }
            return end
        }
        let begun = try await session.engine.beginMaintenance(
            of: service, until: end, message: message, page: try page.map(Self.document), now: now)
        if json {
            terminal.line(try MachineOutput.text(begun))
            return
        }
        let what = service.map { "\($0) of \(session.name)" } ?? "\(session.name)"
        let rest = end.map { " for \(Words.time(.seconds($0.timeIntervalSince(now))))" } ?? ""
        terminal.line("\(what): in maintenance\(rest); visitors are answered 503")
        if let link = begun.link { terminal.line("the team passes with \(link)") }
        terminal.line("programs pass with the field X-Hauban-Bypass: \(begun.token)")
    }

    private static func document(_ path: String) throws -> String {
        do {
            return String(decoding: try SmallFile.read(path, limit: 256 * 1024), as: UTF8.self)
        } catch let error as SystemError {
            throw error.during("read \(path)", hint: "A page is one HTML file of at most 256 KiB.")
        }
    }
}

struct MaintenanceOffCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "off", abstract: "Lets visitors in again.",
        discussion: """
            EXAMPLES
              hauban maintenance off
              hauban maintenance off --env prod --service api
            """)

    @Option(name: .customLong("env"), help: "The environment.") var environment: String?
    @Option(help: "Only the maintenance of this service.") var service: String?
    @OptionGroup var file: FileOption

    func run() async throws {
        let terminal = Terminal(environment: ProcessEnvironment.all)
        let session = try RunningEnvironment.find(file, environment, terminal)
        let service = try MaintenanceScope.service(service, session)
        let what = service.map { "\($0) of \(session.name)" } ?? "\(session.name)"
        let wasOn = try await session.engine.endMaintenance(of: service, now: Date())
        terminal.line(wasOn ? "\(what): visitors are let in again" : "\(what): was not in maintenance")
    }
}

/// What a maintenance is about.
enum MaintenanceScope {
    static func service(_ text: String?, _ session: RunningEnvironment) throws -> ServiceName? {
        guard let text else { return nil }
        let names = session.services
        guard let name = names.first(where: { $0.text == text }) else {
            let near = KeyHint.nearest(to: text, among: names.map(\.text)).map { " Did you mean '\($0)'?" } ?? ""
            throw ValidationError("There is no service '\(text)'.\(near)")
        }
        guard session.exposed.contains(name) else {
            throw ValidationError("'\(text)' has no public route, so no visitor would see its page.")
        }
        return name
    }
}
