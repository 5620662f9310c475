import Response
import World

/// Goes on with the audit log: every line in the commit of what it tells.
///
/// Belongs to one event loop.
final class AuditDesk {
    private var chain: AuditChain
    private let commits: CommitQueue
    private let now: () -> Moment

    static let end = Record.Key(kind: "audit-end", id: "audit-end")

    /// Goes on where the log ends. An end that is not the one that was kept is no reason not to page: it is noted, and whoever
    /// reads the log is told.
    init(_ stored: StoredState, commits: CommitQueue, now: @escaping () -> Moment) {
        self.commits = commits
        self.now = now
        let (found, event) = Self.resume(stored)
        chain = found
        if let event { note(event) }
    }

    /// Where a stored log goes on, and what is to be noted first.
    static func resume(_ stored: StoredState) -> (chain: AuditChain, event: AuditEvent?) {
        let kept = stored.records.first { $0.key == end }.flatMap { AuditChain(parsing: $0.body) } ?? AuditChain()
        let found = stored.lastAudit.map(end) ?? AuditChain()
        guard found != kept else { return (found, nil) }
        let event = AuditEvent(
            who: "hauban", from: "", what: "found another end of the log than it had written", on: "audit log",
            before: kept.text, after: found.text)
        return (found, event)
    }

    /// What keeps where the log ends.
    static func record(_ chain: AuditChain) -> Record { Record(kind: end.kind, id: end.id, body: chain.text) }

    /// The end that a last line makes; one that cannot be read has the hash of its text.
    private static func end(_ last: AuditEntry) -> AuditChain {
        let hash = AuditLine.read(last.body)?.hash ?? ContentHash(of: last.body.utf8)
        return AuditChain(parsing: "\(last.number) \(hash.hex)") ?? AuditChain()
    }

    func note(_ event: AuditEvent) {
        let line = chain.append(event, at: now())
        commits.note(AuditEntry(number: line.number, body: line.text))
        commits.save(Self.record(chain))
    }

    /// Where the log ends.
    var head: AuditChain { chain }
}
