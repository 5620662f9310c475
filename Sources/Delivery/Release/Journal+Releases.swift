import GRDB
package import Planning

extension Journal {
    /// Writes a new release down under the next number, before its first step.
    package func begin(
        kind: ReleaseKind, label: String, who: String, plan: Plan, desired: DesiredState, baseline: ObservedState,
        restores: ReleaseID? = nil, under lease: Lease
    ) throws -> ReleaseRecord {
        let started = now
        let texts = (try encode(plan), try encode(desired), try encode(baseline))
        // Each record rewrites the release's row, and eight of them fit before the log begins anew.
        try reserve((256 << 10) + 8 * (texts.0.utf8.count + texts.1.utf8.count + texts.2.utf8.count))
        let number = try write("begin a release") { database in
            try lease.check(in: database)
            let number = (try Int.fetchOne(database, sql: "SELECT max(number) FROM releases") ?? 0) + 1
            try database.execute(
                sql: """
                    INSERT INTO releases (number, kind, label, who, started, state, plan, desired, baseline, restores)
                    VALUES (?, ?, ?, ?, ?, 'forward', ?, ?, ?, ?)
                    """,
                arguments: [
                    number, kind.rawValue, label, who, started, texts.0, texts.1, texts.2, restores?.number,
                ])
            return number
        }
        return ReleaseRecord(
            id: ReleaseID(number), kind: kind, label: label, who: who, started: started, plan: plan, desired: desired,
            baseline: baseline, signals: nil, state: .forward, steps: [:], notes: [],
            origin: restores ?? ReleaseID(number))
    }

    /// Writes down where a release is: one step's new state, if any, and the release's own, in one commit.
    package func record(
        _ release: ReleaseID, step: String? = nil, note: String? = nil, run: ReleaseRun, under lease: Lease
    ) throws {
        let moment = now
        try write("record release \(release)") { database in
            try lease.check(in: database)
            if let step, let state = run.steps[step] {
                switch state {
                case .begun, .undoing:
                    try database.execute(
                        sql: """
                            INSERT INTO steps (release, id, state, began) VALUES (?, ?, ?, ?)
                            ON CONFLICT DO UPDATE SET state = excluded.state
                            """,
                        arguments: [release.number, step, state.rawValue, moment])
                case .done, .failed, .undone, .undoFailed:
                    try database.execute(
                        sql: """
                            UPDATE steps SET state = ?, ended = ?, note = coalesce(?, note) WHERE release = ? AND id = ?
                            """,
                        arguments: [state.rawValue, moment, note, release.number, step])
                }
            }
            try write(run, of: release, at: moment, database)
        }
    }

    private func write(_ run: ReleaseRun, of release: ReleaseID, at moment: Double, _ database: Database) throws {
        let notes = run.notes.isEmpty ? "[]" : try encode(run.notes)
        switch run.state {
        case .forward:
            try database.execute(
                sql: "UPDATE releases SET state = 'forward', notes = ? WHERE number = ?",
                arguments: [notes, release.number])
        case .settling:
            try database.execute(
                sql: "UPDATE releases SET state = 'settling', notes = ? WHERE number = ?",
                arguments: [notes, release.number])
        case .returning(let failure):
            try database.execute(
                sql: "UPDATE releases SET state = 'returning', failure = ?, notes = ? WHERE number = ?",
                arguments: [try encode(failure), notes, release.number])
        case .ended(let verdict):
            try database.execute(
                sql: """
                    UPDATE releases SET state = 'ended', verdict = ?, verdict_code = ?, reason = ?, notes = ?, ended = ?
                    WHERE number = ?
                    """,
                arguments: [try encode(verdict), verdict.code, verdict.reason, notes, moment, release.number])
        }
    }

    /// Keeps the signals of what served before the switch, so that a watch that is taken up again has its measure.
    package func record(_ release: ReleaseID, signals: [ServiceSignals], under lease: Lease) throws {
        try write("record the signals before release \(release)") { database in
            try lease.check(in: database)
            try database.execute(
                sql: "UPDATE releases SET signals = ? WHERE number = ?",
                arguments: [try encode(signals), release.number])
        }
    }

    /// Adds a line to a release's story.
    package func note(_ release: ReleaseID, kind: String, _ text: String) throws {
        let moment = now
        try write("note an event of release \(release)") { database in
            try database.execute(
                sql: "INSERT INTO events (release, at, kind, text) VALUES (?, ?, ?, ?)",
                arguments: [release.number, moment, kind, text])
        }
    }

    /// The kind of event that says why a release did not pass its verification.
    static let verification = "verification"

    /// Says of a release why it did not pass its verification; once for each reason.
    package func refuse(_ release: ReleaseID, since reason: String) throws {
        guard try refusal(of: release)?.reason != reason else { return }
        try note(release, kind: Self.verification, reason)
    }

    /// Forgets old releases.
    package func prune(_ retention: ReleaseRetention) throws {
        try write("forget old releases") { database in
            let rows = try Row.fetchAll(
                database, sql: "SELECT number, verdict_code FROM releases WHERE state = 'ended' ORDER BY number")
            let all = rows.map { row in
                (id: ReleaseID(row["number"] as Int), isKept: (row["verdict_code"] as String?) == "kept")
            }
            for id in retention.forgettable(all) {
                try database.execute(sql: "DELETE FROM releases WHERE number = ?", arguments: [id.number])
            }
        }
    }
}
