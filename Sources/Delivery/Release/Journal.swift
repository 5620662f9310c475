import FoundationEssentials
import GRDB
package import World

/// The record of an environment's releases: each step is on disk before it is taken, and what became of it afterwards.
///
/// SQLite in WAL mode with `synchronous = FULL`: a commit that returned survives a kill and a loss of power. Several
/// processes may have it open; calls block for one commit, some milliseconds.
package struct Journal: Sendable {
    let database: DatabaseQueue
    package let path: String
    let keeper: Timekeeper

    /// Opens or makes the file, and brings an older one up to this version.
    ///
    /// - Throws: `WorldError` with the code `journal-corrupt`, `journal-newer` or `journal-unusable`.
    package init(path: String, keeper: Timekeeper = .live) throws {
        self.path = path
        self.keeper = keeper
        var configuration = Configuration()
        configuration.busyMode = .timeout(10)
        configuration.label = "journal"
        configuration.prepareDatabase { database in
            try database.execute(sql: "PRAGMA journal_mode = WAL")
            try database.execute(sql: "PRAGMA synchronous = FULL")
        }
        do {
            database = try DatabaseQueue(path: path, configuration: configuration)
            try JournalSchema.bringUp(database, path: path)
        } catch {
            throw JournalFailure.make("open the journal \(path)", error, path: path)
        }
    }

    /// One of SQLite's settings for this connection, as text: `journal_mode`, `synchronous`.
    package func pragma(_ name: String) throws -> String? {
        try read("read a setting") { try String.fetchOne($0, sql: "PRAGMA \(name)") }
    }

    /// One transaction; no other process writes meanwhile.
    func write<Value>(_ operation: String, _ body: (Database) throws -> Value) throws -> Value {
        do {
            return try database.write(body)
        } catch {
            throw JournalFailure.make(operation, error, path: path)
        }
    }

    func read<Value>(_ operation: String, _ body: (Database) throws -> Value) throws -> Value {
        do {
            return try database.read(body)
        } catch {
            throw JournalFailure.make(operation, error, path: path)
        }
    }

    /// Seconds since 1970.
    var now: Double { keeper.date().timeIntervalSince1970 }

    func encode(_ value: some Encodable) throws -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys]
        return String(decoding: try encoder.encode(value), as: UTF8.self)
    }

    func decode<Value: Decodable>(_ type: Value.Type, _ text: String) throws -> Value {
        try JSONDecoder().decode(type, from: Data(text.utf8))
    }
}

/// Turns what SQLite says into an error with a mend.
enum JournalFailure {
    static func make(_ operation: String, _ error: any Error, path: String) -> any Error {
        if error is WorldError { return error }
        if let error = error as? DecodingError {
            return WorldError(
                code: "journal-corrupt", operation: operation, underlying: "a stored value cannot be read: \(error)",
                hint: aside(path))
        }
        guard let refusal = error as? DatabaseError else { return error }
        let text = refusal.message ?? "SQLite code \(refusal.extendedResultCode.rawValue)"
        switch refusal.resultCode {
        case .SQLITE_CORRUPT, .SQLITE_NOTADB:
            return WorldError(code: "journal-corrupt", operation: operation, underlying: text, hint: aside(path))
        case .SQLITE_FULL:
            return WorldError(
                code: "journal-unusable", operation: operation, underlying: text,
                hint: "Make room on the disk that holds \(path), then run the command again: it goes on from here.")
        case .SQLITE_BUSY, .SQLITE_LOCKED:
            return WorldError(
                code: "journal-unusable", operation: operation, underlying: text,
                hint: "Another program keeps \(path) locked; end it, then run the command again.")
        default:
            return WorldError(
                code: "journal-unusable", operation: operation, underlying: text,
                hint: "\(path) and its folder must be readable and writable for this user.")
        }
    }

    private static func aside(_ path: String) -> String {
        "Services go on serving. Put a backup in the place of \(path), or move it aside: the next deploy then starts a "
            + "new history from what runs."
    }
}
