import GRDB

/// What somebody does to the store's file behind our back.
enum TamperedStore {
    /// Takes the last line of the audit log away.
    static func cutAudit(_ path: String) throws {
        try DatabaseQueue(path: path).write { database in
            try database.execute(sql: "DELETE FROM audit WHERE number = (SELECT max(number) FROM audit)")
        }
    }

    /// Says something else in one line of the audit log.
    static func rewriteAudit(_ path: String, line: Int, _ old: String, _ new: String) throws {
        try DatabaseQueue(path: path).write { database in
            try database.execute(
                sql: "UPDATE audit SET body = replace(body, ?, ?) WHERE number = ?", arguments: [old, new, line])
        }
    }

    /// Makes it the file of the first version, which kept alerts and parts only.
    static func makeFirstVersion(_ path: String) throws {
        try DatabaseQueue(path: path).write { database in
            try database.execute(
                sql: "DROP INDEX parts_history; DROP TABLE records; DROP TABLE audit; PRAGMA user_version = 1")
        }
    }

    /// Makes a spool the one that it was after its first entry was handed over.
    static func putBackSpool(_ path: String) throws {
        try DatabaseQueue(path: path).write { try $0.execute(sql: "UPDATE spool SET taken = 1") }
    }
}
