import Spec

extension Guideline {
    static let workflowNoTimeout = Guideline(
        id: "workflow-no-timeout",
        title: "A job that may hang for six hours",
        reason: "A job without a bound is ended after six hours: it holds a runner, and whoever waits learns late that "
            + "it hangs.",
        fix: "Write `timeout-minutes: 15`, twice what it usually takes.",
        serves: ["SF-10", "IP-07"], levels: .everywhere(.note),
        judge: .workflow { file in
            file.jobs.compactMap { job in
                guard job.node.entry("runs-on") != nil, job.node.entry("timeout-minutes") == nil,
                    !job.steps.allSatisfy({ $0.entry("timeout-minutes") != nil })
                else { return nil }
                return file.flag("`\(job.name)` has no `timeout-minutes`", at: job.span)
            }
        },
        bad: """
            on: push
            permissions: {}
            jobs:
              test:
                runs-on: ubuntu-24.04
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
