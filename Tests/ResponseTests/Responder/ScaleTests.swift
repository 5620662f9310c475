import Foundation
import Response
import Spec
import Testing

@Suite("The response at size")
struct ScaleTests {
    /// So many alerts, each in a group and with an end of its own.
    private func full(_ count: Int) -> Responder {
        var rules = Rulebook.example
        rules.routes[0].grouping = .each
        rules.routes[0].policy = nil
        rules.routes[0].timing = .init(wait: .seconds(30))
        var responder = Responder(rules: rules, now: Story.start)
        for first in stride(from: 0, to: count, by: 64) {
            _ = responder.event(.alerts((first..<min(first + 64, count)).map(report)), now: Story.start)
        }
        return responder
    }

    private func report(_ index: Int) -> AlertBook.Report {
        .init(
            labels: LabelSet([
                "alertname": "Down", "service": "s\(index % 50)", "pod": "p\(index)", "severity": "high",
            ]), endsAt: Story.start + .seconds(3600 + index % 600))
    }

    @Test("with 100,000 alerts active what is due is found without looking at the others")
    func due() {
        var responder = full(100_000)
        #expect(responder.book.firing == 100_000 && responder.groups.count == 100_000)
        #expect(responder.nextDue == Story.start + .seconds(30))
        // Time passes in which nothing is due: a scan of all would take longer than all the test.
        for step in 0..<50_000 {
            let actions = responder.event(.tick, now: Story.start + .milliseconds(step / 5))
            guard actions.isEmpty else { return #expect(actions.isEmpty) }
        }
        // Refreshes are no changes.
        for index in 0..<20_000 {
            let actions = responder.event(.alerts([report(index)]), now: Story.start + .seconds(20))
            guard actions.isEmpty else { return #expect(actions.isEmpty) }
        }
        #expect(responder.nextDue == Story.start + .seconds(30))
    }

    @Test("a storm of distinct alerts of many services opens an incident for each service, and pages within a limit")
    func storm() {
        var rules = Rulebook.example
        rules.policies["levels"] = EscalationPolicy(steps: [.init(after: .zero, deed: .tell("primary"))])
        var responder = Responder(rules: rules, now: Story.start)
        var pages = 0
        for first in stride(from: 0, to: 20_000, by: 100) {
            let actions = responder.event(
                .alerts((first..<first + 100).map(report)), now: Story.start + .milliseconds(first * 3))
            for action in actions { if case .send = action { pages += 1 } }
        }
        #expect(responder.incidents.count == 50 && pages == 6)
    }
}
