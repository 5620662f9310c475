import Spec

extension Guideline {
    static let wildcardPermissions = Guideline(
        id: "wildcard-permissions",
        title: "An account that may do everything",
        reason:
            "Hauban gives each service what its edges need and no more. A patch with a star, or with a role such as "
            + "owner, gives whoever breaks into one service the whole account.",
        fix: "Name the actions and what they are done to.",
        serves: ["SF-05", "CE-4.3"], levels: .production(.error, staging: .warning, development: .warning),
        judge: .platform { context in
            guard let name = context.environment, let settings = context.settings else { return [] }
            return settings.patch.sorted { $0.key < $1.key }.compactMap { target, text in
                let path = SpecPath.environment(name, "patch", target)
                guard let grant = PatchText(text.document).wildcard, context.isWhole(path) else { return nil }
                return context.flag("the patch for \(target) grants \(grant)", at: path, .key)
            }
        },
        bad: """
            environments:
              prod:
                target: aws
                state: shop-tfstate
                budget: {month: 900 USD}
                patch: {aws: {module.task_api: {statements: [{actions: ["*"], resources: ["*"]}]}}}
            """,
        good: """
            environments:
              prod:
                target: aws
                state: shop-tfstate
                budget: {month: 900 USD}
                patch: {aws: {module.task_api: {statements: [{actions: ["s3:GetObject"], resources: ["arn:aws:s3:::a/*"]}]}}}
            """)
}
