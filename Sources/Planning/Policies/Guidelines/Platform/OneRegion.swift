import Spec

extension Guideline {
    static let oneRegion = Guideline(
        id: "one-region",
        title: "A promise that hangs on one region",
        reason: "99.95 % leaves 22 minutes a month. Regions of every cloud were away for hours, and nothing in one of "
            + "them brings the platform up in another.",
        fix: "Run in several, `regions: [europe-west1, europe-west4]`, or name an environment that takes over: "
            + "`failover: prod-second-cloud`.",
        serves: ["CE-5.1", "CE-5.5"], levels: .production(.note),
        judge: .platform { context in
            guard let name = context.environment, let settings = context.settings,
                [.kubernetes, .gcp, .aws].contains(settings.target), settings.regions.count < 2,
                settings.failover == nil,
                context.isKnown(.environment(name, "regions"), .environment(name, "failover")),
                // One that takes over for another is the second place.
                !context.platform.environments.values.contains(where: { $0.failover == name }),
                let promising = context.services.first(where: {
                    ($0.service.slo?.availability?.millionths ?? 0) >= 999_500
                }),
                let promise = promising.service.slo?.availability
            else { return [] }
            return [
                context.flag(
                    "`\(promising.name)` promises \(promise) in one region", at: .environment(name), .key,
                    notes: [context.note("promised here", at: .service(promising.name, "slo"))])
            ]
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
                slo: {availability: 99.95%}
            environments: {prod: {target: kubernetes, regions: [europe-west1]}}
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
                slo: {availability: 99.95%}
            environments: {prod: {target: kubernetes, regions: [europe-west1, europe-west4]}}
            """)
}
