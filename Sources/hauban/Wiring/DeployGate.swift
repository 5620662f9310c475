import ArgumentParser
import Planning
import Spec

/// What a deploy would leave undone of what hauban.yaml says: refused before anything is touched, unless a waiver sets it aside.
struct DeployGate {
    private let judgement: Judgement
    private let waivers: [WaiverName: Waiver]
    private let source: SourceText
    private let name: EnvironmentName

    init(_ project: Project, _ session: Session) {
        judgement = DeployGaps.judge(project.parsed, in: session.name, today: Project.today())
        waivers = session.platform.waivers
        source = project.parsed.source
        name = session.name
    }

    /// Tells what is refused and what is set aside, on standard error.
    func tell(_ terminal: Terminal) {
        if !judgement.diagnostics.isEmpty {
            terminal.complain(TextReport(source: source, colour: terminal.colour).text(judgement.diagnostics))
            let count = Words.count(judgement.diagnostics.count, "finding")
            terminal.complain(
                "hauban: a deploy to \(name) would do less than \(source.name) says and is refused: \(count)")
        }
        for waived in judgement.waived {
            guard let waiver = waivers[waived.waiver] else { continue }
            terminal.complain(
                "note: \(waived.finding.message) [\(waived.finding.code)]: waived by \(waiver.owner) until "
                    + "\(waiver.expires) (\(waived.waiver))")
        }
    }

    /// Whether a deploy may begin.
    var isOpen: Bool { judgement.diagnostics.isEmpty }

    /// - Throws: `ExitCode` 1 after telling why, when a deploy may not begin.
    func pass(_ terminal: Terminal) throws {
        tell(terminal)
        if !isOpen { throw ExitCode(1) }
    }
}
