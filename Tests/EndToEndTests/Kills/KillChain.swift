import Delivery
import Glibc
import Planning
import Testing
import World

/// One environment under load, whose releases are killed one after another; each time another command takes over.
///
/// It knows what should serve after each command, and asks the processes, the front door's state and the journal whether it does.
struct KillChain {
    let shop: PlatformFixture
    let witness: Witness
    let files: EnvironmentFiles
    /// The versions to go back to, and last the one that serves.
    private(set) var kept = [1]
    /// The last version that was written.
    private var written = 1
    /// What an unbroken run leaves behind, its version taken out.
    private let reference: EnvironmentFiles.End
    /// Whether old and new answer side by side for a while.
    private let movesInShares: Bool
    /// The front door and the supervisor, which no release may end.
    private let lasting: [Int32]
    /// How many were killed, by where their release was.
    private(set) var killed: [Phase: Int] = [:]

    var serving: Int { kept.last ?? 0 }

    /// Deploys version 1 to a fresh environment and takes it down after the body.
    static func use(
        inShares: Bool = false, _ body: (inout KillChain) async throws -> Void
    ) async throws -> Tally {
        var tally = Tally()
        try await TinyPlatform.make(inShares: inShares).used { shop in
            try await shop.deploy(expecting: 0)
            let port = try await shop.port()
            tally.requests = try await Witness.watch(port: port, version: "1") { witness in
                var chain = try await KillChain(shop, witness, inShares: inShares)
                try await body(&chain)
                tally.killed = chain.killed
                #expect(chain.overlappingMigrations() == [])
            }
            #expect(try await shop.hauban("down", "dev").code == 0)
            #expect(shop.processes().isEmpty, "no orphan: \(shop.processes())")
        }
        return tally
    }

    /// What a chain came to.
    struct Tally {
        var requests = 0
        var killed: [Phase: Int] = [:]
    }

    private init(_ shop: PlatformFixture, _ witness: Witness, inShares: Bool) async throws {
        self.shop = shop
        movesInShares = inShares
        self.witness = witness
        files = try EnvironmentFiles(shop)
        reference = try await files.end().withoutVersion(1)
        lasting = try await files.lasting()
    }

    // MARK: Commands

    /// Runs a command to its end.
    /// - Returns: the points that it passed.
    mutating func unbroken(_ verb: Verb) async throws -> [String] {
        let trace = shop.root + "/points.log"
        try? Folder.remove(trace)
        let arguments = try prepare(verb)
        let old = serving
        let end = Expected(verb, .none, verb == .rollback ? .rollback : .deploy)
        let record = try shop.start(arguments, output: "unbroken.log", variables: ["HAUBAN_TEST_CHECKPOINTS": trace])
        let status = await ProcessExit.wait(for: record, timeout: .seconds(60))
        #expect(status == .exited(code: end.codes[0]), "\(verb): \(said("unbroken.log"))")
        try await conclude(end, verb, old, "an unbroken \(verb)")
        return (SmallFile.text(trace) ?? "").split(separator: "\n").map(String.init)
    }

    /// Runs a command, kills it, lets an heir take over, and looks whether all is as after an unbroken run.
    ///
    /// - Parameter again: kills the heir too, after that time, where the same heir once more has one right end.
    /// - Returns: how many commands were killed; 0 when it ended before.
    mutating func kill(_ verb: Verb, _ moment: Moment, then wanted: Heir, again: Duration? = nil) async throws -> Int {
        let before = try files.lastRelease()?.id
        let arguments = try prepare(verb)
        let old = serving
        guard try await isKilled(arguments, moment) else {
            try await conclude(
                Expected(verb, .none, verb == .rollback ? .rollback : .deploy), verb, old, "\(verb), not killed")
            return 0
        }
        let dead = try files.lastRelease()
        let phase = dead?.id == before ? Phase.none : dead?.phase ?? .none
        killed[phase, default: 0] += 1
        let heir = wanted.fitting(verb, phase)
        let end = Expected(verb, phase, heir)
        let what = "\(verb) killed \(moment), then \(phase), then \(heir)"
        var count = 1
        if let again, heir != .rollback, try await isKilled([heir.rawValue, "dev"], .after(again)) {
            count += 1
            killed[.heir, default: 0] += 1
        }
        let outcome = try await shop.hauban([heir.rawValue, "dev"])
        #expect(end.codes.contains(outcome.code), "\(what): exit \(outcome.code)\n\(outcome.output)\(outcome.errors)")
        try await conclude(end, verb, old, what)
        return count
    }

    /// Kills a deploy, then ships yet another version: the killed one is returned first.
    mutating func killThenAnother(_ point: String) async throws {
        let arguments = try prepare(.good)
        let (old, between) = (serving, written)
        let wasKilled = try await isKilled(arguments, .at(point))
        #expect(wasKilled)
        written += 1
        try TinyPlatform.write(version: written, to: shop)
        witness.expect(old, between, written)
        let outcome = try await shop.hauban("deploy", "dev")
        let what = "deploy killed at \(point), then another"
        #expect(outcome.code == 0, "\(what): \(outcome.output)\(outcome.errors)")
        try await conclude(Expected(.good, .forward, .deploy), .good, old, what)
    }

    /// Writes what a verb ships, and says which versions may answer meanwhile.
    private mutating func prepare(_ verb: Verb) throws -> [String] {
        switch verb {
        case .good, .bad:
            written += 1
            try TinyPlatform.write(version: written, fault: verb == .bad ? .smoke : .none, to: shop)
            witness.expect(serving, written)
            return ["deploy", "dev", "--port", "0"]
        case .rollback:
            try #require(kept.count > 1, "there is nothing to go back to")
            // What a `deploy` would ship meanwhile is what serves.
            try TinyPlatform.write(version: serving, to: shop)
            witness.expect(serving, kept[kept.count - 2])
            return ["rollback", "dev"]
        }
    }

    /// - Returns: false when the command ended before.
    private func isKilled(_ arguments: [String], _ moment: Moment) async throws -> Bool {
        let status: World.ExitStatus?
        switch moment {
        case .at(let point):
            let record = try shop.start(arguments, output: "killed.log", variables: ["HAUBAN_TEST_KILL_AT": point])
            status = await ProcessExit.wait(for: record, timeout: .seconds(60))
            #expect(status == .signalled(SIGKILL), "\(point) was not reached: \(said("killed.log"))")
        case .after(let time, let point):
            let trace = shop.root + "/points.log"
            try? Folder.remove(trace)
            let record = try shop.start(arguments, output: "killed.log", variables: ["HAUBAN_TEST_CHECKPOINTS": trace])
            if let point {
                while record.isAlive, !(SmallFile.text(trace) ?? "").contains(point + "\n") {
                    try await Task.sleep(for: .milliseconds(2))
                }
            }
            status = await ProcessExit.wait(for: record, timeout: time)
            if status == nil {
                record.send(SIGKILL, toGroup: false)
                return await ProcessExit.wait(for: record, timeout: .seconds(60)) == .signalled(SIGKILL)
            }
        }
        return status == .signalled(SIGKILL)
    }

    // MARK: Ends

    private mutating func conclude(_ end: Expected, _ verb: Verb, _ old: Int, _ what: String) async throws {
        if end.isNew {
            if verb == .rollback { kept.removeLast() } else { kept.append(written) }
        }
        witness.expect(serving)
        var found = try await files.end()
        // A process that was killed leaves /proc a moment after it was waited for.
        let limit = ContinuousClock.now + .seconds(60)
        while found.withoutVersion(serving) != reference, ContinuousClock.now < limit {
            try await Task.sleep(for: .milliseconds(20))
            found = try await files.end()
        }
        #expect(found.withoutVersion(serving) == reference, "\(what): \(serving) should serve")
        #expect(try await files.lasting() == lasting, "\(what): the front door and the supervisor go on")
        if let verdicts = end.verdicts {
            let verdict = try files.lastRelease()?.verdict
            #expect(verdicts.contains(verdict ?? "none"), "\(what): \(verdict ?? "none"); \(said("killed.log"))")
        }
        let findings = witness.take()
        #expect(findings.count == 0, "\(what): \(findings.prefix(3))")
        if end.isNew, end.isStraight, !movesInShares {
            #expect(witness.switchedOnce(from: old, to: serving), "\(what): \(old) was asked after \(serving) answered")
        }
    }

    /// Migrations that went on after the next had begun: their command was killed, and they were not.
    private func overlappingMigrations() -> [String] {
        var open: String?
        var found: [String] = []
        for line in (SmallFile.text(TinyPlatform.ledger(shop)) ?? "").split(separator: "\n") {
            let words = line.split(separator: " ").map(String.init)
            guard words.count == 2 else { continue }
            if words[0] == "begin" {
                open = words[1]
            } else if words[1] != open {
                found.append(words[1])
            }
        }
        return found
    }

    private func said(_ file: String) -> String { SmallFile.tail("\(shop.root)/\(file)", bytes: 3000) }
}

extension KillChain {
    /// What is killed.
    enum Verb: String, CaseIterable, Sendable {
        case good, bad, rollback
    }

    /// What takes over.
    enum Heir: String, CaseIterable, Sendable {
        case deploy, rollback, status

        /// `rollback` means an earlier release once the killed one is over, or never began: `status` takes its place then.
        func fitting(_ verb: Verb, _ phase: Phase) -> Heir {
            guard self == .rollback else { return self }
            return switch (verb, phase) {
            case (.good, .none), (.bad, .none), (.bad, .ended), (.rollback, .ended): .status
            default: .rollback
            }
        }
    }

    /// When it is killed: at one of the points that a run passes, or after a time, counted from such a point or from its start.
    enum Moment: Sendable {
        case at(String)
        case after(Duration, String? = nil)
    }

    /// Where a release is when its command was killed.
    enum Phase: String, Sendable {
        case none = "not begun"
        case forward, returning, settling, ended
        case heir
    }

    /// What must be so once the heir is done; docs/release.md has the same as a table.
    struct Expected {
        /// The new version serves, for a rollback the earlier one.
        var isNew: Bool
        /// Of the heir.
        var codes: [Int32]
        /// Of the last release; nil when nothing was begun.
        var verdicts: [String]?
        /// Traffic moved once only.
        var isStraight = true

        init(_ verb: Verb, _ phase: Phase, _ heir: Heir) {
            switch (verb, heir) {
            case (.good, .deploy): self.init(isNew: true, codes: [0], verdicts: ["kept"])
            case (.good, .status), (.rollback, .status):
                self.init(isNew: phase != .none, codes: [0], verdicts: phase == .none ? nil : ["kept"])
            case (.good, .rollback):
                let isKept = phase == .settling || phase == .ended
                self.init(isNew: false, codes: [isKept ? 0 : 3], verdicts: [isKept ? "kept" : "returned"])
            case (.bad, .deploy): self.init(isNew: false, codes: [3], verdicts: ["returned"])
            case (.bad, .status):
                self.init(isNew: false, codes: [0], verdicts: phase == .none ? nil : ["returned"])
            case (.bad, .rollback): self.init(isNew: false, codes: [3], verdicts: ["returned"])
            case (.rollback, .rollback): self.init(isNew: true, codes: [0], verdicts: ["kept"])
            case (.rollback, .deploy):
                self.init(isNew: false, codes: [0], verdicts: phase == .none ? nil : ["kept", "returned"])
            }
        }

        private init(isNew: Bool, codes: [Int32], verdicts: [String]?) {
            self.isNew = isNew
            self.codes = codes
            self.verdicts = verdicts
        }
    }
}
