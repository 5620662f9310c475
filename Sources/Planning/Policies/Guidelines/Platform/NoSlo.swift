import Spec

extension Guideline {
    static let noSlo = Guideline(
        id: "no-slo",
        title: "Users were promised nothing",
        reason: "Without an objective nobody knows whether the last month was good, a release is watched against "
            + "defaults, and no error budget says when to stop adding features.",
        fix: "Promise what users need, not what is reached: `slo: {availability: 99.5%, latency: {p95: 1s}}`.",
        serves: ["PA-09", "SF-22"], levels: .production(.note),
        judge: .platform { context in
            context.services.compactMap { name, service in
                guard service.port != nil, !service.expose.isEmpty, service.slo == nil,
                    context.isKnown(.service(name, "slo"), .service(name, "expose"))
                else { return nil }
                return context.flag("`\(name)` serves the world and has no `slo`", at: .service(name), .key)
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
                expose: {path: /, rate: 20/s}
                smoke: [{get: /health}]
            alerts: {errors: {when: errors(api) > 1%, for: 5m, level: low}}
            environments: {prod: {target: docker}}
            """,
        good: """
            services:
              api:
                source: api
                run: ./api
                port: 80
                health: {ready: /health, live: /live}
                size: {cpu: 1}
                expose: {path: /, rate: 20/s}
                smoke: [{get: /health}]
                slo: {availability: 99.5%}
            alerts: {errors: {when: errors(api) > 1%, for: 5m, level: low}}
            environments: {prod: {target: docker}}
            """)
}
