import FoundationEssentials
import Planning
import Spec
import World

/// The last lines of releases that were returned: their containers go, and with them what the engine kept.
struct DockerKeptLogs: Sendable, Hashable {
    /// Of each replica.
    static let lines = 500
    /// Of one line.
    static let bytes = 4_096
    /// How many services of releases are kept, the newest.
    static let files = 20

    struct Line: Codable, Hashable, Sendable {
        var time: String
        var stream: StandardStream
        var text: String
        var isCut: Bool
        var replica: Int

        init(_ line: DockerLine, replica: Int) {
            time = line.time
            stream = line.stream
            text = String(decoding: line.text.utf8.prefix(DockerKeptLogs.bytes), as: UTF8.self)
            isCut = line.isCut || line.text.utf8.count > DockerKeptLogs.bytes
            self.replica = replica
        }

        var line: DockerLine { DockerLine(stream: stream, time: time, text: text, isCut: isCut) }
    }

    /// Absolute.
    let folder: String

    /// Adds to what is kept of a service of a release, and forgets the oldest of others.
    func keep(_ lines: [Line], of service: ServiceName, _ release: ReleaseID) throws {
        guard !lines.isEmpty else { return }
        try Folder.make(folder)
        try AtomicFile.write(Array(try JSONEncoder().encode(lines)), to: path(service.text, release))
        let names = Folder.names(in: folder).compactMap { name in Self.release(of: name).map { (name, $0) } }
            .sorted { ($0.1, $0.0) < ($1.1, $1.0) }
        for (name, _) in names.dropLast(Self.files) { try Folder.remove(folder + "/" + name) }
    }

    /// What is kept of a release, by service.
    func lines(of release: ReleaseID) -> [String: [Line]] {
        var all: [String: [Line]] = [:]
        let end = "-\(release).json"
        for name in Folder.names(in: folder) where name.hasSuffix(end) {
            guard let bytes = try? SmallFile.read(folder + "/" + name, limit: 64 << 20) else { continue }
            all[String(name.dropLast(end.count))] = try? JSONDecoder().decode([Line].self, from: Data(bytes))
        }
        return all
    }

    private func path(_ service: String, _ release: ReleaseID) -> String { "\(folder)/\(service)-\(release).json" }

    private static func release(of name: String) -> ReleaseID? {
        guard name.hasSuffix(".json"), let dash = name.lastIndex(of: "-") else { return nil }
        return ReleaseID(String(name[name.index(after: dash)...].dropLast(5)))
    }
}

extension DockerEngine {
    var keptLogs: DockerKeptLogs { DockerKeptLogs(folder: place.keptLogs) }

    /// Keeps the last lines of replicas that are about to go; without them the way back goes on.
    func keepLogs(of service: ServiceName, _ release: ReleaseID, _ replicas: [DockerReplica]) async {
        var lines: [DockerKeptLogs.Line] = []
        for replica in replicas {
            let last = (try? await api.logs(of: replica.container.id, last: DockerKeptLogs.lines)) ?? []
            lines += last.map { DockerKeptLogs.Line($0, replica: replica.number) }
        }
        try? keptLogs.keep(lines, of: service, release)
    }
}
