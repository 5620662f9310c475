import Response
import World

/// Goes on with the audit log: every line in the commit of what it tells.
///
/// Belongs to one event loop.
final class AuditDesk {
    private var chain: AuditChain
    private let commits: CommitQueue
    private let now: () -> Moment

    private static let end = Record.Key(kind: "audit-end", id: "audit-end")

    /// - Throws: `WorldError` with `store-corrupt` when the log's end and its last line do not fit together.
    init(_ stored: StoredState, commits: CommitQueue, now: @escaping () -> Moment) throws(WorldError) {
        self.commits = commits
        self.now = now
        let text = stored.records.first { $0.key == Self.end }?.body
        guard let found = text.map({ AuditChain(parsing: $0) }) ?? AuditChain(),
            found.count == stored.lastAudit?.number ?? 0
        else {
            throw WorldError(
                code: "store-corrupt", operation: "go on with the audit log",
                underlying: "its end is not where it was written to be",
                hint: "Lines were taken away or put in. Put a backup of the store in its place.")
        }
        chain = found
    }

    func note(_ event: AuditEvent) {
        let line = chain.append(event, at: now())
        commits.note(AuditEntry(number: line.number, body: line.text))
        commits.save(Record(kind: Self.end.kind, id: Self.end.id, body: chain.text))
    }

    /// Where the log ends.
    var head: AuditChain { chain }
}
