import ArgumentParser
import World

/// Which control plane a command asks, and as whom.
struct PlaneOptions: ParsableArguments {
    @Option(help: "The control plane's address; HAUBAN_URL, then the one of this machine by default.")
    var url: String?
    @Option(
        name: .customLong("token-file"),
        help: ArgumentHelp("A file that holds a token; the variable HAUBAN_TOKEN by default.", valueName: "path"))
    var tokenFile: String?
    @Option(
        help: ArgumentHelp(
            "The folder of this machine's control plane; control-plane below the state folder by default.",
            valueName: "path"))
    var data: String?

    /// Runs the work with a client.
    func with<Value>(_ work: (PlaneClient) async throws -> Value) async throws -> Value {
        let variables = ProcessEnvironment.all
        let (named, tokenFile) = (url, tokenFile)
        let folder = data ?? StateFolders.root(variables) + "/control-plane"
        @Sendable func find() throws -> PlaneAccess {
            try PlaneAccess.find(url: named, tokenFile: tokenFile, data: folder, variables: variables)
        }
        if named == nil, variables["HAUBAN_URL"] ?? "" == "" {
            await LocalAccess.settled(folder, within: LocalAccess.patience)
        }
        return try await PlaneClient.with(try find(), renewed: { try? find() }, work)
    }
}

/// What every command that shows data from the control plane takes.
struct PlaneOutput: ParsableArguments {
    @OptionGroup var plane: PlaneOptions
    @Flag(help: "Print the API's JSON.") var json = false

    var terminal: Terminal { Terminal(environment: ProcessEnvironment.all) }

    /// Prints a list: as the API writes it, or as lines for people.
    func show(_ listing: PlaneClient.Listing, empty: String, _ lines: ([JSONValue]) -> [String]) {
        if json { return terminal.line(listing.json.text) }
        guard !listing.items.isEmpty else { return terminal.line(empty) }
        for line in lines(listing.items) { terminal.line(line) }
        if listing.next != nil { terminal.complain("There are more; --limit cut the list.") }
    }

    /// Prints a document as it came, for programs.
    func raw(_ text: String) { StandardOutput.write(text.hasSuffix("\n") ? text : text + "\n", to: 1) }
}

/// Most items of a list.
struct LimitOption: ParsableArguments {
    @Option(help: "Most rows; all by default.") var limit: Int?

    func validate() throws {
        guard limit.map({ $0 > 0 }) ?? true else { throw ValidationError("--limit takes a positive number") }
    }
}
