import Spec

extension Guideline {
    static let noEscalation = Guideline(
        id: "no-escalation",
        title: "A page that stops with the first who sleeps",
        reason:
            "A telephone is silent, a train is in a tunnel. A page that nobody else gets after a quarter of an hour "
            + "is then no page.",
        fix: "Name a second one: `escalate: [{to: primary}, {after: 15m, to: team}]`.",
        serves: ["PA-12"], levels: .production(.warning),
        judge: .platform { context in
            guard let owner = context.platform.owner?.oncall, let schedule = context.platform.oncall[owner],
                context.isKnown("owner.oncall"), context.isWhole(SpecPath(["oncall", owner.text])),
                context.platform.alerts.values.contains(where: { $0.level >= .high })
            else { return [] }
            let goesOn = schedule.escalate.contains { step in
                if case .tell(let party) = step.deed { party.text != owner.text } else { false }
            }
            let people = Set(schedule.rotations.flatMap(\.rotation.people))
            // Where nobody else exists there is nobody to name.
            guard !goesOn, people.count + context.platform.teams.count > 1 else { return [] }
            return [
                context.flag(
                    "nobody else is told when `\(owner)` does not answer", at: SpecPath(["oncall", owner.text]), .key)
            ]
        },
        bad: """
            owner: {oncall: primary}
            services: {web: {source: web, site: {output: .}, expose: {path: /}}}
            alerts: {errors: {when: errors(web) > 1%, for: 5m, level: critical, runbook: runbooks/errors.md}}
            oncall: {primary: {rotation: {people: [ana, ben]}}}
            environments: {prod: {target: docker}}
            """,
        good: """
            owner: {oncall: primary}
            services: {web: {source: web, site: {output: .}, expose: {path: /}}}
            alerts: {errors: {when: errors(web) > 1%, for: 5m, level: critical, runbook: runbooks/errors.md}}
            oncall: {primary: {rotation: {people: [ana, ben]}, escalate: [{to: primary}, {after: 15m, to: shop}]}}
            teams: {shop: {people: [ana, ben]}}
            environments: {prod: {target: docker}}
            """)
}
