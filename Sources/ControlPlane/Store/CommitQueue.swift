import NIOCore
import Response
import World

/// One commit for everything that changed while the one before it was written.
///
/// Belongs to one event loop. While the disk is busy, requests gather; when it is done, their answers go out and the next
/// commit has begun already. What a failed commit left is written by the next, under what changed meanwhile.
final class CommitQueue {
    typealias Answer = (Result<Void, WorldError>) -> Void

    /// Changes by what they replace: of two with one key the later counts.
    private struct Changes {
        enum Change {
            case save(Part)
            case drop
        }

        var alerts: Set<Fingerprint> = []
        /// Forgotten, unless they are known again by the time of the commit.
        var forgotten: Set<Fingerprint> = []
        var parts: [Part.Key: Change] = [:]
        /// `nil`: dropped.
        var records: [Record.Key: Record?] = [:]
        var audit: [AuditEntry] = []
        var archives: Set<String> = []
        /// What is done once the changes are on disk, however many commits that takes.
        var afterwards: [() -> Void] = []

        var isEmpty: Bool {
            alerts.isEmpty && forgotten.isEmpty && parts.isEmpty && records.isEmpty && audit.isEmpty
                && archives.isEmpty && afterwards.isEmpty
        }

        /// These and the ones that came after them.
        mutating func add(_ later: Changes) {
            alerts.formUnion(later.alerts)
            forgotten.formUnion(later.forgotten)
            parts.merge(later.parts) { $1 }
            records.merge(later.records) { $1 }
            audit += later.audit
            archives.formUnion(later.archives)
            afterwards += later.afterwards
        }
    }

    private let store: any Store
    private let loop: any EventLoop
    /// What is to be stored of an alert: asked when a commit begins, so that it holds the latest.
    var stored: (Fingerprint) -> Alert? = { _ in nil }
    /// Told of the kinds of parts that a commit wrote.
    var written: (Set<Part.Key.Kind>) -> Void = { _ in }

    private var changes = Changes()
    /// Alerts that are being written, or that a failed commit left.
    private var writing: Set<Fingerprint> = []
    private var answers: [Answer] = []
    private var isCommitting = false
    private var isScheduled = false
    private var idle: [EventLoopPromise<Void>] = []
    private(set) var commits = 0
    private(set) var failures = 0
    /// Why the last commit failed; `nil` after one that did not.
    private(set) var trouble: WorldError?

    init(store: any Store, loop: any EventLoop) {
        self.store = store
        self.loop = loop
    }

    /// Alerts that wait to be written.
    var waiting: Int { changes.alerts.count }

    /// Whether any alert is changed in memory and not yet known to be on disk.
    var hasUnwritten: Bool { !changes.alerts.isEmpty || !writing.isEmpty }

    /// Changed in memory, and not yet known to be on disk.
    func isUnwritten(_ fingerprint: Fingerprint) -> Bool {
        changes.alerts.contains(fingerprint) || !writing.isEmpty && writing.contains(fingerprint)
    }

    /// Has an alert written as it will be when the next commit begins.
    func save(alert fingerprint: Fingerprint) {
        changes.alerts.insert(fingerprint)
        schedule()
    }

    func forget(_ fingerprint: Fingerprint) {
        changes.alerts.remove(fingerprint)
        changes.forgotten.insert(fingerprint)
        schedule()
    }

    func save(_ part: Part) {
        changes.parts[part.key] = .save(part)
        schedule()
    }

    func drop(_ key: Part.Key) {
        changes.parts[key] = .drop
        schedule()
    }

    func archive(_ incident: String) {
        changes.archives.insert(incident)
        schedule()
    }

    func save(_ record: Record) {
        changes.records[record.key] = .some(record)
        schedule()
    }

    func drop(_ key: Record.Key) {
        changes.records[key] = .some(nil)
        schedule()
    }

    func note(_ entry: AuditEntry) {
        changes.audit.append(entry)
        schedule()
    }

    /// Does something once everything that was gathered so far is on disk: not before, and not never.
    func afterwards(_ deed: @escaping () -> Void) {
        changes.afterwards.append(deed)
        schedule()
    }

    /// Told when everything that was gathered so far is on disk, or why it is not.
    func afterCommit(_ answer: @escaping Answer) {
        answers.append(answer)
        schedule()
    }

    /// Takes up again what a failed commit left.
    func retry() {
        guard !isCommitting, !changes.isEmpty else { return }
        schedule()
    }

    /// Completes when nothing waits any more, or by ``giveUp()``.
    func whenIdle() -> EventLoopFuture<Void> {
        let promise = loop.makePromise(of: Void.self)
        idle.append(promise)
        settleIdle()
        return promise.futureResult
    }

    /// Waits no longer for the store.
    func giveUp() {
        let promises = idle
        idle = []
        for promise in promises { promise.succeed(()) }
    }

    /// A commit begins when the loop has dealt with everything that has arrived.
    private func schedule() {
        guard !isCommitting, !isScheduled else { return }
        isScheduled = true
        loop.assumeIsolated().execute {
            self.isScheduled = false
            self.begin()
        }
    }

    private func begin() {
        guard !isCommitting, !changes.isEmpty || !answers.isEmpty else { return settleIdle() }
        isCommitting = true
        let taken = changes
        changes = Changes()
        writing = taken.alerts
        let told = answers
        answers = []
        let batch = batch(taken)
        let promise = loop.makePromise(of: Void.self)
        let store = store
        promise.completeWithTask { try await store.commit(batch) }
        promise.futureResult.assumeIsolated().whenComplete { result in
            self.isCommitting = false
            self.commits += 1
            self.writing = []
            let outcome: Result<Void, WorldError>
            switch result {
            case .success:
                self.trouble = nil
                outcome = .success(())
            case .failure(let error):
                let refusal =
                    error as? WorldError
                    ?? WorldError(code: "store-unusable", operation: "write to the store", underlying: "\(error)")
                self.failures += 1
                self.trouble = refusal
                var left = taken
                left.add(self.changes)
                self.changes = left
                outcome = .failure(refusal)
            }
            // The disk works while the answers are written; after a failure whoever comes next, or the clock, tries again.
            if case .success = outcome { self.begin() } else if !self.answers.isEmpty { self.schedule() }
            for answer in told { answer(outcome) }
            if case .success = outcome {
                for deed in taken.afterwards { deed() }
                if !taken.parts.isEmpty || !taken.alerts.isEmpty { self.written(Self.kinds(taken)) }
            }
            self.settleIdle()
        }
    }

    private func batch(_ changes: Changes) -> StoreBatch {
        var batch = StoreBatch()
        batch.alerts = changes.alerts.compactMap(stored)
        // An alert that began again is not forgotten.
        batch.forgottenAlerts = changes.forgotten.filter { stored($0) == nil }.sorted()
        for (key, change) in changes.parts {
            switch change {
            case .save(let part): batch.saves.append(part)
            case .drop: batch.drops.append(key)
            }
        }
        for (key, record) in changes.records {
            if let record { batch.records.append(record) } else { batch.droppedRecords.append(key) }
        }
        batch.audit = changes.audit
        batch.archives = changes.archives.sorted()
        return batch
    }

    private static func kinds(_ changes: Changes) -> Set<Part.Key.Kind> {
        var kinds = Set(changes.parts.keys.map(\.kind))
        if !changes.alerts.isEmpty { kinds.insert(.alert) }
        return kinds
    }

    private func settleIdle() {
        if !isCommitting, !idle.isEmpty, changes.isEmpty && answers.isEmpty || trouble != nil { giveUp() }
    }
}
