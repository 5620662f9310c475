import Spec

extension Guideline {
    static let storeWithoutStandby = Guideline(
        id: "store-without-standby",
        title: "A promise that hangs on one server",
        reason: "A service that promises 99.9 % may be away for 43 minutes a month. The server of its database needs "
            + "longer than that to be replaced, so the promise is kept only while that server holds.",
        fix: "Add `standby: true` to the resource, or promise less.",
        serves: ["PA-13", "PA-01", "CE-5.1"], levels: .production(.warning),
        judge: .platform { context in
            guard let target = context.target, [.swarm, .kubernetes, .gcp, .aws].contains(target) else { return [] }
            var leaning: [EdgeName: ServiceName] = [:]
            for (name, service) in context.services {
                guard let promise = service.slo?.availability, promise.millionths >= 999_000 else { continue }
                for edge in service.uses.keys where leaning[edge] == nil { leaning[edge] = name }
            }
            return context.resources.compactMap { name, resource in
                guard resource.kind == .postgres || resource.kind == .redis, !resource.standby,
                    let service = leaning[name.cast()],
                    context.isKnown(.resource(name, "standby"))
                else { return nil }
                return context.flag(
                    "`\(service)` promises 99.9 % or more and leans on `\(name)`, which has no `standby`",
                    at: .resource(name), .key)
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
                uses: {cache: write}
                env: {CACHE_URL: "${cache.url}"}
                slo: {availability: 99.9%}
            resources: {cache: {kind: redis, version: 7}}
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
                uses: {cache: write}
                env: {CACHE_URL: "${cache.url}"}
                slo: {availability: 99.9%}
            resources: {cache: {kind: redis, version: 7, standby: true}}
            environments: {prod: {target: kubernetes}}
            """)
}
