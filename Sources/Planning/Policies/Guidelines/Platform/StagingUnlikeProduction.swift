import Spec

extension Guideline {
    static let stagingUnlikeProduction = Guideline(
        id: "staging-unlike-production",
        title: "A staging that is another platform",
        reason:
            "An environment that must be `like` another one differs from it in more than its size: what passes here "
            + "proves nothing for there.",
        fix: "Move what both need into the base, or say in a waiver why they differ. `hauban check --parity` lists "
            + "each difference.",
        serves: ["CE-2.5"], levels: .production(.warning, staging: .warning, development: .note),
        judge: .platform { context in
            guard let name = context.environment, let other = context.settings?.like,
                context.isKnown(.environment(name, "like")), context.gaps.isEmpty
            else { return [] }
            let differences = ParityReport(context.parsed, of: name, like: other)?.differences ?? []
            guard !differences.isEmpty else { return [] }
            let shown = differences.prefix(8).map { difference in
                Diagnostic.Note(difference.text(name, other), at: difference.span)
            }
            let more = differences.count > 8 ? [Diagnostic.Note("and \(differences.count - 8) more", at: nil)] : []
            return [
                context.flag(
                    "`\(name)` differs from `\(other)` in \(differences.count) \(differences.count == 1 ? "way" : "ways") beyond size",
                    at: .environment(name, "like"), notes: shown + more)
            ]
        },
        bad: """
            services: {worker: {source: w, run: ./w, health: {exec: ./check}, size: {cpu: 1}}}
            environments:
              staging: {target: docker, branch: main, like: prod, services: {worker: {env: {MODE: fast}}}}
              prod: {target: docker, tag: v*, requires: {approval: 1}, services: {worker: {scale: 4}}}
            """,
        good: """
            services: {worker: {source: w, run: ./w, health: {exec: ./check}, size: {cpu: 1}, env: {MODE: fast}}}
            environments:
              staging: {target: docker, branch: main, like: prod}
              prod: {target: docker, tag: v*, requires: {approval: 1}, services: {worker: {scale: 4}}}
            """)
}
