import Spec

extension Guideline {
    static let alertWithoutRunbook = Guideline(
        id: "alert-without-runbook",
        title: "A page without a word of what to do",
        reason: "Whoever is woken at three must not have to find out first what the alert means, what may be tried and "
            + "whom to call.",
        fix: "Write a page of five lines and name it: `runbook: runbooks/api-errors.md`.",
        serves: ["CE-3.5", "SF-22", "PA-14"], levels: .production(.warning, staging: .note),
        judge: .platform { context in
            context.platform.alerts.sorted { $0.key < $1.key }.compactMap { name, alert in
                let path = SpecPath(["alerts", name.text])
                guard alert.level >= .high, alert.runbook == nil,
                    context.isKnown(path.appending("runbook"), path.appending("level"))
                else { return nil }
                return context.flag("the \(alert.level.rawValue) alert `\(name)` has no `runbook`", at: path, .key)
            }
        },
        bad: """
            owner: {oncall: primary}
            services:
              api: {source: api, run: ./api, health: {exec: ./check}, size: {cpu: 1}}
            alerts: {api-down: {when: up(api) < 1, for: 1m, level: high}}
            oncall: {primary: {rotation: {people: [ana, ben]}}}
            environments: {prod: {target: docker}}
            """,
        good: """
            owner: {oncall: primary}
            services:
              api: {source: api, run: ./api, health: {exec: ./check}, size: {cpu: 1}}
            alerts: {api-down: {when: up(api) < 1, for: 1m, level: high, runbook: runbooks/api-down.md}}
            oncall: {primary: {rotation: {people: [ana, ben]}}}
            environments: {prod: {target: docker}}
            """)
}
