import ArgumentParser

struct OnCallCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "oncall", abstract: "Says who is on call, and arranges who is.",
        discussion: """
            Asks the control plane of this machine (`hauban serve`), or the one that --url or HAUBAN_URL names, with the \
            token of HAUBAN_TOKEN or --token-file. `who`, `shifts` and `calendar` also answer from a hauban.yaml alone.

            EXAMPLES
              hauban oncall who
              hauban oncall who --file hauban.yaml --at "2026-12-24 09:00"
              hauban oncall shifts primary --check
            """,
        subcommands: [
            OnCallWho.self, OnCallShifts.self, OnCallOverride.self, OnCallOverrides.self, OnCallUnoverride.self,
            OnCallAway.self, OnCallCalendar.self, OnCallTest.self,
        ])
}
