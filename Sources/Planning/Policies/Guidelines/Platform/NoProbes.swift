import Spec

extension Guideline {
    static let noProbes = Guideline(
        id: "no-probes",
        title: "A server of which nobody asks whether it is ready",
        reason: "Without `health` only the port is tried: a replica that listens and cannot answer, because its "
            + "database is away or it has not warmed up, gets traffic, and a release of it is kept.",
        fix: "Give it a path that looks at what it needs: `health: {ready: /health, live: /live}`.",
        serves: ["CS-04", "IP-03", "CE-1.3"], levels: .production(.warning, staging: .warning, development: .note),
        judge: .platform { context in
            context.services.compactMap { name, service in
                guard service.port != nil, service.health == nil,
                    context.isKnown(.service(name, "health"), .service(name, "port"))
                else { return nil }
                return context.flag("`\(name)` answers requests and has no `health`", at: .service(name, "port"), .key)
            }
        },
        bad: """
            services:
              api: {source: api, run: ./api, port: 8080, metrics: /metrics}
            """,
        good: """
            services:
              api: {source: api, run: ./api, port: 8080, metrics: /metrics, health: {ready: /health, live: /live}}
            """)
}
