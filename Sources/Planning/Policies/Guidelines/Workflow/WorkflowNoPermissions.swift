import Spec

extension Guideline {
    static let workflowNoPermissions = Guideline(
        id: "workflow-no-permissions",
        title: "A token with the rights of a default",
        reason: "Without `permissions` a job's token has what the repository or the organisation once chose, in older "
            + "ones the right to push.",
        fix: "Write `permissions: {}` at the top and what each job needs in it.",
        serves: ["SF-13", "CE-4.3"], levels: .everywhere(.warning),
        judge: .workflow { file in
            guard file.root.entry("permissions") == nil else { return [] }
            // A job that another workflow holds takes the caller's.
            return file.jobs.filter { $0.node.entry("permissions") == nil && !file.isOnlyCalled }.map { job in
                file.flag("`\(job.name)` says nothing of what its token may do", at: job.span)
            }
        },
        bad: """
            on: push
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
