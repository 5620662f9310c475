import Spec

extension Guideline {
    static let branchShipsProduction = Guideline(
        id: "branch-ships-production",
        title: "Every push is a release to users",
        reason: "A branch moves with each merge, at any hour. A tag is a decision with a name, to which one can go "
            + "back.",
        fix: "Ship by a tag: `tag: v*`; let the branch ship staging.",
        serves: ["SF-10"], levels: .production(.note),
        judge: .platform { context in
            guard let name = context.environment, let settings = context.settings, settings.branch != nil,
                settings.tag == nil,
                settings.requires.approval == 0,
                context.isKnown(.environment(name, "branch"), .environment(name, "tag"))
            else { return [] }
            return [context.flag("a push ships `\(name)`", at: .environment(name, "branch"))]
        },
        bad: """
            environments: {prod: {target: docker, branch: main}}
            """,
        good: """
            environments: {prod: {target: docker, tag: v*}}
            """)
}
