import GRDB
import Glibc
package import Response
import Synchronization
import World

/// The store of one process: SQLite in WAL mode with `synchronous = FULL`, so that a commit that returned survives a kill and
/// a loss of power.
package final class SQLiteStore: Store {
    private let database: DatabaseQueue
    private let path: String
    private let lock: Mutex<FileLock?>
    private let index = Mutex(RowIndex())

    /// Opens or makes the file, and brings an older one up to this version.
    ///
    /// - Throws: `WorldError`: `store-locked` while another process has it, `store-newer`, `store-corrupt`, `store-unusable`,
    ///   or that of a disk which is full or closed.
    package init(path: String) throws {
        self.path = path
        let folder = path.lastIndex(of: "/").map { String(path[..<$0]) } ?? "."
        try Folder.make(folder)
        guard let lock = try FileLock.take(path + ".lock", holder: "\(getpid())") else {
            throw WorldError(
                code: "store-locked", operation: "open the store \(path)",
                underlying: "another hauban serves from it",
                hint: "End that one, or give this one a folder of its own with --data.")
        }
        self.lock = Mutex(lock)
        do {
            // Before SQLite makes it: the files beside it get its mode.
            let descriptor = open(path, O_CREAT | O_RDWR | O_CLOEXEC, 0o600)
            if descriptor >= 0 { Glibc.close(descriptor) }
            chmod(path, 0o600)
            database = try DatabaseQueue(path: path, configuration: Self.configuration)
            try SQLiteSchema.bringUp(database, path: path)
        } catch {
            throw StoreFailure.make("open the store \(path)", error, path: path)
        }
    }

    static var configuration: Configuration {
        var configuration = Configuration()
        configuration.busyMode = .timeout(10)
        configuration.label = "store"
        configuration.prepareDatabase { database in
            try database.execute(sql: "PRAGMA journal_mode = WAL")
            try database.execute(sql: "PRAGMA synchronous = FULL")
            // A checkpoint costs a commit some milliseconds; 16 MiB of log between two.
            try database.execute(sql: "PRAGMA wal_autocheckpoint = 4096")
        }
        return configuration
    }

    package func load() async throws -> StoredState {
        do {
            return try await database.read { database in
                var parts: [Part] = []
                var index = RowIndex()
                let alerts = try Row.fetchCursor(database, sql: "SELECT * FROM alerts ORDER BY id")
                while let row = try alerts.next() {
                    let alert = try Alert(row: row)
                    index.last = row["id"]
                    index.rows[alert.labels.fingerprint] = index.last
                    parts.append(.alert(alert))
                }
                let others = try Row.fetchCursor(
                    database, sql: "SELECT body FROM parts WHERE NOT is_archived ORDER BY kind, id")
                while let row = try others.next() { parts.append(try StoredPart.read(row["body"])) }
                self.index.withLock { $0 = index }
                let records = try Row.fetchAll(database, sql: "SELECT kind, id, body FROM records").map { row in
                    Record(kind: row["kind"], id: row["id"], body: row["body"])
                }
                return StoredState(
                    parts: parts, records: records, lastAudit: try Self.audit(database, before: nil, limit: 1).first)
            }
        } catch {
            throw StoreFailure.make("read the store", error, path: path)
        }
    }

    package func commit(_ batch: StoreBatch) async throws {
        do {
            try await database.write { database in
                try self.index.withLock { try Self.write(batch, database, &$0) }
            }
        } catch {
            index.withLock { $0.keepRemoved() }
            throw StoreFailure.make("write to the store", error, path: path)
        }
    }

    package func history(before: String?, limit: Int) async throws -> [Incident] {
        try await read { database in
            let rows = try Row.fetchCursor(
                database,
                sql: """
                    SELECT body FROM parts WHERE kind = 'incident' AND is_archived
                        AND (?1 IS NULL OR (length(id), id) < (length(?1), ?1))
                    ORDER BY length(id) DESC, id DESC LIMIT ?2
                    """, arguments: [before, limit])
            var incidents: [Incident] = []
            while let row = try rows.next() {
                if case .incident(let incident) = try StoredPart.read(row["body"]) { incidents.append(incident) }
            }
            return incidents
        }
    }

    package func parts(ofIncident id: String) async throws -> [Part] {
        try await read { database in
            try String.fetchAll(
                database, sql: "SELECT body FROM parts WHERE incident = ? ORDER BY kind, id", arguments: [id]
            ).map(StoredPart.read)
        }
    }

    package func audit(before: Int?, limit: Int) async throws -> [AuditEntry] {
        try await read { try Self.audit($0, before: before, limit: limit) }
    }

    private static func audit(_ database: Database, before: Int?, limit: Int) throws -> [AuditEntry] {
        try Row.fetchAll(
            database, sql: "SELECT number, body FROM audit WHERE number < ? ORDER BY number DESC LIMIT ?",
            arguments: [before ?? Int.max, limit]
        ).map { AuditEntry(number: $0["number"], body: $0["body"]) }
    }

    private func read<Value: Sendable>(_ body: @escaping @Sendable (Database) throws -> Value) async throws -> Value {
        do {
            return try await database.read(body)
        } catch {
            throw StoreFailure.make("read the store", error, path: path)
        }
    }

    private static func write(_ batch: StoreBatch, _ database: Database, _ index: inout RowIndex) throws {
        index.removed = []
        if !batch.alerts.isEmpty {
            let statement = try database.cachedStatement(
                sql: """
                    INSERT INTO alerts (id, labels, annotations, generator_url, source, starts_at, ends_at,
                        end_is_assumed, updated_at, received_at, ended_at, began_again)
                    VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
                    ON CONFLICT DO UPDATE SET labels = excluded.labels, annotations = excluded.annotations,
                        generator_url = excluded.generator_url, source = excluded.source,
                        starts_at = excluded.starts_at, ends_at = excluded.ends_at,
                        end_is_assumed = excluded.end_is_assumed, updated_at = excluded.updated_at,
                        received_at = excluded.received_at, ended_at = excluded.ended_at,
                        began_again = excluded.began_again
                    """)
            for alert in batch.alerts {
                try statement.execute(arguments: alert.arguments(row: index.row(of: alert.labels.fingerprint)))
            }
        }
        for fingerprint in batch.forgottenAlerts {
            guard let row = index.remove(fingerprint) else { continue }
            try database.cachedStatement(sql: "DELETE FROM alerts WHERE id = ?").execute(arguments: [row])
        }
        for part in batch.saves {
            let key = part.key
            try database.cachedStatement(
                sql: """
                    INSERT INTO parts (kind, id, incident, body) VALUES (?, ?, ?, ?)
                    ON CONFLICT DO UPDATE SET incident = excluded.incident, body = excluded.body, is_archived = 0
                    """
            ).execute(arguments: [key.kind.rawValue, key.id, key.incident, try StoredPart.text(part)])
        }
        for key in batch.drops {
            try database.cachedStatement(sql: "DELETE FROM parts WHERE kind = ? AND id = ?")
                .execute(arguments: [key.kind.rawValue, key.id])
        }
        for incident in batch.archives {
            try database.cachedStatement(sql: "UPDATE parts SET is_archived = 1 WHERE incident = ?")
                .execute(arguments: [incident])
        }
        for record in batch.records {
            try database.cachedStatement(
                sql: "INSERT INTO records VALUES (?, ?, ?) ON CONFLICT DO UPDATE SET body = excluded.body"
            ).execute(arguments: [record.key.kind, record.key.id, record.body])
        }
        for key in batch.droppedRecords {
            try database.cachedStatement(sql: "DELETE FROM records WHERE kind = ? AND id = ?")
                .execute(arguments: [key.kind, key.id])
        }
        for entry in batch.audit {
            try database.cachedStatement(sql: "INSERT INTO audit VALUES (?, ?)")
                .execute(arguments: [entry.number, entry.body])
        }
    }

    package func close() async {
        try? database.close()
        lock.withLock { $0 = nil }
    }

    /// One of SQLite's settings for this connection, as text: `journal_mode`, `synchronous`.
    package func pragma(_ name: String) async throws -> String? {
        try await database.read { try String.fetchOne($0, sql: "PRAGMA \(name)") }
    }
}

/// The row of each alert. One that was given out and not written does no harm: it is written when its time comes.
private struct RowIndex: Sendable {
    var rows: [Fingerprint: Int64] = [:]
    var last: Int64 = 0
    var removed: [(Fingerprint, Int64)] = []

    mutating func row(of fingerprint: Fingerprint) -> Int64 {
        if let row = rows[fingerprint] { return row }
        last += 1
        rows[fingerprint] = last
        return last
    }

    mutating func remove(_ fingerprint: Fingerprint) -> Int64? {
        guard let row = rows.removeValue(forKey: fingerprint) else { return nil }
        removed.append((fingerprint, row))
        return row
    }

    /// The rows were not removed after all.
    mutating func keepRemoved() {
        for (fingerprint, row) in removed where rows[fingerprint] == nil { rows[fingerprint] = row }
        removed = []
    }
}
