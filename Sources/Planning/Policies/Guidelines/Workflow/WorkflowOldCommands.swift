import Spec

extension Guideline {
    static let workflowOldCommands = Guideline(
        id: "workflow-old-commands",
        title: "Commands that the log of any program may give",
        reason: "`ACTIONS_ALLOW_UNSECURE_COMMANDS` brings back `set-env` on the output: whatever a program prints may "
            + "set variables of later steps. It was taken away in 2020 for that.",
        fix: "Take it away and write to `$GITHUB_ENV`.",
        serves: ["SF-13"], levels: .everywhere(.error),
        judge: .workflow { file in
            file.variables.compactMap { name, value, span in
                guard name == "ACTIONS_ALLOW_UNSECURE_COMMANDS", ["true", "1"].contains(value.lowercased()) else {
                    return nil
                }
                return file.flag("whatever a program prints may set variables", at: span)
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
                  - run: make test
                    env: {ACTIONS_ALLOW_UNSECURE_COMMANDS: "true"}
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
