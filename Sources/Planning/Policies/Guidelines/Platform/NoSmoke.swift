import Spec

extension Guideline {
    static let noSmoke = Guideline(
        id: "no-smoke",
        title: "A release that nobody tries",
        reason: "Ready means that the process answers itself. Whether a user gets an answer through the edge, with the "
            + "data behind it, is only known when one is asked for.",
        fix: "Ask for something that needs the database: `smoke: [{get: /api/orders}]`.",
        serves: ["CS-06", "IP-07", "PA-15"], levels: .production(.warning, staging: .note),
        judge: .platform { context in
            context.services.compactMap { name, service in
                guard service.port != nil, !service.expose.isEmpty, service.smoke.isEmpty,
                    context.isKnown(.service(name, "smoke"), .service(name, "expose"))
                else { return nil }
                return context.flag("no release of `\(name)` is tried", at: .service(name), .key)
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
                slo: {availability: 99.5%}
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
