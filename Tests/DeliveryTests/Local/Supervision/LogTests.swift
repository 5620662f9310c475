import Delivery
import FoundationEssentials
import Glibc
import Synchronization
import TestKit
import Testing
import World

@Suite("Logs", .timeLimit(.minutes(10)))
struct LogTests {
    private let place = TemporaryFolder()
    private let noon = Date(timeIntervalSince1970: 1_795_262_400)

    private func entry(_ line: String, format: LogFormat = .json) -> LogEntry {
        LogEntry(
            line: LineSplitter.Line(bytes: Array(line.utf8), isCut: false), time: noon, service: "api", release: "r1",
            replica: 0, stream: .output, format: format)
    }

    private static let full =
        #"{"timestamp":"2026-11-21T12:00:00Z","severity":"WARNING","message":"slow","service_name":"api","correlation_id":"c1","ms":12.50}"#

    @Test("a JSON line keeps its fields and gives its severity and message")
    func json() {
        let entry = entry(Self.full)
        #expect(entry.isJSON)
        #expect(entry.severity == .warning)
        #expect(entry.message == "slow")
        #expect(entry.missingFields == [])
        #expect(entry.fields?["ms"] == .number("12.50"))
    }

    @Test(
        "missing and senseless mandatory fields are named",
        arguments: [
            (#"{"message":"x"}"#, ["timestamp", "severity", "service_name", "correlation_id"]),
            (
                #"{"timestamp":"2026-11-21T12:00:00+01:00","severity":"warn","message":"x","service_name":"a","correlation_id":""}"#,
                ["timestamp", "severity", "correlation_id"]
            ),
            (
                #"{"timestamp":1,"severity":"INFO","message":"","service_name":"a","correlation_id":"c"}"#,
                ["timestamp", "message"]
            ),
        ])
    func missing(line: String, fields: [String]) {
        #expect(entry(line).missingFields == fields)
        #expect(entry(line, format: .plain).missingFields == [])
    }

    @Test("plain text, arrays and broken JSON are plain", arguments: ["started", "[1]", #"{"a":"#, "", "{not json}"])
    func plain(line: String) {
        #expect(!entry(line).isJSON)
        #expect(entry(line).message == line)
        #expect(entry(line).severity == nil)
    }

    @Test("entries survive being stored", arguments: [full, "plain \"text\"\u{1}", #"{"level":"fatal","msg":"m"}"#])
    func stored(line: String) {
        let entry = entry(line)
        #expect(LogEntry(stored: Array(entry.json.text.utf8)) == entry)
    }

    private func collector(_ limits: LogLimits = LogLimits(), at date: @escaping @Sendable () -> Date = { Date() })
        -> LogCollector
    {
        var keeper = Timekeeper.live
        keeper.date = date
        return LogCollector(folder: place.path, limits: limits, keeper: keeper)
    }

    private func source(_ name: String = "api", id: String = "api.r1.0") -> LogCollector.Source {
        LogCollector.Source(
            Workload(
                id: id, kind: .service, name: name, release: "r1", command: ["x"], workingDirectory: "/"))
    }

    private func append(
        _ text: String, to collector: LogCollector, id: String = "api.r1.0", _ stream: StandardStream = .output
    ) throws {
        let descriptor = open(collector.rawPath(id, stream), O_WRONLY | O_APPEND)
        defer { close(descriptor) }
        let bytes = Array(text.utf8)
        #expect(write(descriptor, bytes, bytes.count) == bytes.count)
    }

    @Test("lines are counted, stored with their origin, and read back with filters")
    func collect() async throws {
        let collector = collector()
        try await collector.follow(source())
        try await collector.follow(source("web", id: "web.r1.0"))
        try append("plain\n\(Self.full)\n{\"severity\":\"ERROR\",\"message\":\"bad\"}\nhalf", to: collector)
        try append("oops\n", to: collector, .error)
        try append("other\n", to: collector, id: "web.r1.0")
        await collector.collectAll()
        let tally = await collector.tally("api.r1.0")
        #expect(tally.json == 2 && tally.plain == 2 && tally.incomplete == 1)
        #expect(tally.missing == ["timestamp": 1, "service_name": 1, "correlation_id": 1])
        let reader = LogReader(folder: place.path)
        #expect(reader.read(LogQuery()).count == 5)
        #expect(reader.read(LogQuery(services: ["api"])).map { $0.message } == ["plain", "slow", "bad", "oops"])
        #expect(reader.read(LogQuery(services: ["api"])).last?.stream == .error)
        #expect(reader.read(LogQuery(minimumSeverity: .warning)).map { $0.message } == ["slow", "bad"])
        #expect(reader.read(LogQuery(services: ["api"], last: 2)).map { $0.message } == ["bad", "oops"])
        #expect(reader.read(LogQuery(release: "r2")).isEmpty)
        #expect(reader.read(LogQuery(since: Date().addingTimeInterval(60))).isEmpty)
        // A line without its end is kept back, then given when nothing follows.
        await collector.collectAll(flush: true)
        #expect(reader.read(LogQuery(services: ["api"], last: 1)).map { $0.message } == ["half"])
    }

    @Test("a new collector goes on where the last one ended, the half line included")
    func resume() async throws {
        let first = collector()
        try await first.follow(source())
        try append("one\ntw", to: first)
        await first.collectAll()
        let second = collector()
        try await second.follow(source())
        try append("o\nthree\n", to: second)
        await second.collectAll()
        #expect(LogReader(folder: place.path).read(LogQuery()).map { $0.message } == ["one", "two", "three"])
    }

    @Test("files follow one another by size and by day, and the oldest go when all are too large")
    func rotation() async throws {
        let days = Mutexed(noon)
        let collector = collector(LogLimits(fileBytes: 2000, totalBytes: 6000)) { days.value }
        try await collector.follow(source())
        for number in 0..<20 {
            try append("line \(number) \(String(repeating: "x", count: 300))\n", to: collector)
            await collector.collectAll()
        }
        let sameDay = Folder.names(in: place.path + "/api")
        #expect(sameDay.allSatisfy { $0.hasPrefix("2026-11-21.") } && sameDay.count > 1)
        #expect(!sameDay.contains("2026-11-21.0001.jsonl"), "the oldest is gone")
        days.value = noon.addingTimeInterval(86400)
        try append("tomorrow\n", to: collector)
        await collector.collectAll()
        #expect(Folder.names(in: place.path + "/api").last == "2026-11-22.0001.jsonl")
        let read = LogReader(folder: place.path).read(LogQuery(last: 2)).map { $0.message.prefix(8) }
        #expect(read == ["line 19 ", "tomorrow"])
    }

    @Test("files of days that ended longer ago than logs are kept go, also that of a service which fell silent")
    func retention() async throws {
        let days = Mutexed(noon)
        let collector = collector { days.value }
        try await collector.follow(source())
        try await collector.follow(source("web", id: "web.r1.0"))
        for day in 0..<4 {
            days.value = noon.addingTimeInterval(Double(day) * 86400)
            try append("api \(day)\n", to: collector)
            if day == 0 { try append("web 0\n", to: collector, id: "web.r1.0") }
            await collector.collectAll()
        }
        func kept() -> [String] { LogReader(folder: place.path).read(LogQuery()).map(\.message).sorted() }
        await collector.removeExpired()
        #expect(kept().count == 5, "nobody said how long")
        try LogRetention.write(.seconds(2 * 86400), in: place.path)
        #expect(LogRetention.read(place.path) == .seconds(2 * 86400))
        // The first day ended two days and twelve hours ago, the second one day and twelve hours.
        await collector.removeExpired()
        #expect(kept() == ["api 1", "api 2", "api 3"])
        try append("web again\n", to: collector, id: "web.r1.0")
        await collector.collectAll()
        #expect(kept() == ["api 1", "api 2", "api 3", "web again"])
        try LogRetention.write(.seconds(30 * 86400), in: place.path)
        days.value = noon.addingTimeInterval(33 * 86400)
        await collector.removeExpired()
        #expect(kept() == ["api 3", "web again"])
        days.value = noon.addingTimeInterval(34 * 86400)
        await collector.removeExpired()
        #expect(kept().isEmpty)
    }

    @Test("what was read of a large raw file takes no disk any more")
    func punch() async throws {
        let collector = collector()
        try await collector.follow(source())
        let line = String(repeating: "y", count: 1023) + "\n"
        for _ in 0..<5 { try append(String(repeating: line, count: 1024), to: collector) }
        await collector.collectAll()
        var information = stat()
        #expect(stat(collector.rawPath("api.r1.0", .output), &information) == 0)
        #expect(information.st_size == 5 << 20)
        #expect(information.st_blocks * 512 < 2 << 20)
        #expect(await collector.tally("api.r1.0").plain == 5120)
    }

    @Test("following gives the last entries, then each new one, through a new file")
    func follow() async throws {
        let collector = collector(LogLimits(fileBytes: 400))
        try await collector.follow(source())
        try append("a\nb\n", to: collector)
        await collector.collectAll()
        let stream = LogReader(folder: place.path).follow(LogQuery(last: 1))
        var iterator = stream.makeAsyncIterator()
        #expect(await iterator.next()?.message == "b")
        for number in 0..<10 {
            try append("n\(number)\n", to: collector)
            await collector.collectAll()
        }
        for number in 0..<10 { #expect(await iterator.next()?.message == "n\(number)") }
        #expect(Folder.names(in: place.path + "/api").count > 1)
    }

    @Test("a torn line at the end of a file spoils no other")
    func torn() async throws {
        try Folder.make(place.path + "/api")
        let day = Timestamp.day(noon)
        try place.write("api/\(day).0001.jsonl", entry("whole").json.text + "\n{\"time\":\"20")
        let noon = noon
        let collector = collector { noon }
        try await collector.follow(source())
        try append("next\n", to: collector)
        await collector.collectAll()
        #expect(LogReader(folder: place.path).read(LogQuery()).map { $0.message } == ["whole", "next"])
    }
}

/// A value that a test changes under a closure.
final class Mutexed<Value: Sendable>: Sendable {
    private let box: Mutex<Value>
    init(_ value: Value) { box = Mutex(value) }
    var value: Value {
        get { box.withLock { $0 } }
        set { box.withLock { $0 = newValue } }
    }
}
