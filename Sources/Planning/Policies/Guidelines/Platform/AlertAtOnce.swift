import Spec

extension Guideline {
    static let alertAtOnce = Guideline(
        id: "alert-at-once",
        title: "A page for one bad second",
        reason: "Shares and latencies jump with every single slow request at night. Without `for` each jump wakes "
            + "somebody, who finds nothing, and who soon reads pages less carefully.",
        fix: "Let it hold first: `for: 5m`.",
        serves: ["SF-22"], levels: .production(.warning, staging: .note),
        judge: .platform { context in
            context.platform.alerts.sorted { $0.key < $1.key }.compactMap { name, alert in
                let path = SpecPath(["alerts", name.text])
                guard alert.level >= .high, alert.hold < .seconds(60), case .condition(let condition) = alert.trigger,
                    context.isWhole(path)
                else { return nil }
                switch condition.signal {
                case .errors, .availability, .p50, .p95, .p99, .cpu, .memory, .rate, .connections: break
                case .disk, .spend, .restarts, .lag, .logs, .up: return nil
                }
                return context.flag("`\(name)` pages as soon as \(condition.text)", at: path, .key)
            }
        },
        bad: """
            owner: {oncall: primary}
            services: {web: {source: web, site: {output: .}, expose: {path: /}}}
            alerts: {errors: {when: errors(web) > 1%, level: critical, runbook: runbooks/errors.md}}
            oncall: {primary: {rotation: {people: [ana, ben]}}}
            environments: {prod: {target: docker}}
            """,
        good: """
            owner: {oncall: primary}
            services: {web: {source: web, site: {output: .}, expose: {path: /}}}
            alerts: {errors: {when: errors(web) > 1%, for: 5m, level: critical, runbook: runbooks/errors.md}}
            oncall: {primary: {rotation: {people: [ana, ben]}}}
            environments: {prod: {target: docker}}
            """)
}
