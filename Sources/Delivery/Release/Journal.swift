import FoundationEssentials
import GRDB
import Glibc
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
    /// - Throws: `WorldError` with the code `journal-corrupt`, `journal-newer`, `journal-unusable`, or that of a disk which is
    ///   full or closed.
    package init(path: String, keeper: Timekeeper = .live) throws {
        self.path = path
        self.keeper = keeper
        do {
            database = try DatabaseQueue(path: path, configuration: Self.configuration)
            chmod(path, 0o600)
            try JournalSchema.bringUp(database, path: path)
        } catch {
            throw JournalFailure.make("open the journal \(path)", error, path: path)
        }
    }

    private init(path: String, keeper: Timekeeper, database: DatabaseQueue) {
        self.path = path
        self.keeper = keeper
        self.database = database
    }

    private static var configuration: Configuration {
        var configuration = Configuration()
        configuration.busyMode = .timeout(10)
        configuration.label = "journal"
        configuration.prepareDatabase { database in
            try database.execute(sql: "PRAGMA journal_mode = WAL")
            try database.execute(sql: "PRAGMA synchronous = FULL")
            // Often: what was reserved for the log of changes is then enough for any release.
            try database.execute(sql: "PRAGMA wal_autocheckpoint = 64")
        }
        return configuration
    }

    /// The journal for looking at: where its disk is full or closed, a copy in memory as of now, since SQLite needs room even
    /// to read.
    ///
    /// - Returns: the journal, and why it cannot be written, if so.
    /// - Throws: `WorldError` as ``init(path:keeper:)``, for what no copy mends.
    package static func reading(path: String, keeper: Timekeeper = .live) throws -> (Journal, trouble: WorldError?) {
        do {
            if let refusal = Storage.refusal(at: path, needed: 1) { throw refusal.during("open the journal \(path)") }
            return (try Journal(path: path, keeper: keeper), nil)
        } catch let error as WorldError where JournalFailure.isOfStorage(error) {
            return (Journal(path: path, keeper: keeper, database: try copy(of: path)), error)
        }
    }

    private static func copy(of path: String) throws -> DatabaseQueue {
        let folder = try scratchFolder()
        defer { try? Folder.remove(folder) }
        let place = folder + "/journal.sqlite"
        do {
            for suffix in ["", "-wal"] where access(path + suffix, F_OK) == 0 {
                let bytes = try SmallFile.read(path + suffix, limit: 1 << 30)
                try AtomicFile.write(bytes, to: place + suffix, durable: false)
            }
            let memory = try DatabaseQueue(configuration: Configuration())
            let source = try DatabaseQueue(path: place, configuration: configuration)
            try JournalSchema.bringUp(source, path: path)
            try source.backup(to: memory)
            try source.close()
            return memory
        } catch let error as SystemError {
            throw error.during("read the journal \(path)")
        } catch {
            throw JournalFailure.make("read the journal \(path)", error, path: path)
        }
    }

    /// A folder of our own where something may still be written, memory first.
    private static func scratchFolder() throws -> String {
        let name = "hauban-journal-\(getpid())-\(UInt32.random(in: 0...UInt32.max))"
        for place in ["/dev/shm", "/tmp"] where access(place, W_OK) == 0 {
            guard (try? Folder.make("\(place)/\(name)")) != nil else { continue }
            return "\(place)/\(name)"
        }
        throw WorldError(
            code: "disk-full", operation: "read the journal",
            underlying: "neither its own disk, nor /dev/shm, nor /tmp can be written", hint: "Make room on one of them."
        )
    }

    /// Claims the disk space that the records of one release take, so that it can be ended, and returned, on a disk that
    /// becomes full meanwhile.
    ///
    /// The bytes are written into the database and its log, then given free: SQLite uses them before it asks for more.
    /// - Throws: `WorldError` with the code `disk-full`; nothing was changed then.
    func reserve(_ bytes: Int) throws {
        do {
            // Outside of a transaction: a checkpoint lies between writing the filler and removing it.
            try database.writeWithoutTransaction { database in
                try database.execute(sql: "CREATE TABLE IF NOT EXISTS reserve (filler BLOB)")
                try database.execute(sql: "INSERT INTO reserve VALUES (zeroblob(?))", arguments: [bytes])
                try database.checkpoint(.passive)
                try database.execute(sql: "DELETE FROM reserve")
                try database.checkpoint(.passive)
            }
        } catch {
            throw JournalFailure.make("reserve \(bytes >> 10) KiB for the release's records", error, path: path)
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
        if let storage = storageRefusal(refusal, path) {
            var error = storage.during(operation)
            error.underlying = "\(storage): \(path)" + (Storage.look(at: path).map { " (\($0.text))" } ?? "")
            if error.code == "no-permission" {
                error.underlying = "\(storage)"
                error.hint =
                    "\(path) and its folder must be readable and writable for this user; `HAUBAN_STATE` names another place."
            } else {
                error.hint += " What serves goes on serving; an interrupted release goes on from where it stopped."
            }
            return error
        }
        switch refusal.resultCode {
        case .SQLITE_CORRUPT, .SQLITE_NOTADB:
            return WorldError(code: "journal-corrupt", operation: operation, underlying: text, hint: aside(path))
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

    /// Whether an error says that the disk, not the journal, is what is wrong.
    static func isOfStorage(_ error: WorldError) -> Bool {
        ["disk-full", "disk-read-only", "no-permission"].contains(error.code)
    }

    /// What the system refused: SQLite tells a full disk as an I/O error too, and a closed one in three ways.
    private static func storageRefusal(_ error: DatabaseError, _ path: String) -> SystemError? {
        switch error.resultCode {
        case .SQLITE_FULL: return Storage.refusal(at: path) ?? SystemError(ENOSPC)
        case .SQLITE_IOERR, .SQLITE_CANTOPEN, .SQLITE_READONLY, .SQLITE_PERM:
            if let refusal = Storage.refusal(at: path) { return refusal }
            let folder = path.lastIndex(of: "/").map { String(path[..<$0]) } ?? "."
            if !Folder.exists(folder) { return nil }
            let isThere = access(path, F_OK) == 0
            if access(folder, W_OK | X_OK) == 0, !isThere || access(path, R_OK | W_OK) == 0 { return nil }
            return SystemError(EACCES)
        default: return nil
        }
    }

    private static func aside(_ path: String) -> String {
        "Services go on serving. Put a backup in the place of \(path), or move it aside: the next deploy then starts a "
            + "new history from what runs."
    }
}
