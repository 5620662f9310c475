import ArgumentParser
import Delivery
import FoundationEssentials
import FrontDoor
import Planning
import Spec
import World

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
        let session = try RunningEnvironment.find(file, argument.environment, terminal)
        let (executor, disk) = try session.observer()
        let (recovered, trouble) = try await Self.recover(executor, disk)
        if recovered?.release != nil { await session.tellReleases(terminal) }
        var status = try await session.engine.environmentStatus()
        if let trouble { status.troubles.insert(trouble, at: 0) }
        let last = try executor.journalHistory(limit: 1).first
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

    /// Ends an interrupted release; on a disk that takes nothing it is left for later, and looking goes on.
    private static func recover(
        _ executor: ReleaseExecutor, _ disk: WorldError?
    ) async throws -> (ReleaseReport?, trouble: WorldError?) {
        if let disk { return (nil, disk) }
        do {
            return (try await executor.recover(), nil)
        } catch let error as WorldError where ["disk-full", "disk-read-only", "no-permission"].contains(error.code) {
            return (nil, error)
        }
    }

    private func show(
        _ status: EnvironmentStatus, _ last: ReleaseSummary?, _ session: RunningEnvironment, _ terminal: Terminal
    ) {
        let release = last.map {
            "\($0.id) \($0.verdict ?? "under way") \(Words.ago(Date().timeIntervalSince1970 - $0.started))"
        }
        terminal.line(
            "\(terminal.paint("\(session.platform) \(session.name)", .bold))  \(status.address ?? "no address")  last release: \(release ?? "none")"
        )
        if let last, last.verdict == "kept", let notes = last.reason { terminal.line("  note of \(last.id): \(notes)") }
        defer {
            for trouble in status.troubles {
                terminal.line(
                    terminal.paint("trouble: ", .red) + "\(trouble.operation): \(trouble.underlying) [\(trouble.code)]")
                if !trouble.hint.isEmpty { terminal.line("    hint: \(trouble.hint)") }
            }
        }
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
                replica.kind == .service ? Self.logs(replica.tally) : Words.count(replica.tally.lines, "line"),
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
        for certificate in status.certificates { terminal.line(Self.line(certificate)) }
        if let renewal = status.renewal {
            let end = renewal.succeeded ? "nothing failed" : "it failed, and is tried again every hour"
            terminal.line("certbot looked at what is left at \(renewal.at): \(end)")
            for line in renewal.words { terminal.line("    | \(line)") }
        }
        let isShared = !status.shares.isEmpty
        var traffic = TextTable(
            ["SERVICE", "RELEASE"] + (isShared ? ["SHARE"] : [])
                + ["REQUESTS", "5XX", "P50", "P95", "P99", "IN FLIGHT", "CUT"])
        for signal in status.signals {
            let share = status.shares.first { $0.service == signal.service && $0.release == signal.release }?.share
            guard signal.requests > 0 || signal.inFlight > 0 || signal.cut > 0 || share != nil else { continue }
            traffic.add(
                [
                    signal.service, signal.release,
                ] + (isShared ? [share.map { "\($0)" } ?? "-"] : []) + [
                    "\(signal.requests)",
                    Words.share(Double(signal.serverErrors) / Double(max(1, signal.requests))),
                    Words.time(.milliseconds(signal.latency.p50)), Words.time(.milliseconds(signal.latency.p95)),
                    Words.time(.milliseconds(signal.latency.p99)), "\(signal.inFlight)", "\(signal.cut)",
                ])
        }
        if !traffic.isEmpty {
            terminal.line("")
            for line in traffic.lines { terminal.line(line) }
        }
    }

    private static func line(_ certificate: CertificateStatus) -> String {
        let names = certificate.names.isEmpty ? "" : " for \(certificate.names.joined(separator: ", "))"
        let left = certificate.daysLeft.map { $0 == 1 ? "1 day left" : "\($0) days left" } ?? "not served"
        let problem = certificate.problem.map { "; its files are not used: \($0)" } ?? ""
        return "certificate \(certificate.certificate)\(names): \(left)\(problem)"
    }

    private static func logs(_ tally: LogTally) -> String {
        var parts = ["\(tally.json) JSON"]
        if tally.plain > 0 { parts.append("\(tally.plain) plain text") }
        if tally.incomplete > 0 {
            parts.append("\(tally.incomplete) without \(tally.missing.keys.sorted().joined(separator: ", "))")
        }
        if let lost = tally.lost { parts.append("\(lost) lost on a full disk") }
        return parts.joined(separator: ", ")
    }

    private struct Report: Encodable {
        let well: Bool
        let address: String?
        let lastRelease: ReleaseSummary?
        let replicas: [WorkloadStatus]
        let sites: [EnvironmentStatus.ServedSite]
        let signals: [EnvironmentStatus.Figures]
        let shares: [EnvironmentStatus.Share]
        let certificates: [CertificateStatus]
        let renewal: CertificateRenewal?
        let troubles: [WorldError]
        let balance: [EnvironmentStatus.Standing]
        let maintenance: [MaintenanceStatus]

        init(_ status: EnvironmentStatus, _ last: ReleaseSummary?) {
            well = status.isWell
            address = status.address
            lastRelease = last
            replicas = status.replicas
            sites = status.sites
            signals = status.signals
            shares = status.shares
            certificates = status.certificates
            renewal = status.renewal
            troubles = status.troubles
            balance = status.balance
            maintenance = status.maintenance
        }
    }
}
