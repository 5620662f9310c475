import Spec

extension Guideline {
    static let sloWithoutAlert = Guideline(
        id: "slo-without-alert",
        title: "A promise whose breaking wakes nobody",
        reason:
            "With the Prometheus stack a promise brings its own burn-rate alerts, which go to the owner's schedule. "
            + "With the cloud's own monitoring, or without such a schedule, nobody hears of it before the users.",
        fix: "Add an alert on `errors`, `availability` or a latency of the service, or name `owner: {oncall: "
            + "primary}`.",
        serves: ["SF-21", "SF-22", "CE-3.1"], levels: .production(.warning),
        judge: .platform { context in
            let platform = context.platform
            let isToldOf = platform.telemetry.stack == .prometheus && platform.owner?.oncall != nil
            guard !isToldOf, context.isWhole("alerts"), context.isKnown("owner.oncall", "telemetry.stack") else {
                return []
            }
            var watched: Set<String> = []
            var texts: [String] = []
            for alert in platform.alerts.values {
                switch alert.trigger {
                case .promql(let text): texts.append(text)
                case .condition(let condition):
                    switch condition.signal {
                    case .errors, .availability, .p50, .p95, .p99: condition.target.map { _ = watched.insert($0.text) }
                    default: break
                    }
                }
            }
            return context.services.compactMap { name, service in
                guard service.slo != nil, context.isKnown(.service(name, "slo")), !watched.contains(name.text),
                    !texts.contains(where: { $0.contains(name.text) })
                else { return nil }
                return context.flag("no alert watches what `\(name)` promises", at: .service(name, "slo"), .key)
            }
        },
        bad: """
            services:
              api:
                source: api
                run: ./api
                port: 80
                health: {ready: /health, live: /live}
                size: {cpu: 1}
                scale: 2
                slo: {availability: 99.5%}
            telemetry: {stack: cloud}
            alerts:
              up: {when: up(api) < 1, for: 5m, level: low}
            environments: {prod: {target: kubernetes}}
            """,
        good: """
            services:
              api:
                source: api
                run: ./api
                port: 80
                health: {ready: /health, live: /live}
                size: {cpu: 1}
                scale: 2
                slo: {availability: 99.5%}
            telemetry: {stack: cloud}
            alerts:
              errors: {when: errors(api) > 1%, for: 5m, level: low}
            environments: {prod: {target: kubernetes}}
            """)
}
