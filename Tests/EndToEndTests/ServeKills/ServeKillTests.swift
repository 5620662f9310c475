import Foundation
import Glibc
import TestKit
import Testing
import World

/// SIGKILL for `hauban serve` at random moments, while alerts come in, escalations run, people answer, and the one who takes
/// the messages fails as often as not.
///
/// `HAUBAN_SERVE_KILLS=500` kills as often as that; 25 times without it. Each 25 kills are the life of one store, which is
/// judged at its end.
@Suite("A killed pager", .serialized, .timeLimit(.minutes(60)))
struct ServeKillTests {
    private static let killsOfALife = 25

    @Test("loses no alert that it answered and no page, and its ledger explains every message that came twice")
    func kills() async throws {
        let asked = ProcessInfo.processInfo.environment["HAUBAN_SERVE_KILLS"].flatMap { Int($0) } ?? 25
        let seed =
            ProcessInfo.processInfo.environment["HAUBAN_SERVE_SEED"].flatMap { UInt64($0) }
            ?? .random(in: 0..<1_000_000_000)
        print("ServeKillTests: \(asked) kills, seed \(seed)")
        var left = asked
        var life: UInt64 = 0
        var alerts = 0
        var total = PageLedgers.Tally()
        while left > 0 {
            let (tally, answered) = try await live(kills: min(left, Self.killsOfALife), seed: seed &+ life << 32)
            total = total + tally
            alerts += answered
            left -= Self.killsOfALife
            life += 1
        }
        let states = total.states.sorted { $0.key < $1.key }.map { "\($0.value) \($0.key)" }.joined(separator: ", ")
        print(
            "ServeKillTests: \(asked) kills, \(alerts) alerts answered 200, \(total.incidents) incidents, pages: \(states); "
                + "\(total.requests) requests at the sink, \(total.taken) taken, \(total.duplicates) of them not the first"
        )
    }

    /// One store's life, and the judgement.
    private func live(kills: Int, seed: UInt64) async throws -> (PageLedgers.Tally, answered: Int) {
        let sink = try FaultySink(seed: seed)
        do {
            let result = try await live(kills: kills, seed: seed, sink)
            try await sink.end()
            return result
        } catch {
            try await sink.end()
            throw error
        }
    }

    private func live(
        kills: Int, seed: UInt64, _ sink: FaultySink
    ) async throws -> (PageLedgers.Tally, answered: Int) {
        let folder = TemporaryFolder()
        try folder.write("hauban.yaml", Self.platform(sink.port))
        let port = try FreePort().next()
        var random = SeededGenerator(seed: seed)
        var promises = WatchLoad.Promises()
        for round in 1...kills {
            let process = try await ServeProcess.start(folder, port, ["--env", "dev"])
            let load = WatchLoad(port: port, promises: promises)
            load.start(round: round, seed: random.next(), token: try await Self.token(folder, port))
            // At least one more is answered in each round, so that each kill falls into work.
            let before = promises.begun.count + promises.over.count
            try await eventually(within: .seconds(60)) { load.made.begun.count + load.made.over.count > before }
            try await Task.sleep(for: .microseconds(Int.random(in: 0...250_000, using: &random)))
            _ = await process.end(SIGKILL)
            promises = try await load.stop()
        }
        sink.heal()
        let process = try await ServeProcess.start(folder, port, ["--env", "dev"])
        var ledgers = PageLedgers(port: port, token: try await Self.token(folder, port))
        try await ledgers.settle(promises.begun.subtracting(promises.toldOver))
        let note = "seed \(seed)"
        try judge(promises, ledgers, port, note)
        #expect(await process.end(SIGTERM) == .exited(code: 0))
        let summaries = try PageLedgers.summaries(folder.path + "/data")
        return (ledgers.judge(sink.tallies, summaries: summaries, note), promises.begun.count + promises.over.count)
    }

    /// What was answered holds.
    private func judge(_ promises: WatchLoad.Promises, _ ledgers: PageLedgers, _ port: Int, _ note: String) throws {
        let firing = try PostingClient.firing(port)
        let lost = promises.begun.subtracting(promises.toldOver).subtracting(firing)
        #expect(lost.count == 0, "\(note): of \(promises.begun.count) lost: \(lost.sorted().prefix(3))")
        let alive = promises.over.intersection(firing)
        #expect(alive.count == 0, "\(note): ends lost: \(alive.sorted().prefix(3))")
        let alone = promises.begun.subtracting(promises.toldOver).subtracting(ledgers.firing)
        #expect(alone.count == 0, "\(note): in no incident: \(alone.sorted().prefix(3))")
        for (id, verb) in promises.answered {
            // Another alert of its cause may have opened it again.
            let status = ledgers.status(of: id)
            #expect(
                status != "triggered" || ledgers.wasReopened(id),
                "\(note): \(id) was \(verb)d, and is \(status ?? "gone")")
        }
    }

    /// The token of the process that runs: it is written once the port listens, over that of the one before.
    private static func token(_ folder: TemporaryFolder, _ port: Int) async throws -> String {
        var token = ""
        try await eventually(within: .seconds(60)) {
            token = JSONValue(parsing: Array(folder.read("data/local.json").utf8))?["token"]?.string ?? ""
            return try PostingClient.ask(port, "GET", "/api/v1/incidents?limit=1", token: token).status == 200
        }
        return token
    }

    private static func platform(_ port: Int) -> String {
        """
        hauban: 1
        platform: killed
        owner: {team: all, oncall: watch}
        people:
          ana: {phone: "+33612345678", order: {critical: [sms], high: [sms]}}
        teams:
          all: {people: [ana]}
          first: {people: [ana], channels: ["webhook:first"]}
          last: {people: [ana], channels: ["webhook:last"]}
        oncall:
          watch:
            rotation: {every: week, at: "mon 09:00", zone: Europe/Paris, people: [ana]}
            escalate: [{after: 0s, to: first}, {after: 1s, to: watch}, {after: 2s, to: last}]
        routes:
          all: {match: {severity: critical}, to: watch, group: [alertname], interval: 1s}
        notify:
          sms: {url: "http://127.0.0.1:\(port)/sms", body: '{"key":"${key}","to":"${to}","text":"${text}"}'}
          webhooks:
            first: {url: "http://127.0.0.1:\(port)/first"}
            last: {url: "http://127.0.0.1:\(port)/last"}
          limit: {messages: 5, within: 1s}
          retry: {first: 100ms, most: 800ms, attempts: 60}
        services:
          api: {source: ., run: sleep 1000}
        environments:
          dev: {target: local}
        """
    }
}
