import ArgumentParser
import Delivery
import FoundationEssentials
import Planning
import Spec

struct StatusCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "status", abstract: "Shows what runs in an environment and how it is doing.",
        discussion: """
            Exits 0 when everything that should run is ready, 1 otherwise. Figures are of the last minute. LOGS counts \
            structured lines; plain text and lines that lack a mandatory field (timestamp, severity, message, service_name, \
            correlation_id) are named.

            EXAMPLES
              hauban status dev
              hauban status dev --json
            """)

    @OptionGroup var argument: EnvironmentArgument
    @OptionGroup var file: FileOption
    @Flag(help: "Print JSON.") var json = false

    func run() async throws {
        let terminal = Terminal(environment: ProcessEnvironment.all)
        let session = try LocalSession(try Project.checked(file, terminal), argument.environment)
        let recovered = try await session.executor().recover()
        let status = try await session.engine.environmentStatus()
        let last = try session.executor().journalHistory(limit: 1).first
        if json {
            terminal.line(try MachineOutput.text(Report(status, last)))
        } else {
            if let recovered, let release = recovered.release {
                terminal.line("found \(release) interrupted and ended it: \(recovered.verdict.code)")
            }
            show(status, last, session, terminal)
        }
        if !status.isWell { throw ExitCode(1) }
    }

    private func show(
        _ status: EnvironmentStatus, _ last: ReleaseSummary?, _ session: LocalSession, _ terminal: Terminal
    ) {
        let release = last.map {
            "\($0.id) \($0.verdict ?? "under way") \(Words.ago(Date().timeIntervalSince1970 - $0.started))"
        }
        terminal.line(
            "\(terminal.paint("\(session.platform.name) \(session.name)", .bold))  \(status.address ?? "no address")  last release: \(release ?? "none")"
        )
        for maintenance in status.maintenance {
            let what = maintenance.service.map { "service \($0)" } ?? "everything"
            let rest = maintenance.until.map {
                ", ends in \(Words.time(.seconds($0.timeIntervalSince(Date()))))"
            }
            terminal.line(terminal.paint("in maintenance: \(what)\(rest ?? "")", .yellow))
        }
        guard !status.replicas.isEmpty || !status.sites.isEmpty else {
            terminal.line("nothing runs; `hauban deploy \(session.name)` ships a release.")
            return
        }
        var table = TextTable(["NAME", "RELEASE", "STATE", "PID", "PORT", "UP", "RESTARTS", "CPU", "MEMORY", "LOGS"])
        for replica in status.replicas {
            table.add([
                replica.kind == .service ? "\(replica.name).\(replica.replica)" : replica.name,
                replica.release.isEmpty ? "-" : replica.release, replica.state.rawValue,
                replica.pid.map { "\($0)" } ?? "-",
                replica.port.map { "\($0)" } ?? "-",
                Words.ago(Date().timeIntervalSince(replica.since)).replacing(" ago", with: ""),
                "\(replica.restarts)", Words.share(replica.cpuShare), Words.bytes(replica.residentBytes),
                replica.kind == .service ? Self.logs(replica.tally) : "\(replica.tally.lines) lines",
            ])
        }
        for site in status.sites {
            table.add([site.service, site.release, "served", "-", "-", "-", "-", "-", "-", "static files"])
        }
        for line in table.lines { terminal.line(line) }
        for replica in status.replicas where replica.state != .ready {
            terminal.line("\(replica.id): \(replica.reason)")
            for line in replica.lastLines.suffix(5) { terminal.line("    | \(line)") }
        }
        for replica in status.balance {
            let rest = replica.seconds.map { ", back in \($0) s" } ?? ""
            terminal.line(
                "\(replica.service).\(replica.release).\(replica.replica): "
                    + (replica.reason.map { "out of the balance: it \($0)\(rest)" }
                        ?? "takes \(Words.share(replica.share)) of a full share, and more with time"))
        }
        var traffic = TextTable(["SERVICE", "RELEASE", "REQUESTS", "5XX", "P50", "P95", "P99", "IN FLIGHT"])
        for signal in status.signals where signal.requests > 0 || signal.inFlight > 0 {
            traffic.add([
                signal.service, signal.release, "\(signal.requests)",
                Words.share(Double(signal.serverErrors) / Double(max(1, signal.requests))),
                Words.time(.milliseconds(signal.latency.p50)), Words.time(.milliseconds(signal.latency.p95)),
                Words.time(.milliseconds(signal.latency.p99)), "\(signal.inFlight)",
            ])
        }
        if !traffic.isEmpty {
            terminal.line("")
            for line in traffic.lines { terminal.line(line) }
        }
    }

    private static func logs(_ tally: LogTally) -> String {
        var parts = ["\(tally.json) JSON"]
        if tally.plain > 0 { parts.append("\(tally.plain) plain text") }
        if tally.incomplete > 0 {
            parts.append("\(tally.incomplete) without \(tally.missing.keys.sorted().joined(separator: ", "))")
        }
        return parts.joined(separator: ", ")
    }

    private struct Report: Encodable {
        let well: Bool
        let address: String?
        let lastRelease: ReleaseSummary?
        let replicas: [WorkloadStatus]
        let sites: [EnvironmentStatus.ServedSite]
        let signals: [EnvironmentStatus.Figures]
        let balance: [EnvironmentStatus.Standing]
        let maintenance: [MaintenanceStatus]

        init(_ status: EnvironmentStatus, _ last: ReleaseSummary?) {
            well = status.isWell
            address = status.address
            lastRelease = last
            replicas = status.replicas
            sites = status.sites
            signals = status.signals
            balance = status.balance
            maintenance = status.maintenance
        }
    }
}
