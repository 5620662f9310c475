import Spec

extension Guideline {
    static let workflowUnpinned = Guideline(
        id: "workflow-unpinned",
        title: "An action that its owner can change under you",
        reason: "A tag or branch of somebody else's repository is moved at will: whoever takes over that account runs "
            + "code in your workflow, with its token and secrets.",
        fix: "Pin the commit and keep the version behind it: `uses: "
            + "actions/checkout@08c6903cd8c0fde910a37f88322edcfb5dd907a8 # v5.0.0`.",
        serves: ["SF-13", "IP-08"], levels: .everywhere(.warning),
        judge: .workflow { file in
            file.uses.compactMap { uses in
                if uses.text.hasPrefix("./") || uses.text.hasPrefix("docker://") && uses.text.contains("@sha256:") {
                    return nil
                }
                let reference = uses.text.split(separator: "@", maxSplits: 1).dropFirst().first.map(String.init) ?? ""
                guard reference.count != 40 || !reference.allSatisfy(\.isHexDigit) else { return nil }
                return file.flag("`\(uses.text)` is not pinned to a commit", at: uses.span)
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
                  - uses: actions/checkout@v5
                    with: {persist-credentials: false}
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
