import ArgumentParser
import ControlPlane
import World

struct AuditCheckCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "check", abstract: "Finds the first place where the audit log is not what was written.",
        discussion: """
            Reads the control plane's folder, whether it runs or not, and changes nothing. Each line has the hash of the \
            one before: what was changed, taken out, put in or moved is found, and with the end that is kept beside the \
            log also what was cut off. Who can write to the folder can write a whole new log: note the end that is \
            printed somewhere else now and then, and give it with --end. Ends with 1 when something is wrong.

            EXAMPLES
              hauban audit check
              hauban audit check --data /var/lib/hauban/plane --json
              hauban audit check --end "42 5f0c…"
            """)

    @Option(
        help: ArgumentHelp(
            "The folder of this machine's control plane; control-plane below the state folder by default.",
            valueName: "path"))
    var data: String?
    @Option(help: "An end that an earlier check printed: the log must have passed through it.") var end: String?
    @Flag(help: "Print JSON.") var json = false

    func validate() throws {
        guard end.map({ AuditChain(parsing: $0) != nil }) ?? true else {
            throw ValidationError("--end takes a number and a hash, as a check prints them")
        }
    }

    func run() async throws {
        let report = try AuditReader.check(
            path: (data ?? LocalAccess.usualFolder) + "/plane.sqlite", noted: end.flatMap { AuditChain(parsing: $0) })
        let terminal = Terminal(environment: ProcessEnvironment.all)
        if json {
            terminal.line(try MachineOutput.text(AuditText.Document(report)))
        } else {
            for line in AuditText.lines(report, .machine) { terminal.line(line) }
        }
        if report.finding != nil { throw ExitCode(1) }
    }
}
