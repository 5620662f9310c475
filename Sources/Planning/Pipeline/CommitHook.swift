package import Spec

/// The hook that git runs before each commit on an author's machine (githooks(5), pre-commit).
package struct CommitHook: Sendable, Hashable {
    /// What tells ours from one that somebody wrote.
    package static let mark = "# Written by `hauban hooks install`."

    /// The stages that it runs.
    package let stages: [StageName]
    /// The folder of hauban.yaml below the top of the work tree; empty for the top itself.
    package let folder: String

    /// `before-commit`, else the search for secrets where the platform has that stage.
    ///
    /// - Returns: `nil` when there is nothing to run.
    package init?(_ pipeline: Pipeline, folder: String) {
        let secrets = pipeline.stages.filter { $0.text == Pipeline.Known.secrets.rawValue }
        stages = pipeline.beforeCommit.isEmpty ? secrets : pipeline.beforeCommit
        self.folder = folder
        if stages.isEmpty { return nil }
    }

    /// - Parameter program: absolute; taken where no `hauban` is on the PATH.
    package func text(program: String) -> String {
        var lines = [
            "#!/bin/sh", Self.mark,
            "# `hauban hooks remove` takes it away; `git commit --no-verify` passes it by once.", "set -eu",
        ]
        if !folder.isEmpty { lines.append("cd \(PipelineScripts.word(folder))") }
        if stages.contains(where: { $0.text == Pipeline.Known.secrets.rawValue }) {
            lines.append("# What is about to be committed, which need not be what lies in the folder.")
            lines.append("gitleaks git --pre-commit --staged --redact --no-banner --log-level warn .")
        }
        lines.append("hauban=$(command -v hauban || echo \(PipelineScripts.word(program)))")
        lines.append("exec \"$hauban\" ci \(stages.map(\.text).joined(separator: " "))")
        return lines.joined(separator: "\n") + "\n"
    }
}
