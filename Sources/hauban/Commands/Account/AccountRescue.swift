import ArgumentParser
import ControlPlane
import Glibc
import Response
import World

struct AccountRescueCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "rescue", abstract: "Makes a link to a new password, without the second factor.",
        discussion: """
            For who holds the machine that the control plane runs on, as the user that it runs as. The link is good once \
            and for 24 hours; links that the account had are good no more, its second factor is taken off, and an \
            account that is disabled is enabled where nobody else can administer. Its role stays. The audit log says \
            that it was done. Works while the control plane runs and while it does not.

            EXAMPLES
              hauban account rescue ana
              hauban account rescue ana --data /var/lib/hauban/plane
            """)

    @Argument(help: "The account's name.") var name: String
    @Option(
        help: ArgumentHelp(
            "The folder of this machine's control plane; control-plane below the state folder by default.",
            valueName: "path"))
    var data: String?
    @Flag(help: "Print JSON.") var json = false

    private struct Document: Encodable {
        var account: String
        var path: String
        /// Absent while no control plane runs.
        var url: String?
        var expiresAt: String
    }

    func run() async throws {
        let data = data ?? LocalAccess.usualFolder
        let made = try await offline(data)
        let document = if let made { made } else { try await online(data) }
        let terminal = Terminal(environment: ProcessEnvironment.all)
        if json { return terminal.line(try MachineOutput.text(document)) }
        let until = Moment(document.expiresAt).map { " until \(WallClock.machine.weekday($0))" } ?? ""
        terminal.line("\(document.account): a link to a new password, good once\(until)")
        if let url = document.url { return terminal.line("  \(url)") }
        terminal.line("  \(document.path)")
        terminal.line("  below the address of `hauban serve`, once it runs")
    }

    /// - Returns: `nil` where a control plane runs: it has the store.
    private func offline(_ data: String) async throws -> Document? {
        let path = data + "/plane.sqlite"
        guard access(path, F_OK) == 0 else {
            throw WorldError(
                code: "no-store", operation: "rescue the account \(name)", underlying: "there is no \(path)",
                hint: "Name the folder that `hauban serve` keeps its data in, with --data.")
        }
        let store: SQLiteStore
        do {
            store = try SQLiteStore(path: path)
        } catch let error as WorldError where error.code == "store-locked" {
            return nil
        }
        do {
            let link = try await AccountRescue.link(for: name, in: store, now: WallClock.machine.now)
            await store.close()
            return Document(
                account: link.account, path: AccountRescue.path(link.token), expiresAt: link.expiresAt.description)
        } catch {
            await store.close()
            throw error
        }
    }

    private func online(_ data: String) async throws -> Document {
        // A token of somebody's, or another machine's address, has no say here.
        let access = try PlaneAccess.find(url: nil, tokenFile: nil, data: data, variables: userOnly)
        return try await PlaneClient.with(access) { client in
            let doing = "rescue the account \(name)"
            let link = try await client.json("POST", ["accounts", name, "rescue"], doing: doing).value
            let path = AccountRescue.path(Secret(link.words("token")))
            return Document(
                account: link.words("account"), path: path, url: access.url + path, expiresAt: link.words("expiresAt"))
        }
    }

    private var userOnly: [String: String] {
        ProcessEnvironment.all.filter { ["USER", "LOGNAME"].contains($0.key) }
    }
}
