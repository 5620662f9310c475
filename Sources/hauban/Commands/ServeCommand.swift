import ArgumentParser
import ControlPlane
import FoundationEssentials
import Glibc
import Response
import World

/// Takes alerts and keeps them: the control plane.
struct ServeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "serve", abstract: "Takes alerts, keeps them, and shows them: the control plane.",
        discussion: """
            Speaks Alertmanager's API v2: Prometheus, amtool and Grafana work against it unchanged. What it answers with \
            2xx is on disk.

            EXAMPLES
              hauban serve
              hauban serve --listen 127.0.0.1:9093 --data /var/lib/hauban/plane
              amtool --alertmanager.url=http://127.0.0.1:9093 alert
            """)

    @Option(help: "Address and port to listen on; loopback only.") var listen = "127.0.0.1:9093"
    @Option(help: "Folder of what is kept; control-plane below the state folder by default.") var data: String?
    @Option(help: "Who is told of alerts.") var receiver = "default"
    @Option(name: .customLong("group-by"), help: "Labels that alerts of one notice share, with commas between.")
    var groupBy = "alertname"
    @Option(
        name: .customLong("resolve-timeout"), help: "Seconds that an alert without an end fires after it was last told."
    )
    var resolveTimeout = 300

    func validate() throws {
        guard address != nil else {
            throw ValidationError("--listen takes a loopback address and a port, such as 127.0.0.1:9093")
        }
        guard resolveTimeout > 0 else { throw ValidationError("--resolve-timeout takes a positive number of seconds") }
    }

    /// Without sign-in there is nothing between this and the network.
    private var address: (host: String, port: Int)? {
        guard let colon = listen.lastIndex(of: ":"), let port = Int(listen[listen.index(after: colon)...]),
            (0...65_535).contains(port)
        else { return nil }
        switch String(listen[..<colon]) {
        case "127.0.0.1", "localhost": return ("127.0.0.1", port)
        case "[::1]", "::1": return ("::1", port)
        default: return nil
        }
    }

    func run() async throws {
        let (host, port) = address ?? ("127.0.0.1", 9093)
        let folder = data ?? StateFolders.root(ProcessEnvironment.all) + "/control-plane"
        let names = groupBy.split(whereSeparator: { $0 == "," || $0 == " " }).map(String.init)
        var rules = Rulebook(
            platform: "hauban",
            routes: [Route(name: "default", grouping: names == ["..."] ? .each : .by(Set(names)), policy: receiver)])
        rules.resolveTimeout = .seconds(resolveTimeout)
        var settings = ControlPlaneConfiguration(rules: rules, version: Version.text) {
            UUID().uuidString.lowercased()
        }
        settings.host = host
        settings.port = port
        try await ControlPlaneProcess.run(settings, data: folder) { line in
            StandardOutput.write(line + "\n", to: STDERR_FILENO)
        }
    }
}
