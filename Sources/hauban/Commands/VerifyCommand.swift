import ArgumentParser
import Delivery
import FoundationEssentials
import Planning
import Spec
import World

struct VerifyCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "verify", abstract: "Asks whether what was deployed is as hauban.yaml says.",
        discussion: """
            Routes, closed ports, databases and caches, readiness, metrics, TLS, smoke requests, the flows of \
            `release.verify`, and the limits of `accept` over their time. A release of which something is not as it must be is \
            returned, and whoever is on call is told; with --no-return it is only looked at.

            Exits 0 when all is met, 1 when something is not met or could not be asked and nothing was done about it, 3 when \
            the release was returned and what served before serves again, 4 when it could not be begun or there is nothing \
            to return to, 5 when it could not be returned whole.

            EXAMPLES
              hauban verify dev
              hauban verify dev --no-return --json
            """)

    @OptionGroup var argument: EnvironmentArgument
    @OptionGroup var file: FileOption
    @Flag(name: .customLong("no-return"), help: "Only look: return nothing and tell nobody.") var noReturn = false
    @Option(help: ArgumentHelp("A Prometheus whose targets must all be up.", valueName: "url")) var prometheus: String?
    @Flag(help: "Print JSON.") var json = false

    func validate() throws {
        if let prometheus, !prometheus.hasPrefix("http://"), !prometheus.hasPrefix("https://") {
            throw ValidationError("--prometheus takes an address such as http://127.0.0.1:9090.")
        }
    }

    func run() async throws {
        let terminal = Terminal(environment: ProcessEnvironment.all)
        let project = try Project.checked(file, terminal)
        let session = try Session(project, argument.environment)
        let environment = RunningEnvironment(session)
        guard let engine = session.engine as? any VerifiedEngine else {
            throw WorldError(
                code: "target-unknown", operation: "verify \(session.name)",
                underlying: "this version cannot verify what runs on its target",
                hint: "`hauban status \(session.name)` shows what runs.")
        }
        let record = try await released(session, environment, terminal)
        let plan = VerificationPlan(record.desired, session.platform)
        let began = ContinuousClock.now
        let verifier = Verifier(plan, engine, settings(session))
        let facts = try await Deadline.run(plan.patience, for: "verify \(session.name)") {
            try await verifier.facts()
        }
        let report = VerificationJudge(plan).report(facts, release: record.id)
        let took = began.duration(to: .now)
        if !json { show(report, took, session, terminal) }
        var outcome: ReleaseRun.Outcome?
        var code: Int32 = report.verdict == .met ? 0 : 1
        if let reason = report.reason, !noReturn {
            if !json { terminal.line("returning \(record.id): \(reason)") }
            let release = record.id
            // Told before the way back begins: while a service switches, alerts about it are taken for its symptoms.
            try Journal.reading(path: session.place.journal).0.refuse(release, since: reason)
            await environment.tellReleases(terminal)
            let (returned, told) = try await ReleaseRun.concluded(environment, terminal, quiet: json) { executor in
                try await executor.rollback(insteadOf: release, since: reason)
            }
            outcome = told
            code = Self.code(returned.verdict)
        }
        if json { terminal.line(try MachineOutput.text(VerificationDocument(report, session, took, outcome))) }
        if code != 0 { throw ExitCode(code) }
    }

    /// What the way back came to: kept, it is what a returned release exits with.
    private static func code(_ verdict: Verdict) -> Int32 {
        switch verdict {
        case .kept, .unchanged: 3
        case .refused: 4
        case .returned, .failed: 5
        }
    }

    /// The release that serves; one that was interrupted is ended first.
    private func released(
        _ session: Session, _ environment: RunningEnvironment, _ terminal: Terminal
    ) async throws -> ReleaseRecord {
        let nothing = WorldError(
            code: "nothing-runs", operation: "verify \(session.name)", underlying: "nothing was deployed here",
            hint: "`hauban deploy \(session.name)` ships a release.")
        guard Folder.exists(session.place.state) else { throw nothing }
        let (executor, trouble) = try session.observer()
        if trouble == nil, try await executor.recover() != nil { await environment.tellReleases(terminal) }
        let (journal, _) = try Journal.reading(path: session.place.journal)
        if let open = try journal.open() {
            terminal.complain("hauban: release \(open.id) is under way; verify what it comes to")
            throw ExitCode(4)
        }
        guard let last = try journal.lastKept() else { throw nothing }
        return last
    }

    private func settings(_ session: Session) -> Verifier.Settings {
        var settings = Verifier.Settings(run: Self.word())
        settings.prometheus = prometheus
        if let probe = IncidentProbe(session) { settings.incident = { await probe.ask($0) } }
        let terminal = Terminal(environment: ProcessEnvironment.all)
        let isQuiet = json
        settings.progress = { fact in
            if !isQuiet { terminal.bottom("  … \(VerificationText.subject(of: fact))") }
        }
        return settings
    }

    /// A word that no other run has.
    private static func word() -> String {
        let letters = Array("abcdefghijklmnopqrstuvwxyz")
        return "v" + String((0..<10).map { _ in letters[Int.random(in: 0..<letters.count)] })
    }

    private func show(
        _ report: VerificationReport, _ took: Duration, _ session: Session, _ terminal: Terminal
    ) {
        terminal.clearBottom()
        terminal.line(terminal.paint("\(session.platform.name) \(session.name), release \(report.release)", .bold))
        for line in VerificationText.lines(report, terminal) { terminal.line(line) }
        let count = report.findings.count
        let words = "\(Words.count(count, "question")) in \(Words.time(took))"
        switch report.verdict {
        case .met: terminal.line(terminal.paint("met: ", .green) + "\(words)")
        case .notMet: terminal.line(terminal.paint("not met: ", .red) + "\(report.notMet.count) of \(words)")
        case .unknown:
            let unknown = report.findings.filter { $0.outcome == .unknown }.count
            terminal.line(
                terminal.paint("not known: ", .yellow)
                    + (count == 0 ? "there was nothing to ask" : "\(unknown) of \(words) could not be asked"))
        }
    }
}

/// What `hauban verify --json` prints.
struct VerificationDocument: Encodable {
    struct Finding: Encodable {
        var kind: String
        var subject: String
        var outcome: String
        var measured: String?
        var limit: String?
        var reason: String?
        var service: String?
        var at: String
        var seconds: Double
    }

    var platform: String
    var environment: String
    var release: String
    var verdict: String
    var seconds: Double
    var findings: [Finding]
    /// As `hauban rollback --json` prints it.
    var returned: ReleaseRun.Outcome?

    init(
        _ report: VerificationReport, _ session: Session, _ took: Duration, _ returned: ReleaseRun.Outcome?
    ) {
        platform = session.platform.name.text
        environment = session.name.text
        release = "\(report.release)"
        verdict = report.verdict.rawValue
        seconds = Self.seconds(took)
        findings = report.findings.map { finding in
            Finding(
                kind: finding.kind.rawValue, subject: finding.subject, outcome: finding.outcome.rawValue,
                measured: finding.measured, limit: finding.limit, reason: finding.reason,
                service: finding.service?.text, at: Timestamp.text(Date(timeIntervalSince1970: finding.at)),
                seconds: Self.seconds(finding.took))
        }
        self.returned = returned
    }

    private static func seconds(_ duration: Duration) -> Double { Double(Int(duration / .milliseconds(1))) / 1000 }
}
