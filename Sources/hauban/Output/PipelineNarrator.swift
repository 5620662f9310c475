import Delivery
import Glibc
import Planning
import Spec
import Synchronization
import World

/// Tells a pipeline as it runs: what is at work at the bottom of a terminal, a line for each step that ended; in a workflow of
/// GitHub each step's log is a group, and findings are annotations.
final class PipelineNarrator: Sendable {
    private struct State {
        var atWork: [StepID: ContinuousClock.Instant] = [:]
        var done = 0
        var all = 0
        var folder = ""
    }

    private let terminal: Terminal
    private let isQuiet: Bool
    private let isGitHub: Bool
    private let summaryFile: String?
    private let state = Mutex(State())

    init(terminal: Terminal, isQuiet: Bool, variables: [String: String]) {
        self.terminal = terminal
        self.isQuiet = isQuiet
        isGitHub = variables["GITHUB_ACTIONS"] == "true"
        summaryFile = variables["GITHUB_STEP_SUMMARY"].flatMap { $0.hasPrefix("/") ? $0 : nil }
    }

    func tell(_ news: PipelineNews) {
        state.withLock { state in
            switch news {
            case .began(let steps, let folder):
                state.all = steps
                state.folder = folder
            case .started(let step, let attempt):
                state.atWork[step.id] = .now
                if isQuiet { return }
                if !terminal.redraws {
                    terminal.line("  … \(step.id)" + (attempt > 1 ? ", attempt \(attempt)" : ""))
                }
                redraw(state)
            case .line: redraw(state)
            case .settled(let result):
                state.atWork[result.step.id] = nil
                state.done += 1
                if isQuiet { return }
                terminal.clearBottom()
                row(result)
                redraw(state)
            case .cancelling:
                if isQuiet { return }
                terminal.clearBottom()
                terminal.line(
                    terminal.paint("cancelling: what runs is asked to end, a second signal kills it", .yellow))
            case .finished: terminal.clearBottom()
            }
        }
    }

    private func redraw(_ state: State) {
        guard terminal.redraws, !isQuiet else { return }
        let now = ContinuousClock.now
        let names = state.atWork.sorted { $0.key < $1.key }.map { id, since in
            let seconds = Int(since.duration(to: now) / .seconds(1))
            return id.text + (seconds > 0 ? " \(seconds)s" : "")
        }
        terminal.bottom("  \(state.done)/\(state.all) … \(names.joined(separator: ", "))")
    }

    private func row(_ result: StepResult) {
        let (mark, style): (String, Terminal.Style) =
            switch result.outcome {
            case .passed: ("✓", .green)
            case .kept: ("=", .dim)
            case .failed, .late: ("✗", .red)
            case .skipped: ("-", .yellow)
            case .cancelled: ("-", .yellow)
            }
        let name = result.step.id.text
        let pad = String(repeating: " ", count: max(1, 44 - name.count))
        var tail: String
        switch result.outcome {
        case .passed: tail = Words.time(result.took)
        case .kept: tail = "unchanged"
        case .failed, .late, .skipped, .cancelled: tail = result.outcome.text
        }
        let note = PipelineReport.note(result)
        if result.outcome.isGood, !note.isEmpty { tail += "  " + terminal.paint(note, .dim) }
        if isGitHub, let log = result.log {
            terminal.line("::group::\(mark) \(name) (\(result.outcome.word), \(Words.time(result.took)))")
            // What a tool prints is not taken for commands to the runner.
            let token = ContentHash(of: [log, "\(getpid())", "\(UInt64.random(in: 0...UInt64.max))"]).short
            terminal.line("::stop-commands::\(token)")
            terminal.line(SmallFile.tail(log, bytes: 1 << 20))
            terminal.line("::\(token)::")
            terminal.line("::endgroup::")
        }
        terminal.line("  \(terminal.paint(mark, style)) \(name)\(pad)\(tail)")
        guard !isGitHub, !result.outcome.isGood else { return }
        for line in result.lastLines { terminal.line(terminal.paint("    | \(line)", .dim)) }
        if let log = result.log { terminal.line("    log: \(log)") }
    }

    /// The table, the verdict, and what GitHub shows beside them.
    func conclude(_ report: PipelineReport, _ outline: PipelineOutline) {
        if let summaryFile, let descriptor = Self.append(summaryFile) {
            StandardOutput.write(report.markdown, to: descriptor)
            close(descriptor)
        }
        if isQuiet { return }
        var table = TextTable(["STEP", "OUTCOME", "TIME", "REPORTS"])
        for row in report.rows { table.add(row) }
        terminal.line("")
        for line in table.lines { terminal.line(line) }
        for remark in report.remarks { terminal.line("note: \(remark)") }
        for file in report.result.steps.flatMap(\.artifacts) { terminal.line("kept: \(file)") }
        if isGitHub { for line in report.annotations { terminal.line(line) } }
        let result = report.result
        let bad = result.steps.count { !$0.outcome.isGood }
        let kept = result.steps.count { $0.outcome == .kept }
        let took = Words.time(result.took)
        switch result.verdict {
        case .passed:
            terminal.line(
                terminal.paint("passed", .green)
                    + ": \(Words.count(result.steps.count, "step")), \(kept) unchanged, after \(took)")
        case .failed:
            terminal.line(
                terminal.paint("failed", .red) + ": \(bad) of \(Words.count(result.steps.count, "step")) after \(took)")
        case .cancelled: terminal.line(terminal.paint("cancelled", .yellow) + " after \(took)")
        }
    }

    private static func append(_ path: String) -> Int32? {
        let descriptor = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0o644)
        return descriptor >= 0 ? descriptor : nil
    }
}
