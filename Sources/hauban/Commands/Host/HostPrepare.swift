import ArgumentParser
import Delivery
import Glibc
import Planning
import Spec
import World

struct HostPrepare: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "prepare",
        abstract:
            "Makes a Debian or Ubuntu server ready for `target: docker` or `swarm`: shows what it would do, then does it.",
        discussion: """
            It looks at the system, its size against the environment's, Docker and its settings, the firewall, the user that \
            deploys, ssh, the clock, security updates, kernel settings and swap. What somebody chose otherwise is told and \
            left as it is. The same command again changes nothing; one that was interrupted is ended by it.

            The server is reached as `ssh` reaches it (keys, known hosts, jumps), as root or with sudo that asks nothing. The \
            ports at which its ssh answers stay open, and firewall rules after which no new session can be opened are taken \
            back by the server itself.

            Exits 0 when nothing is left to do, 2 when something is (with --check, without --yes, or for you), 1 on an error.

            EXAMPLES
              hauban host prepare --check root@shop.example
              hauban host prepare root@shop.example --env prod --key ~/.ssh/deploy.pub
              hauban host prepare --local --yes --allow 9100 --allow 51820/udp
              hauban host prepare --check --json root@shop.example | jq '.items[] | select(.state != "fine")'
            """)

    @Argument(help: ArgumentHelp("The server, as ssh knows it.", valueName: "user@host")) var host: String?
    @Flag(help: "This machine.") var local = false
    @Option(name: .customLong("env"), help: "The environment of hauban.yaml that is to run there.") var environment:
        String?
    @OptionGroup var file: FileOption
    @Option(help: "The user that deploys; made when there is none.") var user = "deploy"
    @Option(help: ArgumentHelp("A public key that may log in as that user; may be repeated.", valueName: "file"))
    var key: [String] = []
    @Option(help: ArgumentHelp("A further port to keep open: 9100, 51820/udp; may be repeated.", valueName: "port"))
    var allow: [String] = []
    @Option(help: ArgumentHelp("Another server of the same Swarm; may be repeated.", valueName: "address"))
    var peer: [String] = []
    @Option(help: ArgumentHelp("Make a file of this size to swap to when there is no swap.", valueName: "size"))
    var swap: String?
    @Flag(help: "End logging in with passwords.") var harden = false
    @Option(help: ArgumentHelp("The private key for ssh.", valueName: "file")) var identity: String?
    @Flag(help: "Only look.") var check = false
    @Flag(help: "Do it without asking.") var yes = false
    @Flag(help: "Print JSON; nothing is asked then.") var json = false

    func validate() throws {
        guard (host == nil) == local else { throw ValidationError("Name a server, USER@HOST, or say --local.") }
        if let host, SSHDestination(host) == nil {
            throw ValidationError("'\(host)' is no HOST, USER@HOST or USER@HOST:PORT.")
        }
        guard !check || !yes else { throw ValidationError("--check only looks: it needs no --yes.") }
        let isName = user.utf8.allSatisfy {
            (0x61...0x7A).contains($0) || (0x30...0x39).contains($0) || "-_".utf8.contains($0)
        }
        guard isName, user.utf8.first.map({ (0x61...0x7A).contains($0) }) == true, user.utf8.count <= 31, user != "root"
        else {
            throw ValidationError("'\(user)' is no name for a user that deploys: small letters, digits, - and _.")
        }
        for port in allow where HostWish.OpenPort(port) == nil {
            throw ValidationError("'\(port)' is no port: 9100, 51820/udp.")
        }
        for address in peer where !HostWish.isAddress(address) {
            throw ValidationError("'\(address)' is no address and no network: 10.0.0.2, 10.0.0.0/24.")
        }
        if let swap, HostWish.size(swap) == nil { throw ValidationError("'\(swap)' is no size: 1Gi.") }
    }

    func run() async throws {
        let terminal = Terminal(environment: ProcessEnvironment.all)
        var wish = try wish(terminal)
        let session = try await session()
        do {
            wish.sessionPort = session.login.port
            wish.loginHasKey = session.login.hasKey
            try await HostVisit(session: session, wish: wish, terminal: terminal, json: json).run(asks: mode)
        } catch {
            await session.close()
            throw error
        }
        await session.close()
    }

    private var mode: HostVisit.Mode {
        if check { return .look }
        if yes { return .act }
        return json || isatty(STDIN_FILENO) != 1 ? .look : .ask
    }

    private func wish(_ terminal: Terminal) throws -> HostWish {
        var wish = HostWish(
            account: user, open: Set(allow.compactMap { HostWish.OpenPort($0) }), peers: peer, hardens: harden)
        wish.swap = swap.flatMap { HostWish.size($0) }
        for path in key {
            guard let text = SmallFile.text(path) else { throw SystemError.last.during("read the key \(path)") }
            let lines = text.split(whereSeparator: \.isNewline).map(String.init).filter { !$0.hasPrefix("#") }
            guard !lines.isEmpty, lines.allSatisfy({ HostWish.isPublicKey($0) }) else {
                throw ValidationError("\(path) holds no public key; its name usually ends with .pub.")
            }
            wish.keys += lines
        }
        guard let environment else { return wish }
        let project = try Project.checked(file, terminal)
        let (name, platform) = try project.environment(environment)
        guard let target = platform.environments[name]?.target, [.docker, .swarm].contains(target) else {
            throw ValidationError(
                "'\(name)' runs on \(platform.environments[name]?.target.rawValue ?? "nothing"): a server is prepared for docker or swarm."
            )
        }
        wish.isSwarm = target == .swarm
        wish.demand = HostDemand(platform, name)
        return wish
    }

    private func session() async throws -> HostSession {
        var variables = ProcessEnvironment.all
        variables["LC_ALL"] = "C"
        guard let host, let place = SSHDestination(host, identity: identity) else {
            return try await HostSession.local(variables)
        }
        return try await HostSession.ssh(place, environment: variables)
    }
}
