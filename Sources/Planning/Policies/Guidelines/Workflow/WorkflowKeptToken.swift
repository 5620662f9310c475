import Spec

extension Guideline {
    static let workflowKeptToken = Guideline(
        id: "workflow-kept-token",
        title: "A token that stays in the folder",
        reason: "`actions/checkout` writes its token into `.git/config`, where every later step reads it, and from "
            + "where an artifact of the folder takes it along.",
        fix: "Write `with: {persist-credentials: false}`; steps that push take a token of their own.",
        serves: ["SF-13"], levels: .everywhere(.note),
        judge: .workflow { file in
            file.jobs.flatMap(\.steps).compactMap { step in
                guard let uses = step.entry("uses")?.value, case .scalar(let action, _) = uses.value,
                    action.hasPrefix("actions/checkout@")
                else { return nil }
                if let kept = step.at("with", "persist-credentials"), case .scalar(let text, _) = kept.value,
                    text.lowercased() == "false"
                {
                    return nil
                }
                return file.flag("the checkout keeps its token", at: uses.span)
            }
        },
        bad: """
            on: push
            permissions: {}
            jobs:
              test:
                runs-on: ubuntu-24.04
                timeout-minutes: 10
                steps:
                  - uses: actions/checkout@08c6903cd8c0fde910a37f88322edcfb5dd907a8 # v5.0.0
            """,
        good: """
            on: push
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
