import ArgumentParser
import Delivery
import FoundationEssentials
import Planning
import Spec
import World

/// Runs a release in the foreground: tells it, heeds Ctrl-C, and exits with its verdict.
enum ReleaseRun {
    /// - Throws: `ExitCode` with the verdict's code unless the release was kept.
    static func perform(
        _ session: RunningEnvironment, _ terminal: Terminal, json: Bool,
        _ verb: @escaping @Sendable (ReleaseExecutor) async throws -> ReleaseReport
    ) async throws {
        let (report, outcome) = try await concluded(session, terminal, quiet: json, verb)
        if json { terminal.line(try MachineOutput.text(outcome)) }
        if report.verdict.exitCode != 0 { throw ExitCode(report.verdict.exitCode) }
    }

    /// The same without an exit; with `quiet` nothing is printed but complaints.
    static func concluded(
        _ session: RunningEnvironment, _ terminal: Terminal, quiet: Bool,
        _ verb: @escaping @Sendable (ReleaseExecutor) async throws -> ReleaseReport
    ) async throws -> (ReleaseReport, Outcome) {
        let narrator = ReleaseNarrator(terminal: terminal, what: session.title)
        let teller = ReleaseTeller(session.place, platform: session.platform, environment: session.name)
        let start = ContinuousClock.now
        let report: ReleaseReport
        do {
            report = try await Interruption.heard {
                let executor = try session.executor { event in
                    teller.hear(event)
                    if !quiet { narrator.tell(event) }
                }
                return try await verb(executor)
            }
        } catch {
            _ = await teller.finish()
            throw error
        }
        let took = start.duration(to: .now)
        let address = await session.engine.publicAddress()
        if !quiet {
            narrator.conclude(report, took: took, address: address)
            for note in session.engine.notes { terminal.line("  note: \(note)") }
        }
        if let note = await teller.finish() { terminal.complain("hauban: note: \(note)") }
        return (report, Outcome(report, took: took, address: address, notes: session.engine.notes))
    }

    /// The verdict for programs.
    struct Outcome: Encodable {
        let release: String?
        let verdict: String
        let reason: String?
        let notes: [String]
        let code: String?
        let hint: String?
        /// What could not be restored, of a failed release.
        let left: [String]?
        let seconds: Double
        let address: String?
        let plan: Plan?
        let logs: [String: [String]]

        init(_ report: ReleaseReport, took: Duration, address: String?, notes told: [String]) {
            release = report.release.map { "\($0)" }
            verdict = report.verdict.code
            reason = report.verdict.reason
            if case .kept(let notes) = report.verdict { self.notes = notes + told } else { notes = told }
            switch report.verdict {
            case .returned(let failure):
                (code, hint, left) = (failure.code, failure.hint, nil)
            case .failed(let failure, let left): (code, hint, self.left) = (failure.code, failure.hint, left)
            case .kept, .unchanged, .refused: (code, hint, left) = (nil, nil, nil)
            }
            seconds = took / .seconds(1)
            self.address = address
            plan = report.plan
            logs = Dictionary(report.logTails.map { ($0.service.text, $0.lines) }) { first, _ in first }
        }
    }
}

/// The commit of a work tree, as a label for the history.
enum GitLabel {
    static func read(_ folder: String) async -> String {
        let command = Command(
            arguments: ["git", "-C", folder, "describe", "--always", "--dirty", "--tags"],
            environment: ProcessEnvironment.host, workingDirectory: "/", deadline: .seconds(5))
        guard let result = try? await CommandRunner.live(command), result.isSuccess else { return "" }
        return String(result.output.prefix { !$0.isNewline })
    }
}
