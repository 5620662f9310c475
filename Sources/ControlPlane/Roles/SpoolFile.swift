import GRDB
import Glibc
package import Response
import Synchronization
import World

/// What was answered 2xx and not yet handed over, in a file: SQLite in WAL mode with `synchronous = FULL`.
package final class SpoolFile: Sendable {
    /// What a file holds when it is opened.
    package struct Totals: Sendable, Hashable {
        /// The spool's name: another one with each new file.
        package var id: String
        /// The last number that was given.
        package var last: Int
        package var entries: Int
        package var bytes: Int
        package var oldest: Moment?
    }

    /// SQLite's `application_id` of a spool: "HauS".
    static let application: Int32 = 0x4861_7553
    private static let tables = """
        CREATE TABLE spool (
            only INTEGER PRIMARY KEY CHECK (only = 1),
            id TEXT NOT NULL,
            taken INTEGER NOT NULL
        ) STRICT;
        CREATE TABLE entries (
            number INTEGER PRIMARY KEY,
            received INTEGER NOT NULL,
            body TEXT NOT NULL
        ) STRICT;
        """

    private let database: DatabaseQueue
    private let path: String
    private let lock: Mutex<FileLock?>
    /// As it was opened.
    package let totals: Totals

    /// Opens or makes the file.
    ///
    /// - Parameter newID: names the spool where there is none yet.
    /// - Throws: `WorldError`, as ``SQLiteStore/init(path:)``.
    package init(path: String, newID: () -> String) throws {
        self.path = path
        let folder = path.lastIndex(of: "/").map { String(path[..<$0]) } ?? "."
        try Folder.make(folder)
        guard let lock = try FileLock.take(path + ".lock", holder: "\(getpid())") else {
            throw WorldError(
                code: "store-locked", operation: "open the spool \(path)",
                underlying: "another hauban serves from it",
                hint: "Each ingest role has a folder of its own: give this one another with --data.")
        }
        self.lock = Mutex(lock)
        do {
            // Before SQLite makes it: the files beside it get its mode.
            let descriptor = open(path, O_CREAT | O_RDWR | O_CLOEXEC, 0o600)
            if descriptor >= 0 { Glibc.close(descriptor) }
            chmod(path, 0o600)
            database = try DatabaseQueue(path: path, configuration: SQLiteStore.configuration)
            totals = try Self.bringUp(database, path, newID())
        } catch {
            throw StoreFailure.make("open the spool \(path)", error, path: path)
        }
    }

    private static func bringUp(_ database: DatabaseQueue, _ path: String, _ id: String) throws -> Totals {
        try database.write { database in
            let owner = try Int32.fetchOne(database, sql: "PRAGMA application_id") ?? 0
            if try Int.fetchOne(database, sql: "SELECT count(*) FROM sqlite_schema") == 0 {
                try database.execute(sql: tables)
                try database.execute(sql: "PRAGMA application_id = \(application)")
                try database.execute(sql: "INSERT INTO spool VALUES (1, ?, 0)", arguments: [id])
            } else if owner != application {
                throw WorldError(
                    code: "store-corrupt", operation: "open the spool \(path)",
                    underlying: "the file is a database of something else", hint: "Give another folder with --data.")
            }
            let row = try Row.fetchOne(
                database,
                sql: """
                    SELECT id, max(taken, coalesce((SELECT max(number) FROM entries), 0)) AS last,
                        (SELECT count(*) FROM entries) AS entries,
                        coalesce((SELECT sum(length(CAST(body AS BLOB))) FROM entries), 0) AS bytes,
                        (SELECT received FROM entries ORDER BY number LIMIT 1) AS oldest
                    FROM spool
                    """)
            guard let row else { throw StoredPart.Unreadable(text: "the spool has no name") }
            return Totals(
                id: row["id"], last: row["last"], entries: row["entries"], bytes: row["bytes"],
                oldest: (row["oldest"] as Int?).map { Moment(milliseconds: $0) })
        }
    }

    /// Writes entries, all or none. When it returns they survive a kill and a loss of power.
    ///
    /// - Throws: `WorldError`
    package func append(_ entries: [SpoolEntry]) async throws {
        try await write { database in
            let statement = try database.cachedStatement(sql: "INSERT INTO entries VALUES (?, ?, ?)")
            for entry in entries {
                try statement.execute(arguments: [entry.number, entry.received.milliseconds, entry.body])
            }
        }
    }

    /// The first entries after a number: at least one, where there is one.
    ///
    /// - Parameter bytes: about so many at most.
    /// - Throws: `WorldError`
    package func read(after number: Int, bytes: Int, most: Int) async throws -> [SpoolEntry] {
        do {
            return try await database.read { database in
                var found: [SpoolEntry] = []
                var size = 0
                let rows = try Row.fetchCursor(
                    database, sql: "SELECT * FROM entries WHERE number > ? ORDER BY number LIMIT ?",
                    arguments: [number, most])
                while let row = try rows.next() {
                    let entry = SpoolEntry(
                        number: row["number"], received: Moment(milliseconds: row["received"]), body: row["body"])
                    size += entry.body.utf8.count
                    if !found.isEmpty, size > bytes { break }
                    found.append(entry)
                }
                return found
            }
        } catch {
            throw StoreFailure.make("read the spool", error, path: path)
        }
    }

    /// The last number in the file, handed over or not.
    ///
    /// - Throws: `WorldError`
    package func lastNumber() async throws -> Int {
        do {
            return try await database.read { database in
                try Int.fetchOne(
                    database, sql: "SELECT max(taken, coalesce((SELECT max(number) FROM entries), 0)) FROM spool") ?? 0
            }
        } catch {
            throw StoreFailure.make("read the spool", error, path: path)
        }
    }

    /// Forgets what was handed over.
    ///
    /// - Throws: `WorldError`
    package func drop(through number: Int) async throws {
        try await write { database in
            try database.execute(sql: "DELETE FROM entries WHERE number <= ?", arguments: [number])
            try database.execute(sql: "UPDATE spool SET taken = max(taken, ?)", arguments: [number])
        }
    }

    /// Gives the spool another name: what it holds was never handed over under it.
    ///
    /// - Throws: `WorldError`
    package func rename(_ id: String) async throws {
        try await write { try $0.execute(sql: "UPDATE spool SET id = ?", arguments: [id]) }
    }

    private func write(_ body: @escaping @Sendable (Database) throws -> Void) async throws {
        do {
            try await database.write(body)
        } catch {
            throw StoreFailure.make("write to the spool", error, path: path)
        }
    }

    package func close() {
        try? database.close()
        lock.withLock { $0 = nil }
    }
}
