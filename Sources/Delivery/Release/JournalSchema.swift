import GRDB
import World

/// The journal's tables, as numbered steps that are never edited once shipped.
enum JournalSchema {
    /// SQLite's `application_id` of a journal: "Haub".
    static let application: Int32 = 0x4861_7562

    static let steps: [String] = [
        """
        CREATE TABLE releases (
            number INTEGER PRIMARY KEY,
            kind TEXT NOT NULL,
            label TEXT NOT NULL,
            who TEXT NOT NULL,
            started REAL NOT NULL,
            ended REAL,
            state TEXT NOT NULL,
            failure TEXT,
            verdict TEXT,
            verdict_code TEXT,
            reason TEXT,
            notes TEXT NOT NULL DEFAULT '[]',
            plan TEXT NOT NULL,
            desired TEXT NOT NULL,
            baseline TEXT NOT NULL
        ) STRICT;
        CREATE TABLE steps (
            release INTEGER NOT NULL REFERENCES releases (number) ON DELETE CASCADE,
            id TEXT NOT NULL,
            state TEXT NOT NULL,
            began REAL NOT NULL,
            ended REAL,
            note TEXT,
            PRIMARY KEY (release, id)
        ) STRICT, WITHOUT ROWID;
        CREATE TABLE events (
            id INTEGER PRIMARY KEY,
            release INTEGER NOT NULL REFERENCES releases (number) ON DELETE CASCADE,
            at REAL NOT NULL,
            kind TEXT NOT NULL,
            text TEXT NOT NULL
        ) STRICT;
        CREATE INDEX events_by_release ON events (release, id);
        CREATE TABLE leases (
            name TEXT PRIMARY KEY,
            token TEXT NOT NULL,
            holder TEXT NOT NULL,
            since REAL NOT NULL,
            heartbeat REAL NOT NULL,
            term REAL NOT NULL
        ) STRICT;
        """,
        """
        ALTER TABLE releases ADD COLUMN restores INTEGER;
        ALTER TABLE releases ADD COLUMN signals TEXT;
        """,
        """
        CREATE TABLE fences (
            name TEXT PRIMARY KEY,
            last INTEGER NOT NULL
        ) STRICT;
        """,
        """
        ALTER TABLE leases ADD COLUMN uptime REAL;
        """,
    ]

    /// Takes the steps that the file has not seen yet, all or none.
    static func bringUp(_ queue: DatabaseQueue, path: String) throws {
        try queue.write { database in
            let found = try Int.fetchOne(database, sql: "PRAGMA user_version") ?? 0
            let application = try Int32.fetchOne(database, sql: "PRAGMA application_id") ?? 0
            let tables = try Int.fetchOne(database, sql: "SELECT count(*) FROM sqlite_master") ?? 0
            guard application == Self.application || (application == 0 && tables == 0) else {
                throw WorldError(
                    code: "journal-corrupt", operation: "open the journal \(path)",
                    underlying: "it is a database of another program",
                    hint: "Move it aside: the next deploy then starts a new history from what runs.")
            }
            guard found <= steps.count else {
                throw WorldError(
                    code: "journal-newer", operation: "open the journal \(path)",
                    underlying: "it has version \(found), this program knows up to \(steps.count)",
                    hint: "Use the newer hauban that wrote it.")
            }
            let health = try String.fetchOne(database, sql: "PRAGMA quick_check(1)") ?? "no answer"
            guard health == "ok" else { throw DatabaseError(resultCode: .SQLITE_CORRUPT, message: health) }
            guard found < steps.count else { return }
            for step in steps[found...] { try database.execute(sql: step) }
            try database.execute(sql: "PRAGMA application_id = \(Self.application)")
            try database.execute(sql: "PRAGMA user_version = \(steps.count)")
        }
    }
}
