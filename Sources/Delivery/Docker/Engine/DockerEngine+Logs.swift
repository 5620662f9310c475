import FoundationEssentials
import Planning
import Spec
import World

extension DockerEngine {
    /// How many lines of each container are asked for when nobody says how many.
    private static let usualLines = 10_000

    package func logs(_ query: LogQuery) async throws -> [LogEntry] {
        var all: [LogEntry] = []
        for member in try await wanted(query) {
            // A severity is known only once a line was read.
            let last = query.minimumSeverity == nil ? query.last ?? Self.usualLines : Self.usualLines
            all += try await entries(of: member, last: last).filter(query.admits)
        }
        all += returned(query)
        all.sort { $0.time < $1.time }
        if let last = query.last, all.count > last { all.removeFirst(all.count - last) }
        return all
    }

    package func followLogs(_ query: LogQuery) -> AsyncStream<LogEntry> {
        AsyncStream { continuation in
            let task = Task {
                let begin = Date()
                for entry in (try? await logs(query)) ?? [] { continuation.yield(entry) }
                let (starts, started) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
                await withTaskGroup(of: String?.self) { group in
                    group.addTask {
                        await watchStarts { started.yield() }
                        return nil
                    }
                    var followed: Set<String> = []
                    // New replicas join, and what ended may be started again.
                    while !Task.isCancelled {
                        for member in (try? await wanted(query)) ?? []
                        where member.container.state == .running && followed.insert(member.container.id).inserted {
                            group.addTask { await follow(member, query, since: begin, continuation) }
                        }
                        group.addTask {
                            for await _ in starts { break }
                            return nil
                        }
                        while let ended = await group.next() {
                            guard let ended else { break }
                            followed.remove(ended)
                        }
                    }
                    group.cancelAll()
                }
                continuation.finish()
            }
            continuation.onTermination = { _ in task.cancel() }
        }
    }

    /// Tells of each container of the environment that starts, and now and then of none, until it is cancelled: the engine may have
    /// been away meanwhile.
    private func watchStarts(_ tell: @escaping @Sendable () -> Void) async {
        let own = environment.text
        await withTaskGroup(of: Void.self) { group in
            group.addTask {
                while !Task.isCancelled {
                    try? await api.events(labelled: "\(DockerLabels.platform)=\(platform)", isOpen: tell) { event in
                        if event.action == "start", event.attributes[DockerLabels.environment] == own { tell() }
                    }
                    try? await keeper.sleep(.seconds(1))
                }
            }
            group.addTask {
                while !Task.isCancelled {
                    try? await keeper.sleep(.seconds(10))
                    tell()
                }
            }
        }
    }

    /// The engine keeps five files of 10 MiB of each container, whatever their age.
    package func keepLogs(for age: Duration) throws {}

    private func follow(
        _ member: Member, _ query: LogQuery, since begin: Date, _ continuation: AsyncStream<LogEntry>.Continuation
    ) async -> String? {
        let format = format(of: member)
        let since = String(begin.timeIntervalSince1970)
        try? await api.follow(member.container.id, since: since) { line in
            let entry = Self.entry(line, of: member, format)
            if entry.time >= begin, query.admits(entry) { continuation.yield(entry) }
        }
        return member.container.id
    }

    /// What is kept of a release that was returned, where one was asked for.
    private func returned(_ query: LogQuery) -> [LogEntry] {
        guard let release = query.release.flatMap({ ReleaseID($0) }) else { return [] }
        return keptLogs.lines(of: release).flatMap { service, lines in
            let format = format(of: service, "\(release)")
            return lines.map {
                Self.entry($0.line, of: service, "\(release)", $0.replica, format)
            }
        }.filter(query.admits)
    }

    private func wanted(_ query: LogQuery) async throws -> [Member] {
        try await members().filter { member in
            if let services = query.services, !services.contains(member.name) { return false }
            return query.release == nil || query.release == member.release
        }
    }

    /// The newest lines of a container.
    func entries(of member: Member, last: Int) async throws -> [LogEntry] {
        let format = format(of: member)
        return try await api.logs(of: member.container.id, last: last).map { Self.entry($0, of: member, format) }
    }

    private func format(of member: Member) -> LogFormat { format(of: member.name, member.release) }

    private func format(of name: String, _ release: String) -> LogFormat {
        guard let service = ServiceName(name), let release = ReleaseID(release),
            let part = try? releases.part(service, of: release)
        else { return .plain }
        return part.service.logs == .json ? .json : .plain
    }

    private static func entry(_ line: DockerLine, of member: Member, _ format: LogFormat) -> LogEntry {
        entry(line, of: member.name, member.release, member.number, format)
    }

    private static func entry(
        _ line: DockerLine, of name: String, _ release: String, _ replica: Int, _ format: LogFormat
    ) -> LogEntry {
        LogEntry(
            line: .init(bytes: Array(line.text.utf8), isCut: line.isCut),
            time: Timestamp.parse(line.time)?.date ?? Date(), service: name, release: release, replica: replica,
            stream: line.stream, format: format)
    }
}
