import Spec

extension Guideline {
    static let dataKeptForEver = Guideline(
        id: "data-kept-for-ever",
        title: "What users gave is kept for ever",
        reason: "A bucket that a service of the outside world writes into, and that forgets nothing, grows with every "
            + "user and holds what those who left gave.",
        fix: "Say after which time objects go: `keep: 365d`; or set this policy off for buckets that are the product "
            + "itself.",
        serves: ["PA-19", "SF-08"], levels: .production(.note),
        judge: .platform { context in
            let written = Set(
                context.services.filter { !$0.service.expose.isEmpty }.flatMap {
                    $0.service.uses.filter { $0.value == .write }.keys
                })
            return context.resources.compactMap { name, resource in
                guard resource.kind == .bucket, resource.keep == nil, written.contains(name.cast()),
                    context.isKnown(.resource(name, "keep"))
                else { return nil }
                return context.flag("`\(name)` forgets nothing", at: .resource(name), .key)
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
                uses: {uploads: write}
                env: {BUCKET: "${uploads.name}"}
                expose: {path: /, rate: 20/s}
                smoke: [{get: /health}]
                slo: {availability: 99.5%}
            resources: {uploads: {kind: bucket, versioned: true, encrypt: true}}
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
                uses: {uploads: write}
                env: {BUCKET: "${uploads.name}"}
                expose: {path: /, rate: 20/s}
                smoke: [{get: /health}]
                slo: {availability: 99.5%}
            resources: {uploads: {kind: bucket, versioned: true, encrypt: true, keep: 365d}}
            environments: {prod: {target: docker}}
            """)
}
