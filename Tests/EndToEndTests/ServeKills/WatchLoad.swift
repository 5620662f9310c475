import Foundation
import Glibc
import Synchronization
import TestKit
import Testing
import World

/// Senders whose alerts begin, come back and end, and somebody who acknowledges and resolves, until the server is gone.
final class WatchLoad: Sendable {
    /// What the server promised.
    struct Promises: Sendable {
        /// `cause/instance`, answered 200 when it began.
        var begun: Set<String> = []
        /// Of these, the ones whose end was told, whether that was answered or not.
        var toldOver: Set<String> = []
        var over: Set<String> = []
        /// Incidents that were acknowledged or resolved, and this answered 2xx.
        var answered: [String: String] = [:]
        /// Incidents about which something was said, whether that was answered or not.
        var touched: Set<String> = []
    }

    private let port: Int
    private let promises: Mutex<Promises>
    private let isOver = Atomic(false)
    private let threads = Mutex(0)

    init(port: Int, promises: Promises) {
        self.port = port
        self.promises = Mutex(promises)
    }

    var made: Promises { promises.withLock { $0 } }

    func start(round: Int, seed: UInt64, token: String) {
        for client in 1...2 {
            run(SeededGenerator(seed: seed &+ UInt64(client))) { [self] random in
                guard let connection = PostingClient(port: port) else { return }
                var number = 0
                while !isOver.load(ordering: .relaxed) {
                    number += 1
                    guard send(connection, "r\(round)c\(client)n\(number)", &random) else { return }
                    usleep(UInt32.random(in: 0...20_000, using: &random))
                }
            }
        }
        run(SeededGenerator(seed: seed)) { [self] random in
            while !isOver.load(ordering: .relaxed) {
                usleep(UInt32.random(in: 20_000...120_000, using: &random))
                guard (try? answer(token, &random)) != nil else { return }
            }
        }
    }

    func stop() async throws -> Promises {
        isOver.store(true, ordering: .relaxed)
        try await eventually(within: .seconds(120)) { threads.withLock { $0 } == 0 }
        return made
    }

    private func run(
        _ random: SeededGenerator, _ body: @escaping @Sendable (inout SeededGenerator) -> Void
    ) {
        threads.withLock { $0 += 1 }
        SinkThread.begin { [self] in
            var random = random
            body(&random)
            threads.withLock { $0 -= 1 }
        }
    }

    /// One more alert of a known cause, of a new one, or the end of one.
    private func send(_ connection: PostingClient, _ name: String, _ random: inout SeededGenerator) -> Bool {
        let draw = Int.random(in: 0..<100, using: &random)
        let known = promises.withLock { $0.begun.subtracting($0.toldOver).sorted() }
        if draw < 15, let alert = known.randomElement(using: &random) {
            promises.withLock { _ = $0.toldOver.insert(alert) }
            let end = ISO8601DateFormatter().string(from: Date())
            guard connection.post(Self.text(alert, end: end)) else { return false }
            promises.withLock { _ = $0.over.insert(alert) }
            return true
        }
        var cause = draw < 75 ? known.randomElement(using: &random)?.split(separator: "/").first.map(String.init) : nil
        // The API names the first 100 alerts of an incident.
        if let known = cause, promises.withLock({ $0.begun.count { $0.hasPrefix(known + "/") } }) >= 80 { cause = nil }
        let alert = "\(cause ?? name)/\(name)"
        guard connection.post(Self.text(alert, end: nil)) else { return false }
        promises.withLock { _ = $0.begun.insert(alert) }
        return true
    }

    private static func text(_ alert: String, end: String?) -> String {
        let words = alert.split(separator: "/")
        let times = end.map { ",\"endsAt\":\"\($0)\"" } ?? ""
        return
            "[{\"labels\":{\"alertname\":\"\(words[0])\",\"instance\":\"\(words[1])\",\"severity\":\"critical\"}\(times)}]"
    }

    /// Somebody takes an incident on, or ends it.
    private func answer(_ token: String, _ random: inout SeededGenerator) throws {
        let open = try PostingClient.ask(port, "GET", "/api/v1/incidents?limit=50", token: token)
        guard case .array(let items)? = open.json?["items"] else { throw PostingClient.Unreachable() }
        let triggered = items.filter { $0["status"]?.string == "triggered" }.compactMap { $0["id"]?.string }
        guard let id = triggered.randomElement(using: &random) else { return }
        let verb = Bool.random(using: &random) ? "acknowledge" : "resolve"
        promises.withLock { _ = $0.touched.insert(id) }
        let said = try PostingClient.ask(port, "POST", "/api/v1/incidents/\(id)/\(verb)", token: token)
        if (200..<300).contains(said.status) { promises.withLock { $0.answered[id] = verb } }
    }
}
