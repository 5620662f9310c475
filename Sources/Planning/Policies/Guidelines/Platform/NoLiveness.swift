import Spec

extension Guideline {
    static let noLiveness = Guideline(
        id: "no-liveness",
        title: "A replica that stops working is never restarted",
        reason: "With `ready` alone a replica that hangs is taken out of traffic and stays there; when the last one "
            + "hangs, nothing answers any more.",
        fix: "Add `live`, a path that answers as long as the process itself is well, without asking the database: "
            + "`health: {ready: /health, live: /live}`.",
        serves: ["CS-04", "CE-1.3"], levels: .production(.note),
        judge: .platform { context in
            context.services.compactMap { name, service in
                guard let health = service.health, health.live == nil, case .http = health.ready,
                    context.isWhole(.service(name, "health"))
                else { return nil }
                return context.flag("`\(name)` has no `live`", at: .service(name, "health"), .key)
            }
        },
        bad: """
            services:
              api: {source: api, run: ./api, port: 80, health: /health, size: {cpu: 1}}
            environments: {prod: {target: docker}}
            """,
        good: """
            services:
              api: {source: api, run: ./api, port: 80, health: {ready: /health, live: /live}, size: {cpu: 1}}
            environments: {prod: {target: docker}}
            """)
}
