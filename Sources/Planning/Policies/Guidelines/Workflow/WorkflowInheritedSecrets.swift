import Spec

extension Guideline {
    static let workflowInheritedSecrets = Guideline(
        id: "workflow-inherited-secrets",
        title: "Every secret for a workflow of others",
        reason:
            "`secrets: inherit` hands all secrets of the repository to the workflow that is called, also those that "
            + "are added later.",
        fix: "Name those that it needs: `secrets: {token: \"${{ secrets.NPM_TOKEN }}\"}`.",
        serves: ["SF-13", "PA-03"], levels: .everywhere(.warning),
        judge: .workflow { file in
            file.jobs.compactMap { job in
                guard let secrets = job.node.entry("secrets")?.value, case .scalar("inherit", _) = secrets.value,
                    let uses = job.node.entry("uses")?.value, case .scalar = uses.value
                else { return nil }
                return file.flag("`\(job.name)` hands over every secret", at: secrets.span)
            }
        },
        bad: """
            on: push
            permissions: {}
            jobs:
              test:
                uses: ./.github/workflows/test.yml
                secrets: inherit
            """,
        good: """
            on: push
            permissions: {}
            jobs:
              test:
                uses: ./.github/workflows/test.yml
                secrets: {token: "${{ secrets.NPM_TOKEN }}"}
            """)
}
