import GRDB
package import Planning
import World

extension Journal {
    /// The release that has no verdict yet: under way, or interrupted. There is at most one.
    package func open() throws -> ReleaseRecord? {
        try read("look for an unfinished release") { database in
            try Row.fetchOne(
                database, sql: "SELECT * FROM releases WHERE state <> 'ended' ORDER BY number DESC LIMIT 1"
            )
            .map { try record($0, database) }
        }
    }

    /// The release of that number.
    package func release(_ id: ReleaseID) throws -> ReleaseRecord? {
        try read("read release \(id)") { database in
            try Row.fetchOne(database, sql: "SELECT * FROM releases WHERE number = ?", arguments: [id.number])
                .map { try record($0, database) }
        }
    }

    /// The last release that was kept: what should run.
    package func lastKept() throws -> ReleaseRecord? {
        try read("look for the last kept release") { database in
            try Row.fetchOne(
                database, sql: "SELECT * FROM releases WHERE \(Self.isKept) ORDER BY number DESC LIMIT 1"
            )
            .map { try record($0, database) }
        }
    }

    /// The last release that was kept before the given one; when that is a rollback, the one whose state it restored.
    ///
    /// So it never leads to what was rolled back, also when another release was kept since.
    package func kept(before origin: ReleaseID) throws -> ReleaseRecord? {
        try read("look for an earlier release") { database in
            try Row.fetchOne(
                database,
                sql: """
                    SELECT * FROM releases WHERE \(Self.isKept) AND number < ?
                    ORDER BY number DESC LIMIT 1
                    """,
                arguments: [origin.number]
            )
            .map { try record($0, database) }
        }
    }

    /// What runs and what `rollback` leads to, one after another: the last release that was kept first.
    package func lastKept(_ count: Int) throws -> [ReleaseRecord] {
        var records: [ReleaseRecord] = []
        var next = try lastKept()
        while let record = next, records.count < count {
            records.append(record)
            next = try kept(before: record.origin)
        }
        return records
    }

    /// The releases that ended and were not kept.
    func unkept() throws -> Set<ReleaseID> {
        try read("look for releases that were not kept") { database in
            let numbers = try Int.fetchAll(
                database, sql: "SELECT number FROM releases WHERE state = 'ended' AND verdict_code <> 'kept'")
            return Set(numbers.map { ReleaseID($0) })
        }
    }

    /// The latest releases, newest first.
    package func history(limit: Int = 50) throws -> [ReleaseSummary] {
        try read("read the history") { database in
            try Row.fetchAll(
                database, sql: "SELECT * FROM releases ORDER BY number DESC LIMIT ?", arguments: [limit]
            )
            .map { row in
                ReleaseSummary(
                    id: ReleaseID(row["number"] as Int), kind: try Self.value(row["kind"]), label: row["label"],
                    who: row["who"], started: row["started"], ended: row["ended"], verdict: row["verdict_code"],
                    reason: row["reason"], restores: (row["restores"] as Int?).map { ReleaseID($0) })
            }
        }
    }

    /// The steps of a release that were begun, in the order in which they were.
    package func steps(of id: ReleaseID) throws -> [StepSummary] {
        try read("read the steps of release \(id)") { database in
            try Row.fetchAll(
                database, sql: "SELECT * FROM steps WHERE release = ? ORDER BY began, id", arguments: [id.number]
            )
            .map { row in
                StepSummary(
                    id: row["id"], state: try Self.value(row["state"]), began: row["began"], ended: row["ended"],
                    note: row["note"])
            }
        }
    }

    /// A release's story as text lines, oldest first.
    package func events(of id: ReleaseID) throws -> [String] {
        try read("read the events of release \(id)") { database in
            try String.fetchAll(
                database, sql: "SELECT text FROM events WHERE release = ? ORDER BY id", arguments: [id.number])
        }
    }

    /// What services of a release had written when a step of theirs failed, oldest first; several lines each.
    package func logged(of id: ReleaseID) throws -> [String] {
        try read("read the log lines of release \(id)") { database in
            try String.fetchAll(
                database, sql: "SELECT text FROM events WHERE release = ? AND kind = 'log' ORDER BY id",
                arguments: [id.number])
        }
    }

    /// Why a kept release did not pass its verification, and when that was found, in seconds since 1970; nil when nothing is said
    /// against it.
    package func refusal(of id: ReleaseID) throws -> (reason: String, at: Double)? {
        try read("read the verification of release \(id)") { database in
            try Row.fetchOne(
                database, sql: "SELECT text, at FROM events WHERE release = ? AND kind = ? ORDER BY id DESC LIMIT 1",
                arguments: [id.number, Self.verification]
            )
            .map { (reason: $0["text"], at: $0["at"]) }
        }
    }

    /// A settling release is kept already: nothing returns it.
    private static let isKept = "(verdict_code = 'kept' OR state = 'settling')"

    private static func value<Value: RawRepresentable>(_ text: String) throws -> Value where Value.RawValue == String {
        guard let value = Value(rawValue: text) else {
            throw WorldError(
                code: "journal-corrupt", operation: "read the journal", underlying: "'\(text)' is not a known word",
                hint: "It may be written by another version of hauban.")
        }
        return value
    }

    private func record(_ row: Row, _ database: Database) throws -> ReleaseRecord {
        let number: Int = row["number"]
        let steps = try Row.fetchAll(
            database, sql: "SELECT id, state FROM steps WHERE release = ?", arguments: [number])
        var states: [String: ReleaseRun.StepState] = [:]
        for step in steps { states[step["id"]] = try Self.value(step["state"]) }
        return ReleaseRecord(
            id: ReleaseID(number), kind: try Self.value(row["kind"]), label: row["label"], who: row["who"],
            started: row["started"], plan: try decode(Plan.self, row["plan"]),
            desired: try decode(DesiredState.self, row["desired"]),
            baseline: try decode(ObservedState.self, row["baseline"]),
            signals: try (row["signals"] as String?).map { try decode([ServiceSignals].self, $0) },
            state: try state(row), steps: states, notes: try decode([String].self, row["notes"]),
            origin: ReleaseID((row["restores"] as Int?) ?? number))
    }

    private func state(_ row: Row) throws -> ReleaseRun.State {
        let word: String = row["state"]
        switch word {
        case "forward": return .forward
        case "settling": return .settling
        case "returning":
            return .returning(try (row["failure"] as String?).map { try decode(ReleaseFailure.self, $0) } ?? .abandoned)
        case "ended":
            return .ended(try (row["verdict"] as String?).map { try decode(Verdict.self, $0) } ?? .unchanged)
        default:
            throw WorldError(
                code: "journal-corrupt", operation: "read release r\(row["number"] as Int)",
                underlying: "'\(word)' is not a state of a release",
                hint: "It may be written by another version of hauban.")
        }
    }
}
