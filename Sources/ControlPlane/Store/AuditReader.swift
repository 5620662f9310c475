import GRDB
import Glibc
import World

/// What a check of a stored audit log found.
package struct AuditReport: Sendable {
    /// Lines that are there.
    package var entries = 0
    /// `nil` where there is none, or it cannot be read.
    package var first: AuditLine?
    package var last: AuditLine?
    /// The end that is kept beside the log.
    package var end: AuditChain?
    /// The first place where it is not what was written.
    package var finding: AuditCheck.Finding?
}

/// Reads the audit log of a store without its lock: beside a control plane that serves from it, or with none.
package enum AuditReader {
    /// - Parameters:
    ///   - path: the file of a ``SQLiteStore``.
    ///   - noted: an end that was noted elsewhere; the log may go on after it.
    /// - Throws: `WorldError`: `no-store`, and those of the store.
    package static func check(path: String, noted: AuditChain? = nil) throws -> AuditReport {
        guard access(path, F_OK) == 0 else {
            throw WorldError(
                code: "no-store", operation: "check the audit log", underlying: "there is no \(path)",
                hint: "Name the folder that `hauban serve` keeps its data in, with --data.")
        }
        do {
            var configuration = Configuration()
            configuration.readonly = true
            configuration.busyMode = .timeout(10)
            let database = try DatabaseQueue(path: path, configuration: configuration)
            defer { try? database.close() }
            return try database.read { try read($0, path, noted) }
        } catch {
            throw StoreFailure.make("check the audit log in \(path)", error, path: path)
        }
    }

    private static func read(_ database: Database, _ path: String, _ noted: AuditChain?) throws -> AuditReport {
        let owner = try Int32.fetchOne(database, sql: "PRAGMA application_id") ?? 0
        guard owner == SQLiteSchema.application else {
            throw WorldError(
                code: "store-corrupt", operation: "check the audit log in \(path)",
                underlying: "the file is a database of something else", hint: "Give another folder with --data.")
        }
        var report = AuditReport()
        var check = AuditCheck()
        var differs: AuditCheck.Finding?
        let rows = try String.fetchCursor(database, sql: "SELECT body FROM audit ORDER BY number")
        while let body = try rows.next() {
            report.entries += 1
            check.take(body)
            let line = AuditLine.read(body)?.line
            if report.entries == 1 { report.first = line }
            report.last = line
            if let noted, report.entries == noted.count, line?.hash != noted.head {
                differs = .otherEnd(line: noted.count)
            }
        }
        report.end = try String.fetchOne(
            database, sql: "SELECT body FROM records WHERE kind = ? AND id = ?",
            arguments: [AuditDesk.end.kind, AuditDesk.end.id]
        ).flatMap { AuditChain(parsing: $0) }
        report.finding = check.ended(at: report.end ?? AuditChain()) ?? differs
        if report.finding == nil, let noted, noted.count > report.entries {
            report.finding = .cutShort(after: report.entries, of: noted.count)
        }
        return report
    }
}
