import Spec

extension Guideline {
    static let noTerraformState = Guideline(
        id: "no-terraform-state",
        title: "Infrastructure that only one laptop knows",
        reason: "Without a bucket the state of Terraform lies beside it: whoever applies from elsewhere makes "
            + "everything a second time, and two at once break it.",
        fix: "Name a bucket: `state: shop-tfstate`; each environment has a prefix of its own in it.",
        serves: ["SF-02"], levels: .production(.error, staging: .warning, development: .warning),
        judge: .platform { context in
            guard let name = context.environment, let settings = context.settings,
                [.gcp, .aws].contains(settings.target),
                settings.state == nil, context.isKnown(.environment(name, "state"))
            else { return [] }
            return [context.flag("`\(name)` has no bucket for its Terraform state", at: .environment(name), .key)]
        },
        bad: """
            environments: {prod: {target: aws, budget: {month: 900 USD}}}
            """,
        good: """
            environments: {prod: {target: aws, budget: {month: 900 USD}, state: shop-tfstate}}
            """)
}
