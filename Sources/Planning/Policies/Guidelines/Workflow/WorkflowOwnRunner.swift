import Spec

extension Guideline {
    static let workflowOwnRunner = Guideline(
        id: "workflow-own-runner",
        title: "Code of strangers on your machine",
        reason: "A runner of your own keeps what a job leaves, and stands in your network. On a pull request of a "
            + "public repository that job is a stranger's.",
        fix: "Run pull requests on the host's runners, or on ones that are made anew for each job.",
        serves: ["SF-10", "PA-05"], levels: .everywhere(.warning),
        judge: .workflow { file in
            guard file.events.contains(where: { $0.name.hasPrefix("pull_request") }) else { return [] }
            return file.jobs.compactMap { job in
                guard let runner = job.node.entry("runs-on")?.value else { return nil }
                let words: [Node] = if case .list(let items) = runner.value { items } else { [runner] }
                guard
                    let own = words.first(where: {
                        if case .scalar("self-hosted", _) = $0.value { true } else { false }
                    })
                else {
                    return nil
                }
                return file.flag("`\(job.name)` runs pull requests on a machine of yours", at: own.span)
            }
        },
        bad: """
            on: pull_request
            permissions: {}
            jobs:
              test:
                runs-on: [self-hosted, linux]
                timeout-minutes: 10
                steps:
                  - run: make test
            """,
        good: """
            on: pull_request
            permissions: {}
            jobs:
              test:
                runs-on: ubuntu-24.04
                timeout-minutes: 10
                steps:
                  - run: make test
            """)
}
