import Spec

extension Guideline {
    static let workflowWriteAll = Guideline(
        id: "workflow-write-all",
        title: "A token that may do everything",
        reason: "`write-all` gives every action and every script of the workflow the right to push, to publish and to "
            + "change releases.",
        fix: "Begin with `permissions: {}` and give each job what it needs: `permissions: {contents: read}`.",
        serves: ["SF-13", "CE-4.3"], levels: .everywhere(.error),
        judge: .workflow { file in
            // What every job says for itself is not the workflow's.
            let isInForce = file.jobs.contains { $0.node.entry("permissions") == nil }
            return ((isInForce ? [file.root] : []) + file.jobs.map(\.node)).compactMap { node in
                guard let permissions = node.entry("permissions")?.value,
                    case .scalar("write-all", _) = permissions.value
                else {
                    return nil
                }
                return file.flag("the token may write everything", at: permissions.span)
            }
        },
        bad: """
            on: push
            permissions: write-all
            jobs:
              test:
                runs-on: ubuntu-24.04
                timeout-minutes: 10
                steps:
                  - run: make test
            """,
        good: """
            on: push
            permissions: {}
            jobs:
              test:
                runs-on: ubuntu-24.04
                timeout-minutes: 10
                steps:
                  - run: make test
            """)
}
