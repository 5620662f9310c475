import Spec

extension Guideline {
    static let stagingNotCompared = Guideline(
        id: "staging-not-compared",
        title: "A staging that nobody compares",
        reason: "What is tried in staging says something about production only as far as both are the same. Where "
            + "nothing says that they should be, they drift apart unseen.",
        fix: "Add `like: prod`: every difference but size is then shown.",
        serves: ["CE-2.5"], levels: .production(.note, staging: .note),
        judge: .platform { context in
            guard let name = context.environment, context.purpose == .staging, context.settings?.like == nil,
                context.isKnown(.environment(name, "like")),
                context.platform.environments.keys.contains(where: { context.platform.purpose(of: $0) == .production })
            else { return [] }
            return [context.flag("`\(name)` is compared with no production", at: .environment(name), .key)]
        },
        bad: """
            environments:
              staging: {target: docker, branch: main}
              prod: {target: docker, tag: v*}
            """,
        good: """
            environments:
              staging: {target: docker, branch: main, like: prod}
              prod: {target: docker, tag: v*}
            """)
}
