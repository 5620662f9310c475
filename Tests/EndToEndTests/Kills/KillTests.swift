import Testing
import TestKit
import World

/// SIGKILL for `hauban` itself, on real processes and under load: what was begun is finished or returned by the next command.
@Suite("A killed hauban", .serialized, .timeLimit(.minutes(15)))
struct KillTests {
    /// Environments at a time.
    private static let width = 4

    @Test("at every point between two commits is no loss: the next command ends its release as an unbroken run would")
    func everyPoint() async throws {
        // The points are those that the binary itself passes, so a new kind of step is covered by itself.
        var points: [KillChain.Verb: [String]] = [:]
        _ = try await KillChain.use { chain in
            for verb in [KillChain.Verb.good, .bad, .rollback] { points[verb] = try await chain.unbroken(verb) }
        }
        let good = try #require(points[.good])
        let bad = try #require(points[.bad]).drop { $0 != "taken:smoke.api" }
        let rollback = try #require(points[.rollback])
        for (verb, list) in points { #expect(Set(list).count == list.count && list.count > 50, "\(verb): \(list)") }
        #expect(bad.count > 15)

        // Interleaved, since a rollback needs a release to go back from.
        var jobs: [(KillChain.Verb, String)] = []
        for index in 0..<max(good.count, rollback.count, bad.count) {
            if index < good.count { jobs.append((.good, good[index])) }
            if index < rollback.count { jobs.append((.rollback, rollback[index])) }
            if index < bad.count { jobs.append((.bad, bad[bad.startIndex + index])) }
        }
        let shares = (0..<Self.width).map { part in
            jobs.enumerated().filter { $0.offset / 6 % Self.width == part }.map(\.element)
        }
        let began = ContinuousClock.now
        let tallies = try await Self.inParallel { part in
            try await KillChain.use { chain in
                for (index, job) in shares[part].enumerated() {
                    if job.0 == .rollback, chain.kept.count < 2 { _ = try await chain.unbroken(.good) }
                    let heirs = KillChain.Heir.allCases
                    // Shifted by one each round, so that each kind of command meets each heir.
                    let heir = heirs[(index + index / 3 + part) % heirs.count]
                    let killed = try await chain.kill(job.0, .at(job.1), then: heir)
                    #expect(killed == 1)
                }
            }
        }
        Self.report("\(jobs.count) points", tallies, began)
        #expect(tallies.reduce(0) { $0 + $1.killed.values.reduce(0, +) } == jobs.count)
    }

    @Test("at 200 random moments is no loss either")
    func randomMoments() async throws {
        let seed = UInt64.random(in: 0..<1_000_000)
        print("seed of the random kills: \(seed)")
        let began = ContinuousClock.now
        let tallies = try await Self.inParallel { part in
            try await KillChain.use { chain in
                var generator = SeededGenerator(seed: seed + UInt64(part))
                var points: [KillChain.Verb: [String]] = [:]
                for verb in [KillChain.Verb.good, .bad, .rollback] { points[verb] = try await chain.unbroken(verb) }
                // Some time after one of the points, or after the start: so the moments are spread over all that a command does,
                // however slow the machine is just then.
                func moment(_ list: [String]) -> KillChain.Moment {
                    let place = Int.random(in: -3..<list.count, using: &generator)
                    let most = Bool.random(using: &generator) ? 0.02 : 0.2
                    let wait = Duration.seconds(Double.random(in: 0...most, using: &generator))
                    return .after(wait, place < 0 ? nil : list[place])
                }
                var killed = 0
                while killed < 200 / Self.width {
                    let verbs: [KillChain.Verb] =
                        chain.kept.count > 1 ? [.good, .good, .bad, .bad, .rollback] : [.good, .bad]
                    let verb = verbs.randomElement(using: &generator) ?? .good
                    let heir = KillChain.Heir.allCases.randomElement(using: &generator) ?? .status
                    let again: Duration? =
                        Bool.random(using: &generator)
                        ? .seconds(Double.random(in: 0...1.5, using: &generator)) : nil
                    killed += try await chain.kill(verb, moment(points[verb] ?? []), then: heir, again: again)
                }
            }
        }
        Self.report("random moments, seed \(seed)", tallies, began)
        #expect(tallies.reduce(0) { $0 + $1.killed.values.reduce(0, +) } >= 200)
    }

    @Test("a rollback leads to the release before, however many were returned since and had their builds pruned")
    func rollbackPastReturned() async throws {
        _ = try await KillChain.use { chain in
            _ = try await chain.unbroken(.good)
            for _ in 0..<6 { _ = try await chain.unbroken(.bad) }
            for verb in [KillChain.Verb.good, .rollback, .rollback] { _ = try await chain.unbroken(verb) }
        }
    }

    // MARK: Parts

    private static func inParallel(
        _ body: @escaping @Sendable (Int) async throws -> KillChain.Tally
    ) async throws -> [KillChain.Tally] {
        try await withThrowingTaskGroup(of: KillChain.Tally.self) { group in
            for part in 0..<width { group.addTask { try await body(part) } }
            var tallies: [KillChain.Tally] = []
            for try await tally in group { tallies.append(tally) }
            return tallies
        }
    }

    private static func report(_ what: String, _ tallies: [KillChain.Tally], _ began: ContinuousClock.Instant) {
        var killed: [KillChain.Phase: Int] = [:]
        for tally in tallies { killed.merge(tally.killed, uniquingKeysWith: +) }
        let requests = tallies.reduce(0) { $0 + $1.requests }
        let phases = killed.sorted { $0.key.rawValue < $1.key.rawValue }.map { "\($0.key.rawValue) \($0.value)" }
        print(
            "killed at \(what): \(phases.joined(separator: ", ")); \(requests) requests, none failed unless named; "
                + "\(began.duration(to: .now))")
    }
}
