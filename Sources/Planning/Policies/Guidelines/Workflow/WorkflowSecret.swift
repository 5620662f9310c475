import Spec

extension Guideline {
    static let workflowSecret = Guideline(
        id: "workflow-secret",
        title: "A secret in a workflow",
        reason: "Whoever reads the repository reads it, and its history keeps it.",
        fix: "Put it under the repository's secrets and write `${{ secrets.NAME }}`; better, sign in by OIDC and "
            + "keep none. What stood here is known now: revoke it.",
        serves: ["SF-13", "IP-08"], levels: .everywhere(.error),
        judge: .workflow { file in
            let found = SecretForms.places(in: file.source).map { place in
                var finding = file.flag("this looks like \(place.kind)", at: place.span)
                finding.isSecret = true
                return finding
            }
            let lines = Set(found.compactMap(\.span?.line))
            return found
                + file.variables.compactMap { name, value, span in
                    guard SecretForms.isSecretName(name), !value.contains("${{"), value.count >= 4, value != "true",
                        value != "false",
                        !value.hasPrefix("/"), !lines.contains(span.line)
                    else { return nil }
                    var finding = file.flag("`\(name)` is written in plain text", at: span)
                    finding.isSecret = true
                    return finding
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
                    env: {API_TOKEN: correct-horse-battery}
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
                    env: {API_TOKEN: "${{ secrets.API_TOKEN }}"}
            """)
}
