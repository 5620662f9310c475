import ArgumentParser
import Delivery
import Planning
import World

/// One visit to a server: look, show, ask, act, look again.
struct HostVisit {
    enum Mode { case look, ask, act }

    let session: HostSession
    let wish: HostWish
    let terminal: Terminal
    let json: Bool

    /// What is installed may show more to do; more than this is a server that does not keep what it is told.
    private static let rounds = 3

    /// - Throws: `ExitCode` 2 when something is left to do, `WorldError`.
    func run(asks mode: Mode) async throws {
        let preparer = HostPreparer(session, account: wish.account)
        var plan = HostPlan(try await preparer.look(), wish)
        var done: [String] = []
        if !json { show(plan) }
        if mode != .look, !plan.steps.isEmpty, mode == .act || asks() {
            for _ in 0..<Self.rounds where !plan.steps.isEmpty {
                for (item, step) in plan.steps {
                    if !json { terminal.line("  \(item.area.rawValue): \(step.text)") }
                    try await preparer.take(step)
                    done.append(step.text)
                }
                plan = HostPlan(try await preparer.look(), wish)
            }
            if !json, !plan.isDone { show(plan) }
        }
        if json {
            terminal.line(try MachineOutput.text(HostReport(plan, of: session.name, done: done)))
        } else {
            terminal.line(HostText.summary(plan, of: session.name))
        }
        guard plan.isDone else { throw ExitCode(2) }
    }

    private func show(_ plan: HostPlan) {
        for line in HostText(terminal: terminal).lines(plan, of: session.name) { terminal.line(line) }
        terminal.line("")
    }

    private func asks() -> Bool {
        StandardOutput.write("Do this to \(session.name)? [y/N] ", to: 1)
        return ["y", "yes"].contains(readLine(strippingNewline: true)?.lowercased())
    }
}
