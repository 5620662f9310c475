import Delivery
import GRDB
import Glibc
import Planning
import Testing
import World

/// What can be learned of an environment without asking `hauban`: its processes, its front door's state, its journal.
struct EnvironmentFiles {
    let folder: String
    let supervisor: SupervisorClient
    private let supervisorPid: Int32

    init(_ shop: PlatformFixture) throws {
        let own = try #require(Folder.names(in: shop.state).first { $0.hasPrefix("tiny-") || $0.hasPrefix("shop-") })
        folder = "\(shop.state)/\(own)/dev"
        let (pid, words) = try #require(
            shop.processes().map { ($0, Self.commandLine($0)) }.first { $0.1.contains("supervise") })
        let socket = try #require(words.firstIndex(of: "--socket").map { words[$0 + 1] })
        supervisor = SupervisorClient(socket: socket)
        supervisorPid = pid
    }

    private static func commandLine(_ pid: Int32) -> [String] {
        let bytes = (try? SmallFile.read("/proc/\(pid)/cmdline")) ?? []
        return bytes.split(separator: 0).map { String(decoding: $0, as: UTF8.self) }
    }

    // MARK: The end of a command

    /// What a release leaves behind.
    struct End: Hashable {
        /// `api 0 of 7: ready`, by the version of the folder that the process works in.
        var replicas: [String]
        /// `/api to api`.
        var routes: [String]
        /// `api to 7, 2 upstreams`.
        var backends: [String]
        /// A release without a verdict, a lease of a living holder.
        var open: [String]
        /// Processes of the environment that the supervisor does not name, and those that it names and that are not.
        var strays: [String]

        /// The same for every version.
        func withoutVersion(_ version: Int) -> End {
            var end = self
            end.replicas = replicas.map { $0.replacing(" of \(version):", with: " of this:") }
            end.backends = backends.map { $0.replacing(" to \(version),", with: " to this,") }
            return end
        }
    }

    func end() async throws -> End {
        let statuses = try await supervisor.status()
        var versions: [String: String] = [:]
        var replicas: [String] = []
        for status in statuses where status.kind == .service {
            let version = status.pid.flatMap { SmallFile.text("/proc/\($0)/cwd/version.txt") } ?? "nothing"
            versions["\(status.name) \(status.release)"] = version
            let restarts = status.restarts == 0 ? "" : ", restarted \(status.restarts)"
            replicas.append("\(status.name) \(status.replica) of \(version): \(status.state.rawValue)\(restarts)")
        }
        let door = try #require(JSONValue(parsing: try SmallFile.read(folder + "/front-door.json")))
        var backends: [String] = []
        if case .object(let services)? = door["services"] {
            for member in services {
                guard case .array(let releases)? = member.value["releases"] else { continue }
                for release in releases {
                    let name = release["release"]?.string ?? "?"
                    var count = 0
                    if case .array(let upstreams)? = release["upstreams"] { count = upstreams.count }
                    let site = release["site"]?["root"]?.string.flatMap { SmallFile.text($0 + "/version.txt") }
                    let version = site ?? versions["\(member.key) \(name)"] ?? "?"
                    backends.append("\(member.key) to \(version), \(count) upstreams")
                }
            }
        }
        var routes: [String] = []
        if case .array(let entries)? = door["routes"] {
            routes = entries.map { "\($0["path"]?.string ?? "?") to \($0["service"]?.string ?? "?")" }
        }
        var open: [String] = []
        let journal = try Journal(path: folder + "/journal.sqlite")
        if let record = try journal.open() { open.append("\(record.id) has no verdict") }
        if let lease = try journal.leaseHolder(), lease.holder.process.isAlive {
            open.append("held by \(lease.holder.text)")
        }
        let known = Set(statuses.compactMap(\.pid))
        let marked = Set(ProcessMark.find("HAUBAN_SUPERVISOR", folder).map(\.entry.pid))
        let commands = ProcessMark.find("HAUBAN_COMMAND_OF", folder).map(\.entry.pid)
        let strays = known.symmetricDifference(marked).union(commands).sorted().map { pid in
            "\(pid) \(Self.commandLine(pid).joined(separator: " "))"
        }
        return End(
            replicas: replicas.sorted(), routes: routes.sorted(), backends: backends.sorted(), open: open,
            strays: strays)
    }

    /// The process ids of the supervisor and the front door.
    func lasting() async throws -> [Int32] {
        let answering = try await supervisor.ping().pid
        let door = try await supervisor.status().first { $0.kind == .frontDoor }?.pid ?? 0
        return [answering, door]
    }

    // MARK: The journal

    struct Last {
        var id: Int
        var phase: KillChain.Phase
        var verdict: String?
    }

    func lastRelease() throws -> Last? {
        let queue = try DatabaseQueue(path: folder + "/journal.sqlite")
        return try queue.read { database in
            try Row.fetchOne(
                database, sql: "SELECT number, state, verdict_code FROM releases ORDER BY number DESC LIMIT 1"
            ).map { row in
                Last(
                    id: row["number"], phase: KillChain.Phase(rawValue: row["state"]) ?? .none,
                    verdict: row["verdict_code"])
            }
        }
    }
}
