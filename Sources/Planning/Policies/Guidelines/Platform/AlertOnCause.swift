import Spec

extension Guideline {
    static let alertOnCause = Guideline(
        id: "alert-on-cause",
        title: "A page for what users do not feel",
        reason: "Busy processors are what you pay for. Whoever is woken by them finds users well served, or would have "
            + "been woken by errors and latency anyway.",
        fix: "Page on `errors`, `availability` and latencies; let `cpu` and `memory` of a service be `medium` or "
            + "lower.",
        serves: ["SF-22"], levels: .production(.note),
        judge: .platform { context in
            context.platform.alerts.sorted { $0.key < $1.key }.compactMap { name, alert in
                let path = SpecPath(["alerts", name.text])
                guard alert.level == .critical, case .condition(let condition) = alert.trigger,
                    condition.signal == .cpu || condition.signal == .memory, let target = condition.target,
                    context.platform.services[target.cast()] != nil, context.isWhole(path)
                else { return nil }
                return context.flag(
                    "`\(name)` wakes somebody for `\(condition.signal.rawValue)` of `\(target)`", at: path, .key)
            }
        },
        bad: """
            owner: {oncall: primary}
            services: {api: {source: api, run: ./api, health: {exec: ./check}, size: {cpu: 1}}}
            alerts: {busy: {when: cpu(api) > 90%, for: 10m, level: critical, runbook: runbooks/busy.md}}
            oncall: {primary: {rotation: {people: [ana, ben]}, escalate: [{to: primary}, {after: 15m, to: ben}]}}
            environments: {prod: {target: docker}}
            """,
        good: """
            owner: {oncall: primary}
            services: {api: {source: api, run: ./api, health: {exec: ./check}, size: {cpu: 1}}}
            alerts: {busy: {when: cpu(api) > 90%, for: 10m, level: medium, runbook: runbooks/busy.md}}
            oncall: {primary: {rotation: {people: [ana, ben]}, escalate: [{to: primary}, {after: 15m, to: ben}]}}
            environments: {prod: {target: docker}}
            """)
}
