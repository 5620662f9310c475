import GRDB
import World

/// The right to change an environment, held by one process for as long as it lives and says so.
package struct Lease: Sendable {
    /// Differs for each time that a lease is taken, so that a process cannot mistake another's for its own.
    let token: String
    let name: String
    /// See ``Fence``.
    package let fence: Int
    /// Without a heartbeat for this long, a holder that cannot be looked at counts as dead.
    package let term: Duration

    /// What came of asking for a lease.
    package enum Answer: Sendable {
        case taken(Lease)
        /// `since` is seconds since 1970.
        case held(by: LeaseHolder, since: Double)
        /// By the calendar its term is over, or its last heartbeat lies in the future, but that may be a clock that was set:
        /// who hears no other `beat` for a whole term by its own clock may ask again with this one.
        case doubtful(by: LeaseHolder, since: Double, beat: String)
    }

    /// That the lease is still this one; part of every transaction that it protects.
    func check(in database: Database) throws {
        let found = try String.fetchOne(database, sql: "SELECT token FROM leases WHERE name = ?", arguments: [name])
        guard found == token else { throw Self.lost }
    }

    static var lost: WorldError {
        WorldError(
            code: "lease-lost", operation: "go on with the release",
            underlying: "another process took over, since this one gave no sign of life for the lease's term",
            hint: "`hauban status` shows what the other one does.")
    }
}

extension Journal {
    private static let leaseName = "release"

    /// Takes the lease if nobody alive has it, in one transaction.
    ///
    /// - Parameters:
    ///   - token: unique to this attempt.
    ///   - life: what is known about another holder; ``LeaseHolder/life(seenFrom:)`` but in tests.
    ///   - silent: the beat after which nothing was heard for a whole term.
    package func lease(
        for holder: LeaseHolder, token: String, term: Duration = .seconds(15), silent: String? = nil,
        life: (LeaseHolder) -> LeaseHolder.Life
    ) throws -> Lease.Answer {
        let moment = now
        let uptime = keeper.uptime() / .seconds(1)
        let text = try encode(holder)
        return try write("take the lease") { database in
            let found = try Row.fetchOne(
                database, sql: "SELECT * FROM leases WHERE name = ?", arguments: [Self.leaseName])
            if let found {
                let other = try decode(LeaseHolder.self, found["holder"])
                let isHeld: Bool
                switch life(other) {
                case .alive: isHeld = true
                case .dead: isHeld = false
                case .unknown:
                    let term: Double = found["term"]
                    if let beat = found["uptime"] as Double?, other.process.boot == holder.process.boot {
                        // The same kernel, so the same clock, which nobody can set.
                        isHeld = uptime < beat + term
                    } else {
                        let age = moment - (found["heartbeat"] as Double)
                        let beat = "\(found["token"] as String) \(found["heartbeat"] as Double)"
                        isHeld = (0..<term).contains(age)
                        if !isHeld, beat != silent { return .doubtful(by: other, since: found["since"], beat: beat) }
                    }
                }
                if isHeld { return .held(by: other, since: found["since"]) }
            }
            try database.execute(
                sql: """
                    INSERT INTO leases (name, token, holder, since, heartbeat, term, uptime) VALUES (?, ?, ?, ?, ?, ?, ?)
                    ON CONFLICT DO UPDATE SET token = excluded.token, holder = excluded.holder,
                        since = excluded.since, heartbeat = excluded.heartbeat, term = excluded.term,
                        uptime = excluded.uptime
                    """,
                arguments: [Self.leaseName, token, text, moment, moment, term / .seconds(1), uptime])
            // The time, so that a journal that begins anew is not behind what the old one gave out.
            try database.execute(
                sql: """
                    INSERT INTO fences (name, last) VALUES (?, ?)
                    ON CONFLICT DO UPDATE SET last = max(last + 1, excluded.last)
                    """,
                arguments: [Self.leaseName, Int(moment * 1000)])
            let fence =
                try Int.fetchOne(database, sql: "SELECT last FROM fences WHERE name = ?", arguments: [Self.leaseName])
            return .taken(Lease(token: token, name: Self.leaseName, fence: fence ?? 0, term: term))
        }
    }

    /// Says that the holder lives.
    ///
    /// - Throws: `WorldError` with the code `lease-lost` when another one took over.
    package func renew(_ lease: Lease) throws {
        let moment = now
        let uptime = keeper.uptime() / .seconds(1)
        try write("renew the lease") { database in
            try lease.check(in: database)
            try database.execute(
                sql: "UPDATE leases SET heartbeat = ?, uptime = ? WHERE name = ?",
                arguments: [moment, uptime, lease.name])
        }
    }

    /// Gives the lease back; harmless when it was lost.
    package func release(_ lease: Lease) throws {
        try write("give the lease back") { database in
            try database.execute(
                sql: "DELETE FROM leases WHERE name = ? AND token = ?", arguments: [lease.name, lease.token])
        }
    }

    /// Who holds the lease, and since when in seconds since 1970; it may be dead.
    package func leaseHolder() throws -> (holder: LeaseHolder, since: Double)? {
        try read("look who holds the lease") { database in
            try Row.fetchOne(database, sql: "SELECT * FROM leases WHERE name = ?", arguments: [Self.leaseName])
                .map { (try decode(LeaseHolder.self, $0["holder"]), $0["since"]) }
        }
    }
}
