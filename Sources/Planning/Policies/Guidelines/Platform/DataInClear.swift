import Spec

extension Guideline {
    static let dataInClear = Guideline(
        id: "data-in-clear",
        title: "Data that a stolen disk gives away",
        reason: "The clouds encrypt what they store; a disk of your own, and most storage classes of a cluster, do not "
            + "unless they are asked to.",
        fix: "Demand it: `encrypt: true`.",
        serves: ["PA-02", "CE-4.1"], levels: .production(.note),
        judge: .platform { context in
            guard let target = context.target, [.docker, .swarm, .kubernetes].contains(target) else { return [] }
            return context.resources.compactMap { name, resource in
                guard resource.kind == .postgres || resource.kind == .bucket, !resource.encrypt,
                    context.isKnown(.resource(name, "encrypt"))
                else { return nil }
                return context.flag("nothing demands that `\(name)` is encrypted at rest", at: .resource(name), .key)
            }
        },
        bad: """
            resources:
              db: {kind: postgres, version: 17, storage: 10Gi, backup: {every: 6h, rpo: 5m, rto: 30m, drill: weekly}}
            environments: {prod: {target: docker}}
            """,
        good: """
            resources:
              db: {kind: postgres, version: 17, storage: 10Gi, encrypt: true, backup: {every: 6h, rpo: 5m, rto: 30m, drill: weekly}}
            environments: {prod: {target: docker}}
            """)
}
