import Spec

extension Guideline {
    static let noStaging = Guideline(
        id: "no-staging",
        title: "A production without a place to try",
        reason: "Migrations, certificates, limits and secrets can only be tried where they are as in production. "
            + "Without such a place they are tried on users.",
        fix: "Add an environment with the same target, a domain and a branch of its own, and `like: prod`.",
        serves: ["CE-2.5", "SF-10"], levels: .production(.note),
        judge: .platform { context in
            guard let name = context.environment, context.isWhole("environments"), !context.services.isEmpty,
                !context.platform.environments.keys.contains(where: { context.platform.purpose(of: $0) == .staging })
            else { return [] }
            return [context.flag("nothing stands between the authors and `\(name)`", at: .environment(name), .key)]
        },
        bad: """
            services: {worker: {source: w, run: ./w, health: {exec: ./check}, size: {cpu: 1}}}
            environments: {prod: {target: docker, requires: {approval: 1}}}
            """,
        good: """
            services: {worker: {source: w, run: ./w, health: {exec: ./check}, size: {cpu: 1}}}
            environments:
              staging: {target: docker, branch: main, like: prod}
              prod: {target: docker, requires: {approval: 1}}
            """)
}
