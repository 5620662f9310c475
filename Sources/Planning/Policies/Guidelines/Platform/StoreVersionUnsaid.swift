import Spec

extension Guideline {
    static let storeVersionUnsaid = Guideline(
        id: "store-version-unsaid",
        title: "A data store of any version",
        reason: "The files of one major version cannot be read by the next. Without `version` the day on which a "
            + "default moves decides when yours does.",
        fix: "Write the major version that runs today: `version: 17`.",
        serves: ["PA-02", "SF-06"], levels: .production(.warning, staging: .note),
        judge: .platform { context in
            context.resources.compactMap { name, resource in
                guard resource.kind == .postgres || resource.kind == .redis, resource.version == nil,
                    context.isKnown(.resource(name, "version"))
                else { return nil }
                return context.flag("`\(name)` has no `version`", at: .resource(name), .key)
            }
        },
        bad: """
            resources: {cache: {kind: redis}}
            environments: {prod: {target: docker}}
            """,
        good: """
            resources: {cache: {kind: redis, version: 7}}
            environments: {prod: {target: docker}}
            """)
}
