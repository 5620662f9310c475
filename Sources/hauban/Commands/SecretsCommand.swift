import ArgumentParser
import Delivery
import Glibc
import Spec
import World

struct SecretsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "secrets", abstract: "Gives values to the secrets that hauban.yaml declares.",
        subcommands: [SecretsSetCommand.self, SecretsListCommand.self, SecretsRemoveCommand.self])
}

struct SecretsSetCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "set", abstract: "Stores a value, read from standard input: it never stands in an argument list.",
        discussion: """
            EXAMPLES
              hauban secrets set stripe-key --env dev < stripe-key.txt
              pass show stripe | hauban secrets set stripe-key --env dev
            """)

    @Argument(help: "The secret's name.") var name: String
    @Option(name: .customLong("env"), help: "The environment.") var environment: String?
    @OptionGroup var file: FileOption

    func run() async throws {
        let terminal = Terminal(environment: ProcessEnvironment.all)
        let session = try Session(try Project.checked(file, terminal), environment)
        let secret = try SecretsListCommand.declared(name, session)
        let value = try HiddenInput.value(of: name, terminal)
        // Before the store makes its private folder: databases of other users live beside it.
        try Folder.make(session.place.state, mode: 0o711)
        try session.engine.secrets.set(value, for: secret.text)
        terminal.line("\(name) is set in \(session.name); the next deploy hands it over.")
    }
}

struct SecretsListCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list", abstract: "Lists the declared secrets and whether each has a value; never the values.",
        discussion: """
            EXAMPLES
              hauban secrets list --env dev
            """)

    @Option(name: .customLong("env"), help: "The environment.") var environment: String?
    @OptionGroup var file: FileOption
    @Flag(help: "Print JSON.") var json = false

    func run() async throws {
        let terminal = Terminal(environment: ProcessEnvironment.all)
        let session = try Session(try Project.checked(file, terminal), environment)
        let store = session.engine.secrets
        let names = session.platform.secrets.keys.sorted()
        if json {
            let rows = Dictionary(names.map { ($0.text, store.contains($0.text)) }) { first, _ in first }
            terminal.line(try MachineOutput.text(rows))
            return
        }
        var table = TextTable(["SECRET", "VALUE", "USED BY"])
        for name in names {
            let users = session.platform.services.filter { $0.value.secrets[name] != nil }.keys.sorted().map(\.text)
            table.add([name.text, store.contains(name.text) ? "set" : "missing", users.joined(separator: ", ")])
        }
        for line in table.lines { terminal.line(line) }
    }

    /// A secret that hauban.yaml declares.
    static func declared(_ text: String, _ session: Session) throws -> SecretName {
        let known = session.platform.secrets.keys.map(\.text)
        guard let name = SecretName(text), session.platform.secrets[name] != nil else {
            let near = KeyHint.nearest(to: text, among: known).map { " Did you mean '\($0)'?" } ?? ""
            throw ValidationError("hauban.yaml declares no secret '\(text)'.\(near)")
        }
        return name
    }
}

struct SecretsRemoveCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "remove", abstract: "Removes a value.",
        discussion: """
            EXAMPLES
              hauban secrets remove stripe-key --env dev
            """)

    @Argument(help: "The secret's name.") var name: String
    @Option(name: .customLong("env"), help: "The environment.") var environment: String?
    @OptionGroup var file: FileOption

    func run() async throws {
        let terminal = Terminal(environment: ProcessEnvironment.all)
        let session = try Session(try Project.checked(file, terminal), environment)
        let secret = try SecretsListCommand.declared(name, session)
        try session.engine.secrets.remove(secret.text)
        terminal.line("\(name) has no value in \(session.name) any more.")
    }
}

/// Reading a value without showing it.
enum HiddenInput {
    /// The value of a secret, asked for on a terminal.
    ///
    /// - Throws: `ValidationError` for none.
    static func value(of name: String, _ terminal: Terminal) throws -> Secret {
        let isTerminal = isatty(STDIN_FILENO) == 1
        if isTerminal { terminal.complain("Type the value of \(name) and Return; it is not shown.") }
        guard let value = isTerminal ? line() : all(), !value.isEmpty else {
            throw ValidationError("No value was given: \(name) is unchanged.")
        }
        return Secret(value)
    }

    /// One line of the terminal, its echo off; `nil` at the end of input.
    private static func line() -> String? {
        var settings = termios()
        tcgetattr(STDIN_FILENO, &settings)
        let before = settings
        settings.c_lflag &= ~tcflag_t(ECHO)
        tcsetattr(STDIN_FILENO, TCSAFLUSH, &settings)
        var restored = before
        defer { tcsetattr(STDIN_FILENO, TCSAFLUSH, &restored) }
        return readLine(strippingNewline: true)
    }

    /// All of standard input but one line end at its end, which `echo` and editors add.
    private static func all() -> String? {
        var lines: [String] = []
        while let line = readLine(strippingNewline: false) { lines.append(line) }
        var text = lines.joined()
        if text.hasSuffix("\n") { text.removeLast() }
        return text
    }
}
