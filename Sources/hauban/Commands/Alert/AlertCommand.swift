import ArgumentParser

struct AlertCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "alert", abstract: "Lists, sends and silences alerts.",
        discussion: """
            Asks the control plane of this machine (`hauban serve`), or the one that --url or HAUBAN_URL names, with the \
            token of HAUBAN_TOKEN or --token-file. A matcher is written as amtool does: service=api, 'code=~5..', \
            team!=web; a word alone is the alert's name.

            EXAMPLES
              hauban alert list service=api
              hauban alert silence service=api --for 2h --reason "New disks."
            """,
        subcommands: [AlertList.self, AlertAdd.self, AlertSilence.self, AlertSilences.self, AlertUnsilence.self])
}

/// A matcher as people type it.
enum MatcherWord {
    /// A word alone stands for the alert's name, as with amtool.
    static func text(_ word: String) -> String {
        guard !word.isEmpty, !word.contains(where: { "=~!".contains($0) }) else { return word }
        let escaped = word.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"")
        return "alertname=\"\(escaped)\""
    }
}
