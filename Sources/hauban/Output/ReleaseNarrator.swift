import Delivery
import Planning
import Spec

/// Tells a release as it happens, a line a step.
struct ReleaseNarrator: Sendable {
    let terminal: Terminal
    /// `cognitive-sprint to dev`.
    let what: String

    func tell(_ event: ReleaseEvent) {
        switch event {
        case .recovering(let release, let intent):
            terminal.line(terminal.paint("found \(release) interrupted: \(intent)", .yellow))
        case .planned(let plan):
            if plan.isEmpty {
                terminal.line("\(what): nothing to do")
            } else {
                terminal.line("\(what): \(plan.summary)")
            }
        case .began(let release): terminal.line(terminal.paint("release \(release)", .bold))
        case .stepBegan(let step): terminal.bottom("  … \(step.line)")
        case .stepEnded(let step, let took, let note): row("✓", .green, step.line, took, note)
        case .stepFailed(let step, let took, let failure):
            row("✗", .red, step.line, took, nil)
            terminal.line(terminal.paint("    \(failure.text) [\(failure.code)]", .red))
            if let hint = failure.hint { terminal.line("    hint: \(hint)") }
        case .watched(let elapsed, let window, let signals):
            terminal.bottom("  … watch \(Words.time(elapsed)) of \(Words.time(window)): " + figures(signals))
        case .held(let step, let elapsed, let window, let new, let old, let isMilestone):
            let names = step.target.names.joined(separator: ", ")
            let line =
                "  … \(names) at \(step.share.map { "\($0)" } ?? "its share"), \(Words.time(elapsed)) of "
                + "\(Words.time(window)): " + figures(new) + (old.isEmpty ? "" : "; old release: " + figures(old))
            if terminal.redraws { terminal.bottom(line) } else if isMilestone { terminal.line(line) }
        case .returning(let failure):
            terminal.clearBottom()
            if case .cancelled = failure { terminal.line(terminal.paint("returning: \(failure.text)", .yellow)) }
        case .undoBegan(let step): terminal.bottom("  … \(step.line)")
        case .undoEnded(let step, let took, let note): row("↩", .yellow, step.line, took, note)
        case .undoFailed(let step, let message):
            terminal.clearBottom()
            terminal.line(terminal.paint("  ✗ \(step.line): \(message)", .red))
        case .logTail(let service, let lines):
            terminal.line("  the last lines of \(service):")
            for line in lines { terminal.line(terminal.paint("    | \(line)", .dim)) }
        case .ended: terminal.clearBottom()
        }
    }

    private func figures(_ signals: [ServiceSignals]) -> String {
        signals.map { signal in
            "\(signal.service) \(Words.count(signal.requests, "request")), \(Words.share(signal.errorShare)) errors"
                + (signal.p95.map { ", p95 \(Words.time($0))" } ?? "")
        }.joined(separator: "; ")
    }

    private func servedBefore(_ report: ReleaseReport) -> Bool {
        guard let plan = report.plan else { return true }
        return !plan.unchanged.isEmpty || plan.steps.contains { $0.action == .build && $0.reason != .new }
    }

    private func row(_ mark: String, _ style: Terminal.Style, _ text: String, _ took: Duration, _ note: String?) {
        terminal.clearBottom()
        let time = Words.time(took)
        let pad = String(repeating: " ", count: max(1, 52 - text.count))
        terminal.line(
            "  \(terminal.paint(mark, style)) \(text)\(pad)\(time)"
                + (note.map { "  " + terminal.paint($0, .dim) } ?? ""))
    }

    /// The last line: what became of it.
    func conclude(_ report: ReleaseReport, took: Duration, address: String?) {
        let name = report.release.map { "\($0) " } ?? ""
        let time = " after \(Words.time(took))"
        switch report.verdict {
        case .kept(let notes):
            terminal.line(terminal.paint("kept \(name)", .green) + "\(what)\(time)" + (address.map { ": \($0)" } ?? ""))
            for note in notes { terminal.line("  note: \(note)") }
        case .unchanged: terminal.line("unchanged: \(what) is as declared" + (address.map { ": \($0)" } ?? ""))
        case .returned(let failure):
            terminal.line(
                terminal.paint("returned \(name)", .yellow) + "\(what)\(time): \(failure.text) [\(failure.code)]")
            terminal.line(
                servedBefore(report) ? "  what served before serves." : "  nothing served before, and nothing does.")
        case .refused(let refusal): terminal.line(terminal.paint("refused: ", .red) + refusal.text)
        case .failed(let failure, let left):
            terminal.line(terminal.paint("failed \(name)", .red) + "\(what)\(time): \(failure.text) [\(failure.code)]")
            for one in left { terminal.line("  not restored: \(one)") }
            terminal.line("  hint: `hauban status` shows what runs; `hauban deploy` or `hauban rollback` tries again.")
        }
    }
}
