import ArgumentParser

struct AccountCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "account", abstract: "Lets somebody in again who is locked out of the control plane.",
        discussion: """
            Accounts are invited, changed and removed in the console, under People. Here is what is left when nobody can \
            come in any more.

            EXAMPLES
              hauban account rescue ana
            """,
        subcommands: [AccountRescueCommand.self])
}
