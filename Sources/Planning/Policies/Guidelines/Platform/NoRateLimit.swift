import Spec

extension Guideline {
    static let noRateLimit = Guideline(
        id: "no-rate-limit",
        title: "A service that one client can take for itself",
        reason: "One script that asks in a loop, or one that tries passwords, takes all replicas and the database "
            + "behind them. The edge can refuse it before anything is computed.",
        fix: "Allow what a person needs: `expose: {path: /, rate: 20/s}`.",
        serves: ["PA-05"], levels: .production(.note),
        judge: .platform { context in
            context.services.compactMap { name, service in
                guard service.port != nil, context.isWhole(.service(name, "expose")),
                    service.expose.contains(where: { $0.rate == nil && !$0.filter })
                else { return nil }
                return context.flag(
                    "`\(name)` answers any client as often as it asks", at: .service(name, "expose"), .key)
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
                expose: {path: /}
                slo: {availability: 99.5%}
                smoke: [{get: /api/orders}]
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
                slo: {availability: 99.5%}
                smoke: [{get: /api/orders}]
            environments: {prod: {target: docker}}
            """)
}
