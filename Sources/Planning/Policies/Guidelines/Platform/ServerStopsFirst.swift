import Spec

extension Guideline {
    static let serverStopsFirst = Guideline(
        id: "server-stops-first",
        title: "A pause in every release",
        reason: "With `replace` the old replicas of a server stop before the new ones are ready: whoever asks in "
            + "between gets no answer.",
        fix: "Write `rollout: beside`, or leave it away; `replace` is for consumers that must not run twice.",
        serves: ["CE-1.4"], levels: .production(.warning, staging: .note),
        judge: .platform { context in
            context.services.compactMap { name, service in
                guard service.port != nil, service.rollout.way == .replace, context.isWhole(.service(name, "rollout"))
                else {
                    return nil
                }
                return context.flag("`\(name)` answers nobody while it is released", at: .service(name, "rollout"))
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
                rollout: replace
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
            environments: {prod: {target: docker}}
            """)
}
