import FoundationEssentials
import Planning
import Spec
import World

extension SwarmEngine {
    /// How many lines of each task are asked for when nobody says how many.
    private static let usualLines = 10_000

    /// What the tasks wrote that Swarm remembers, on servers that can be reached, and the front door.
    package func logs(_ query: LogQuery) async throws -> [LogEntry] {
        var all = try await taskLogs(query) + here.logs(query)
        all.sort { $0.time < $1.time }
        if let last = query.last, all.count > last { all.removeFirst(all.count - last) }
        return all
    }

    private func taskLogs(_ query: LogQuery) async throws -> [LogEntry] {
        // A severity is known only once a line was read.
        let last = query.minimumSeverity == nil ? query.last ?? Self.usualLines : Self.usualLines
        let written = try await wanted(query)
        return await withTaskGroup(of: [LogEntry].self) { group in
            for one in written {
                group.addTask {
                    let lines = (try? await api.logs(ofTask: one.task.id, last: last)) ?? []
                    return lines.map { one.entry($0) }.filter(query.admits)
                }
            }
            return await group.reduce(into: []) { $0 += $1 }
        }
    }

    package func followLogs(_ query: LogQuery) -> AsyncStream<LogEntry> {
        AsyncStream { continuation in
            let task = Task {
                let begin = Date()
                for entry in ((try? await taskLogs(query)) ?? []).sorted(by: { $0.time < $1.time }) {
                    continuation.yield(entry)
                }
                await withDiscardingTaskGroup { group in
                    group.addTask { for await entry in here.followLogs(query) { continuation.yield(entry) } }
                    var followed: Set<String> = []
                    // Swarm starts others, here and there.
                    while !Task.isCancelled {
                        for one in (try? await wanted(query)) ?? []
                        where one.task.state == .running && followed.insert(one.task.id).inserted {
                            group.addTask {
                                try? await api.follow(task: one.task.id, since: "\(begin.timeIntervalSince1970)") {
                                    let entry = one.entry($0)
                                    if entry.time >= begin, query.admits(entry) { continuation.yield(entry) }
                                }
                            }
                        }
                        try? await keeper.sleep(.seconds(1))
                    }
                    group.cancelAll()
                }
                continuation.finish()
            }
            continuation.onTermination = { _ in task.cancel() }
        }
    }

    /// Each engine keeps five files of 10 MiB of each container, whatever their age.
    package func keepLogs(for age: Duration) throws {}

    private struct Writer: Sendable {
        var task: SwarmTask
        var service: String
        var release: String
        var format: LogFormat

        func entry(_ line: DockerLine) -> LogEntry {
            LogEntry(
                line: .init(bytes: Array(line.text.utf8), isCut: line.isCut),
                time: Timestamp.parse(line.time)?.date ?? Date(), service: service, release: release,
                replica: task.slot - 1, stream: line.stream, format: format)
        }
    }

    /// Whoever wrote something that can be read: a server that is lost would be waited for in vain.
    private func wanted(_ query: LogQuery) async throws -> [Writer] {
        let reachable = Set(try await api.nodes().filter { $0.state == .ready }.map(\.id))
        return try await known().flatMap { found -> [Writer] in
            if let services = query.services, !services.contains(found.name.text) { return [] }
            if let release = query.release, release != "\(found.release)" { return [] }
            let part = try? here.releases.part(found.name, of: found.release)
            return found.tasks.filter { $0.container != nil && $0.node.map(reachable.contains) == true }.map {
                Writer(
                    task: $0, service: found.name.text, release: "\(found.release)",
                    format: part?.service.logs == .json ? .json : .plain)
            }
        }
    }
}
