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

    /// Goes on where the log ends. An end that is not the one that was kept is no reason not to page: it is noted, and whoever
    /// reads the log is told.
    init(_ stored: StoredState, commits: CommitQueue, now: @escaping () -> Moment) {
        self.commits = commits
        self.now = now
        let kept = stored.records.first { $0.key == Self.end }.flatMap { AuditChain(parsing: $0.body) } ?? AuditChain()
        let found = stored.lastAudit.map(Self.end) ?? AuditChain()
        chain = found
        if found != kept {
            note(
                AuditEvent(
                    who: "hauban", from: "", what: "found another end of the log than it had written",
                    on: "audit log", before: kept.text, after: found.text))
        }
    }

    /// The end that a last line makes; one that cannot be read has the hash of its text.
    private static func end(_ last: AuditEntry) -> AuditChain {
        let hash = AuditLine.read(last.body)?.hash ?? ContentHash(of: last.body.utf8)
        return AuditChain(parsing: "\(last.number) \(hash.hex)") ?? AuditChain()
    }

    func note(_ event: AuditEvent) {
        let line = chain.append(event, at: now())
        commits.note(AuditEntry(number: line.number, body: line.text))
        commits.save(Record(kind: Self.end.kind, id: Self.end.id, body: chain.text))
    }

    /// Where the log ends.
    var head: AuditChain { chain }
}
