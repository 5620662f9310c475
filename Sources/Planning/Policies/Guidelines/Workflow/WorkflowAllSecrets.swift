import Spec

extension Guideline {
    static let workflowAllSecrets = Guideline(
        id: "workflow-all-secrets",
        title: "Every secret in one variable",
        reason: "`toJSON(secrets)`, or a secret whose name is computed, hands all secrets to the step, and GitHub "
            + "cannot hide them one by one in its log.",
        fix: "Name the secret: `${{ secrets.NPM_TOKEN }}`.",
        serves: ["SF-13", "PA-03"], levels: .everywhere(.warning),
        judge: .workflow { file in
            file.source.lines.enumerated().compactMap { index, line in
                let text = line.lowercased().filter { $0 != " " }
                guard let expression = text.firstRange(of: "${{") else { return nil }
                let rest = text[expression.upperBound...]
                guard rest.contains("tojson(secrets)") || rest.contains("secrets[") && !rest.contains("secrets['")
                else { return nil }
                let place = Span(line: index + 1, column: 1)
                return file.flag(
                    "every secret is handed over", at: file.source.span(of: "secrets", within: place) ?? place)
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
                    env: {ALL: "${{ toJSON(secrets) }}"}
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
                    env: {TOKEN: "${{ secrets.NPM_TOKEN }}"}
            """)
}
