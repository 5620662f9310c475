import Spec

extension Guideline {
    static let noAlerts = Guideline(
        id: "no-alerts",
        title: "A production that nobody watches",
        reason: "Without an alert and without an objective the first to know that it is down is a user.",
        fix: "Begin with what users feel: `alerts: {api-errors: {when: errors(api) > 1%, for: 5m, level: "
            + "critical}}`.",
        serves: ["CE-3.1", "SF-21"], levels: .production(.warning),
        judge: .platform { context in
            guard let name = context.environment, context.platform.alerts.isEmpty, context.isWhole("alerts"),
                context.services.contains(where: { $0.service.isServer }),
                !context.services.contains(where: { $0.service.slo != nil })
            else { return [] }
            return [context.flag("nothing in `\(name)` raises an alert", at: .environment(name), .key)]
        },
        bad: """
            owner: {oncall: primary}
            services:
              web: {source: web, site: {output: .}, expose: {path: /}}
            oncall: {primary: {rotation: {people: [ana, ben]}}}
            environments: {prod: {target: docker}}
            """,
        good: """
            owner: {oncall: primary}
            services:
              web: {source: web, site: {output: .}, expose: {path: /}}
            alerts: {errors: {when: errors(web) > 1%, for: 5m, level: high, runbook: runbooks/errors.md}}
            oncall: {primary: {rotation: {people: [ana, ben]}}}
            environments: {prod: {target: docker}}
            """)
}
