package import Spec

/// What hauban.yaml says and a deploy to containers by hauban itself does not do: refused, or set aside in writing.
///
/// A court beside ``Policies`` and ``Guidelines``: its findings stand between a file that is right and a deploy. Who renders the
/// platform and deploys the files with other tools is not concerned, so that `check` tells them as notes.
package enum DeployGaps {
    /// Those of one environment, as errors, and what its waivers set aside; none where nothing runs in containers.
    /// - Parameter today: the day that waivers are judged by.
    package static func judge(
        _ parsed: ParsedPlatform, in environment: EnvironmentName, today: CalendarDate
    ) -> Judgement {
        let contexts = Policies.contexts(parsed, today: today, files: nil, duty: nil)
        guard let context = contexts.first(where: { $0.environment == environment }) else {
            return Judgement(diagnostics: [], waived: [])
        }
        var desk = WaiverDesk(context, isWhole: contexts.allSatisfy(\.gaps.isEmpty), court: .deploys)
        var judgement = Judgement(diagnostics: [], waived: [])
        for finding in DeployRule.all.flatMap({ $0.findings(context, severity: .error) }) {
            if let waiver = desk.waiver(for: finding) {
                judgement.waived.append(Judgement.Waived(finding: finding, waiver: waiver))
            } else {
                judgement.diagnostics.append(finding)
            }
        }
        judgement.diagnostics = judgement.diagnostics.ordered
        return judgement
    }

    /// Those of every environment, as notes, and the waivers of such rules that set nothing aside.
    package static func notes(_ parsed: ParsedPlatform, today: CalendarDate) -> Judgement {
        let contexts = Policies.contexts(parsed, today: today, files: nil, duty: nil)
        guard let first = contexts.first else { return Judgement(diagnostics: [], waived: []) }
        var desk = WaiverDesk(first, isWhole: contexts.allSatisfy(\.gaps.isEmpty), court: .deploys)
        var docket = Docket(parsed: parsed, contexts: contexts.map(\.environment))
        for context in contexts {
            for finding in DeployRule.all.flatMap({ $0.findings(context, severity: .note) }) {
                docket.add(finding, in: context.environment, reach: .environment, waiver: desk.waiver(for: finding))
            }
        }
        let (findings, waived) = docket.close()
        return Judgement(diagnostics: (findings + desk.findings()).ordered, waived: waived)
    }
}
