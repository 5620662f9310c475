import Spec

extension Guideline {
    static let backupInOneRegion = Guideline(
        id: "backup-in-one-region",
        title: "Copies that burn with what they copy",
        reason: "A platform of several regions outlives the loss of one, and its data does not when all copies lie in "
            + "the first.",
        fix: "Name another region for a second copy: `backup: {region: europe-west4}`.",
        serves: ["CE-5.2"], levels: .production(.warning),
        judge: .platform { context in
            guard let name = context.environment, let regions = context.settings?.regions, regions.count > 1,
                context.isWhole(.environment(name, "regions"))
            else { return [] }
            return context.resources.compactMap { name, resource in
                guard let backup = resource.backup, backup.region == nil, context.isWhole(.resource(name, "backup"))
                else {
                    return nil
                }
                return context.flag("all copies of `\(name)` lie in one region", at: .resource(name, "backup"), .key)
            }
        },
        bad: """
            resources:
              db:
                kind: postgres
                version: 17
                storage: 10Gi
                encrypt: true
                backup: {every: 6h, rpo: 5m, rto: 30m, drill: weekly}
            environments: {prod: {target: kubernetes, regions: [europe-west1, europe-west4]}}
            """,
        good: """
            resources:
              db:
                kind: postgres
                version: 17
                storage: 10Gi
                encrypt: true
                backup: {every: 6h, rpo: 5m, rto: 30m, drill: weekly, region: europe-west4}
            environments: {prod: {target: kubernetes, regions: [europe-west1, europe-west4]}}
            """)
}
