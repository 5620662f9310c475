import Spec

extension Guideline {
    static let workflowUntrustedCheckout = Guideline(
        id: "workflow-untrusted-checkout",
        title: "Code of strangers with your token",
        reason: "`pull_request_target` and `workflow_run` run with the token and secrets of the repository. A checkout "
            + "of what was sent in puts a stranger's scripts beside them.",
        fix: "Use `pull_request` for what runs their code; keep `pull_request_target` for what only reads the title "
            + "or sets a label.",
        serves: ["SF-13", "SF-16"], levels: .everywhere(.error),
        judge: .workflow { file in
            guard file.events.contains(where: { $0.name == "pull_request_target" || $0.name == "workflow_run" }) else {
                return []
            }
            return file.jobs.flatMap(\.steps).compactMap { step in
                guard let uses = step.entry("uses")?.value, case .scalar(let action, _) = uses.value,
                    action.hasPrefix("actions/checkout@")
                else { return nil }
                for key in ["ref", "repository"] {
                    guard let value = step.at("with", key), case .scalar(let text, _) = value.value else { continue }
                    let marks = [
                        "github.event.pull_request.head", "github.head_ref", "github.event.workflow_run.head",
                        "refs/pull/",
                    ]
                    if marks.contains(where: text.contains) {
                        return file.flag("a stranger's code is checked out beside the secrets", at: value.span)
                    }
                }
                return nil
            }
        },
        bad: """
            on: pull_request_target
            permissions: {}
            jobs:
              test:
                runs-on: ubuntu-24.04
                timeout-minutes: 10
                steps:
                  - uses: actions/checkout@08c6903cd8c0fde910a37f88322edcfb5dd907a8 # v5.0.0
                    with: {ref: "${{ github.event.pull_request.head.sha }}", persist-credentials: false}
            """,
        good: """
            on: pull_request
            permissions: {}
            jobs:
              test:
                runs-on: ubuntu-24.04
                timeout-minutes: 10
                steps:
                  - uses: actions/checkout@08c6903cd8c0fde910a37f88322edcfb5dd907a8 # v5.0.0
                    with: {persist-credentials: false}
            """)
}
