import Spec

extension Guideline {
    static let singleReplica = Guideline(
        id: "single-replica",
        title: "One replica in production",
        reason: "A single replica is away whenever its machine is: an update of the node, a full disk, a crash. Where "
            + "several machines run the platform, two replicas cost little and lose nobody.",
        fix: "Ask for two at least: `scale: 2`, or `scale: {min: 2, max: 6, cpu: 70%}`.",
        serves: ["CE-1.2", "PA-13"], levels: .production(.warning),
        judge: .platform { context in
            // One machine gains nothing from a second replica; Cloud Run starts one for every request that finds none.
            guard let target = context.target, [.swarm, .kubernetes, .gcp, .aws].contains(target) else { return [] }
            return context.services.compactMap { name, service in
                let fewest = target == .gcp ? service.scale.max : service.scale.min
                guard service.port != nil, fewest == 1, context.isWhole(.service(name, "scale")) else { return nil }
                let path = SpecPath.service(name, "scale")
                let isWritten = context.isWritten(path)
                return context.flag(
                    "`\(name)` has one replica", at: isWritten ? path : .service(name), isWritten ? .value : .key)
            }
        },
        bad: """
            services:
              api: {source: api, run: ./api, port: 80, health: /health, size: {cpu: 1}}
            environments: {prod: {target: kubernetes}}
            """,
        good: """
            services:
              api: {source: api, run: ./api, port: 80, health: /health, size: {cpu: 1}, scale: 2}
            environments: {prod: {target: kubernetes}}
            """)
}
