import ArgumentParser
import ControlPlane
import Delivery
import FoundationEssentials
import Glibc
import Response
import Spec
import Synchronization
import World

/// Takes alerts, wakes people, and shows what happens: the control plane.
struct ServeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "serve", abstract: "Takes alerts, tells people, and shows what happens: the control plane.",
        discussion: """
            Routes, schedules, people and channels come from hauban.yaml where there is one. Speaks Alertmanager's API \
            v2 (Prometheus, amtool and Grafana work against it unchanged) and what PagerDuty, Opsgenie, Grafana OnCall, \
            Google Cloud and AWS send. What it answers with 2xx is on disk; a page is sent once its decision is.

            The first start prints a link by which the first administrator comes in. On any other address than this \
            machine's own it insists on TLS or on the proxy that speaks it.

            With --role it is one of four processes: incidents decides and has the store; ingest takes what senders say \
            and keeps it while incidents is away; oncall and console pass on what is theirs. All of them are given the \
            same file with --plane-token-file.

            EXAMPLES
              hauban serve
              hauban serve --env prod --data /var/lib/hauban/plane
              hauban serve --listen 0.0.0.0:9443 --tls-certificate site.pem --tls-key site.key
              hauban serve --listen 10.0.0.5:9093 --proxy 10.0.0.1
              amtool --alertmanager.url=http://127.0.0.1:9093 alert
              hauban serve --role incidents --listen 127.0.0.1:9094 --plane-token-file plane.token
              hauban serve --role ingest --plane http://127.0.0.1:9094 --plane-token-file plane.token
            """)

    @OptionGroup var file: FileOption
    @Option(help: "The environment whose people and secrets are meant.") var env: String?
    @Flag(name: .customLong("no-platform"), help: "Takes alerts without a hauban.yaml: for --receiver alone.")
    var noPlatform = false
    @Option(help: "Address and port to listen on.") var listen = "127.0.0.1:9093"
    @Option(help: "Folder of what is kept; control-plane below the state folder by default.") var data: String?
    @Option(name: .customLong("tls-certificate"), help: "Certificate chain to serve with, in PEM.")
    var certificate: String?
    @Option(name: .customLong("tls-key"), help: "Its private key, in PEM.") var key: String?
    @Option(help: "Address or network of a proxy that speaks TLS before it; may be given again.")
    var proxy: [String] = []
    @Option(help: "Without a hauban.yaml: who is told of alerts.") var receiver = "default"
    @Option(
        name: .customLong("group-by"),
        help: "Without a hauban.yaml: labels that alerts of one incident share, with commas between.")
    var groupBy = "alertname"
    @Option(
        name: .customLong("resolve-timeout"),
        help: "Without a hauban.yaml: seconds that an alert without an end fires after it was last told.")
    var resolveTimeout = 300

    @Option(
        help: ArgumentHelp(
            "One role alone: ingest, incidents, oncall or console; all of them by default.", valueName: "role"))
    var role: PlaneRole?
    @OptionGroup(title: "Of one role") var split: SplitOptions

    func validate() throws {
        try split.check(role)
        guard address != nil else {
            throw ValidationError("--listen takes an address and a port, such as 127.0.0.1:9093 or [::1]:9093")
        }
        guard resolveTimeout > 0 else { throw ValidationError("--resolve-timeout takes a positive number of seconds") }
        guard (certificate == nil) == (key == nil) else {
            throw ValidationError("--tls-certificate and --tls-key go together")
        }
    }

    private var address: (host: String, port: Int)? {
        guard let colon = listen.lastIndex(of: ":"), let port = Int(listen[listen.index(after: colon)...]),
            (0...65_535).contains(port)
        else { return nil }
        var host = String(listen[..<colon])
        if host.hasPrefix("["), host.hasSuffix("]") { host = String(host.dropFirst().dropLast()) }
        guard !host.isEmpty, !host.contains("/") else { return nil }
        return (host == "localhost" ? "127.0.0.1" : host, port)
    }

    func run() async throws {
        let (host, port) = address ?? ("127.0.0.1", 9093)
        if let role, role != .incidents { return try await pass(role, host, port) }
        let folder = data ?? StateFolders.root(ProcessEnvironment.all) + "/control-plane"
        var settings = ControlPlaneConfiguration(rules: plainRules, version: Version.text) {
            UUID().uuidString.lowercased()
        }
        let platform = try platform()
        platform?.configure(&settings)
        if let gap = platform?.gap { say(gap) }
        settings.host = host
        settings.port = port
        if let certificate, let key { settings.tls = .init(certificate: certificate, key: key) }
        if !proxy.isEmpty { settings.proxy = try TrustedProxy(proxy) }
        if role == .incidents { settings.inner = try split.token() }
        let local = LocalAccess.newToken()
        settings.local = local
        let pin = try certificate.map { try CertificatePin(ofFile: $0).hex }
        let scheme = settings.tls == nil ? "http" : "https"
        try LocalAccess.makeFolder(folder)
        let remedies = try platform?.remedies(data: folder, takesUp: true) { say($0) }
        let performer: any RemedyPerformer = if let remedies { remedies } else { NoRemedies() }
        let watch = Mutex<Task<Void, Never>?>(nil)
        try await ControlPlaneProcess.run(
            settings, data: folder, remedies: performer, report: { say($0) },
            starting: { try LocalAccess.announce(folder) }
        ) { port in
            let reached = GuardedListener.reaches(itself: host)
            let url = "\(scheme)://\(reached.contains(":") ? "[\(reached)]" : reached):\(port)"
            try LocalAccess(
                url: url, token: local.exposed, serves: platform?.session?.place.state, certificate: pin
            ).write(to: folder)
            platform?.session?.tellReleases(data: folder)
            if let remedies {
                watch.withLock { $0 = Task { await remedies.interrupted.watch() } }
            }
            return url
        }
        LocalAccess.remove(folder)
        // Half a return would leave nobody knowing what serves.
        await remedies?.ledger.settle(within: .seconds(60))
        await remedies?.interrupted.settle(within: .seconds(60))
    }

    /// Serves as a role that stands before the one that decides.
    private func pass(_ role: PlaneRole, _ host: String, _ port: Int) async throws {
        var settings = RoleConfiguration(role: role, plane: try split.address(), version: Version.text) {
            UUID().uuidString.lowercased()
        }
        settings.host = host
        settings.port = port
        if let certificate, let key { settings.tls = .init(certificate: certificate, key: key) }
        if !proxy.isEmpty { settings.proxy = try TrustedProxy(proxy) }
        if role == .oncall { settings.rules = try rules() }
        if role == .ingest {
            settings.data = data ?? StateFolders.root(ProcessEnvironment.all) + "/ingest"
            settings.spoolBytes = split.spoolLimit.bytes
            try LocalAccess.makeFolder(settings.data)
        }
        try await RoleProcess.run(settings) { say($0) }
    }

    private func say(_ line: String) { StandardOutput.write(line + "\n", to: STDERR_FILENO) }

    /// What hauban.yaml says, where there is one.
    private func platform() throws -> ServedPlatform? {
        if noPlatform { return nil }
        let terminal = Terminal(environment: ProcessEnvironment.all)
        let project: Project
        do {
            project = try Project.checked(file, terminal)
        } catch let error as WorldError where error.code == "no-platform" && file.file == nil {
            return nil
        }
        return try ServedPlatform(project, environment: env, now: Moment(seconds: time(nil)))
    }

    /// What hauban.yaml says about who is on call, where there is one.
    private func rules() throws -> Rulebook? {
        if noPlatform { return nil }
        do {
            let project = try Project.checked(file, Terminal(environment: ProcessEnvironment.all))
            let zones = ZoneFiles()
            let (_, platform) = try project.environment(env)
            return Rulebook(platform, console: platform.console?.url) { zones.rules($0) }
        } catch let error as WorldError where error.code == "no-platform" && file.file == nil {
            say("no hauban.yaml: nobody stands in while the role incidents is away")
            return nil
        }
    }

    private var plainRules: Rulebook {
        let names = groupBy.split(whereSeparator: { $0 == "," || $0 == " " }).map(String.init)
        var rules = Rulebook(
            platform: "hauban",
            routes: [Route(name: "default", grouping: names == ["..."] ? .each : .by(Set(names)), policy: receiver)])
        rules.resolveTimeout = .seconds(resolveTimeout)
        return rules
    }
}
