import GRDB
import World

/// The tables of the control plane, as numbered steps that are never edited once shipped.
enum SQLiteSchema {
    /// SQLite's `application_id` of a control plane's file: "HauC".
    static let application: Int32 = 0x4861_7543

    static let steps: [String] = [
        // Rows are numbered as they come, and found by the store's own index in memory: an index by fingerprint would spread
        // the rows of one commit over as many pages.
        """
        CREATE TABLE alerts (
            id INTEGER PRIMARY KEY,
            labels TEXT NOT NULL,
            annotations TEXT NOT NULL,
            generator_url TEXT NOT NULL,
            source TEXT NOT NULL,
            starts_at INTEGER NOT NULL,
            ends_at INTEGER NOT NULL,
            end_is_assumed INTEGER NOT NULL,
            updated_at INTEGER NOT NULL,
            received_at INTEGER NOT NULL,
            ended_at INTEGER,
            began_again TEXT NOT NULL
        ) STRICT;
        CREATE TABLE parts (
            kind TEXT NOT NULL,
            id TEXT NOT NULL,
            incident TEXT,
            body TEXT NOT NULL,
            is_archived INTEGER NOT NULL DEFAULT 0,
            PRIMARY KEY (kind, id)
        ) STRICT, WITHOUT ROWID;
        CREATE INDEX parts_by_incident ON parts (incident) WHERE incident IS NOT NULL;
        """,
        // Incidents are numbered as they are opened, `i9` before `i10`.
        """
        CREATE INDEX parts_history ON parts (length(id), id) WHERE kind = 'incident' AND is_archived;
        CREATE TABLE records (
            kind TEXT NOT NULL,
            id TEXT NOT NULL,
            body TEXT NOT NULL,
            PRIMARY KEY (kind, id)
        ) STRICT, WITHOUT ROWID;
        CREATE TABLE audit (
            number INTEGER PRIMARY KEY,
            body TEXT NOT NULL
        ) STRICT;
        """,
    ]

    /// Brings a file up to this version's tables.
    static func bringUp(_ database: DatabaseQueue, path: String) throws {
        try database.write { database in
            let owner = try Int32.fetchOne(database, sql: "PRAGMA application_id") ?? 0
            let version = try Int.fetchOne(database, sql: "PRAGMA user_version") ?? 0
            let tables = try Int.fetchOne(database, sql: "SELECT count(*) FROM sqlite_schema") ?? 0
            guard owner == application || (owner == 0 && tables == 0) else {
                throw WorldError(
                    code: "store-corrupt", operation: "open the store \(path)",
                    underlying: "the file is a database of something else", hint: "Give another folder with --data.")
            }
            guard version <= steps.count else {
                throw WorldError(
                    code: "store-newer", operation: "open the store \(path)",
                    underlying: "it has version \(version), and this binary knows up to \(steps.count)",
                    hint: "Run the newer hauban that wrote it, or give another folder with --data.")
            }
            for step in steps.dropFirst(version) { try database.execute(sql: step) }
            if version < steps.count {
                try database.execute(sql: "PRAGMA application_id = \(application)")
                try database.execute(sql: "PRAGMA user_version = \(steps.count)")
            }
        }
    }
}
