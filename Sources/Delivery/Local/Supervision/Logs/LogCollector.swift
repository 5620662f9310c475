import FoundationEssentials
package import World

/// Turns the raw output of all replicas into structured entries, counts them, keeps the last ones at hand and passes them on.
package actor LogCollector {
    /// Whose output it is.
    package struct Source: Sendable, Hashable {
        package var id: String
        package var service: String
        package var release: String
        package var replica: Int
        package var format: LogFormat

        package init(_ workload: Workload) {
            id = workload.id
            service = workload.name
            release = workload.release
            replica = workload.replica
            format = workload.logFormat
        }
    }

    private final class Followed {
        let source: Source
        let streams: [(StandardStream, RawLog)]
        var tally: LogTally
        var last: [LogEntry] = []

        init(source: Source, streams: [(StandardStream, RawLog)], tally: LogTally) {
            self.source = source
            self.streams = streams
            self.tally = tally
        }
    }

    private let rawFolder: String
    private let limits: LogLimits
    private let keeper: Timekeeper
    private let files: LogFiles
    private var followed: [String: Followed] = [:]
    private var listeners: [Int: AsyncStream<LogEntry>.Continuation] = [:]
    private var nextListener = 0
    /// Why the last lines could not be stored; they are tried again.
    package private(set) var trouble: WorldError?

    package init(folder: String, limits: LogLimits, keeper: Timekeeper) {
        rawFolder = folder + "/.raw"
        self.limits = limits
        self.keeper = keeper
        files = LogFiles(folder: folder, limits: limits)
    }

    /// Where the outputs of a workload go.
    nonisolated package func rawPath(_ id: String, _ stream: StandardStream) -> String {
        "\(rawFolder)/\(id).\(stream == .output ? "out" : "err")"
    }

    /// Begins to read the output of a workload; a second time changes nothing.
    ///
    /// - Throws: `WorldError`
    package func follow(_ source: Source, tally: LogTally = LogTally()) throws {
        guard followed[source.id]?.source != source else { return }
        try Folder.make(rawFolder)
        let streams = try StandardStream.allCases.map { stream in
            (stream, try RawLog(path: rawPath(source.id, stream), lineLimit: limits.lineBytes))
        }
        followed[source.id] = Followed(source: source, streams: streams, tally: tally)
    }

    /// Reads what is left, then forgets the workload and removes its raw files.
    package func forget(_ id: String) {
        collect(id, flush: true)
        guard followed.removeValue(forKey: id) != nil else { return }
        for stream in StandardStream.allCases { RawLog.remove(rawPath(id, stream)) }
    }

    /// Reads until the task is cancelled, then once more.
    package func run() async {
        var next = keeper.uptime()
        while !Task.isCancelled {
            collectAll()
            if keeper.uptime() >= next {
                removeExpired()
                next = keeper.uptime() + .seconds(600)
            }
            try? await keeper.sleep(.milliseconds(100))
        }
        collectAll()
    }

    /// Removes what is older than the environment keeps logs.
    package func removeExpired() { files.removeExpired(at: keeper.date()) }

    /// Reads what is there now, of all workloads.
    package func collectAll(flush: Bool = false) {
        for id in followed.keys.sorted() { collect(id, flush: flush) }
    }

    /// Reads what is there now, of one workload.
    package func collect(_ id: String, flush: Bool = false) {
        guard let one = followed[id] else { return }
        guard trouble == nil || retry() else {
            relieve(one)
            return
        }
        for (stream, log) in one.streams {
            // A bounded number of rounds, so that one that writes without end does not starve the others.
            for _ in 0..<16 {
                let lines = log.read(now: keeper.uptime(), flush: flush)
                if lines.isEmpty { break }
                let time = keeper.date()
                let entries = lines.map { line in
                    LogEntry(
                        line: line, time: time, service: one.source.service, release: one.source.release,
                        replica: one.source.replica, stream: stream, format: one.source.format)
                }
                store(entries, of: one, at: time)
                if trouble != nil { return }
                log.commit()
            }
        }
    }

    private var unstored: [(service: String, bytes: [UInt8])] = []

    /// Stores what could not be stored before; new lines are not read until then, and stay in their raw files.
    private func retry() -> Bool {
        while let first = unstored.first {
            do {
                try files.append(first.bytes, service: first.service, at: keeper.date())
                unstored.removeFirst()
            } catch {
                return false
            }
        }
        trouble = nil
        return true
    }

    /// While nothing can be stored, lines wait in the raw files. Before a replica's reserve there is used up, the waiting ones are
    /// given up: it must be able to write, or it would fail for the sake of its log.
    private func relieve(_ one: Followed) {
        for (_, log) in one.streams where log.backlog > RawLog.reserve / 2 {
            one.tally.lost = (one.tally.lost ?? 0) + log.read(now: keeper.uptime()).count
            log.commit(atOnce: true)
        }
    }

    private func store(_ entries: [LogEntry], of one: Followed, at time: Date) {
        var bytes: [UInt8] = []
        for entry in entries {
            one.tally.count(entry)
            entry.json.write(to: &bytes)
            bytes.append(0x0a)
            for listener in listeners.values { listener.yield(entry) }
        }
        one.last.append(contentsOf: entries.suffix(Self.kept))
        if one.last.count > Self.kept { one.last.removeFirst(one.last.count - Self.kept) }
        do {
            try files.append(bytes, service: one.source.service, at: time)
        } catch {
            trouble = error as? WorldError ?? WorldError(code: "log", operation: "store logs", underlying: "\(error)")
            unstored.append((one.source.service, bytes))
        }
    }

    private static let kept = 50

    /// What a workload wrote so far, in numbers.
    package func tally(_ id: String) -> LogTally { followed[id]?.tally ?? LogTally() }

    /// The last entries of a workload, the newest last.
    package func last(_ id: String, _ count: Int) -> [LogEntry] { Array(followed[id]?.last.suffix(count) ?? []) }

    /// Entries from now on; a listener that does not keep up loses the oldest.
    package func entries() -> AsyncStream<LogEntry> {
        let (stream, continuation) = AsyncStream.makeStream(
            of: LogEntry.self, bufferingPolicy: .bufferingNewest(10_000))
        let number = nextListener
        nextListener += 1
        listeners[number] = continuation
        continuation.onTermination = { _ in Task { await self.drop(number) } }
        return stream
    }

    private func drop(_ number: Int) { listeners[number] = nil }

    /// Ends all streams of entries.
    package func finish() {
        for listener in listeners.values { listener.finish() }
        listeners = [:]
    }
}
