import Spec

extension Guideline {
    static let bucketOverwritten = Guideline(
        id: "bucket-overwritten",
        title: "Objects that are gone once they are written over",
        reason: "A slip in the code that writes a bucket replaces what users gave, and there is neither an older "
            + "version nor a copy to take it from.",
        fix: "Add `versioned: true`, or a `backup`.",
        serves: ["SF-08", "PA-13"], levels: .production(.warning),
        judge: .platform { context in
            let written = Set(context.services.flatMap { $0.service.uses.filter { $0.value == .write }.keys })
            return context.resources.compactMap { name, resource in
                guard resource.kind == .bucket, !resource.versioned, resource.backup == nil,
                    written.contains(name.cast()),
                    context.isKnown(.resource(name, "versioned"), .resource(name, "backup"))
                else { return nil }
                return context.flag("`\(name)` keeps neither versions nor copies", at: .resource(name), .key)
            }
        },
        bad: """
            services:
              api:
                source: api
                run: ./api
                health: {exec: ./check}
                size: {cpu: 1}
                uses: {uploads: write}
                env: {BUCKET: "${uploads.name}"}
            resources: {uploads: {kind: bucket}}
            environments: {prod: {target: docker}}
            """,
        good: """
            services:
              api:
                source: api
                run: ./api
                health: {exec: ./check}
                size: {cpu: 1}
                uses: {uploads: write}
                env: {BUCKET: "${uploads.name}"}
            resources: {uploads: {kind: bucket, versioned: true}}
            environments: {prod: {target: docker}}
            """)
}
