import NIOCore
import Response
import World

/// One commit for everything that changed while the one before it was written.
///
/// Belongs to one event loop. While the disk is busy, requests gather; when it is done, their answers go out and the next
/// commit has begun already.
final class CommitQueue {
    typealias Answer = (Result<Void, WorldError>) -> Void

    private let store: any Store
    private let loop: any EventLoop
    /// What is to be stored of an alert: asked when a commit begins, so that it holds the latest.
    var stored: (Fingerprint) -> Alert? = { _ in nil }

    private var gathered: Set<Fingerprint> = []
    private var batch = StoreBatch()
    private var answers: [Answer] = []
    /// Changed in memory, and not yet known to be on disk.
    private var unwritten: Set<Fingerprint> = []
    private var unforgotten: Set<Fingerprint> = []
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
    var waiting: Int { gathered.count }

    func isUnwritten(_ fingerprint: Fingerprint) -> Bool { !unwritten.isEmpty && unwritten.contains(fingerprint) }

    /// Has an alert written as it will be when the next commit begins.
    func gather(_ fingerprint: Fingerprint) {
        gathered.insert(fingerprint)
        unwritten.insert(fingerprint)
        schedule()
    }

    func forget(_ fingerprint: Fingerprint) {
        gathered.remove(fingerprint)
        unwritten.remove(fingerprint)
        unforgotten.insert(fingerprint)
        schedule()
    }

    func gather(saves: [Part], drops: [Part.Key] = []) {
        batch.saves += saves
        batch.drops += drops
        schedule()
    }

    /// Told when everything that was gathered so far is on disk, or why it is not.
    func afterCommit(_ answer: @escaping Answer) {
        answers.append(answer)
        schedule()
    }

    /// Takes up again what a failed commit left.
    func retry() {
        guard !isCommitting, !unwritten.isEmpty || !unforgotten.isEmpty else { return }
        gathered.formUnion(unwritten)
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

    private var hasWork: Bool {
        !gathered.isEmpty || !answers.isEmpty || !unforgotten.isEmpty || !batch.isEmpty
    }

    private func begin() {
        guard !isCommitting, hasWork else { return settleIdle() }
        isCommitting = true
        var batch = batch
        self.batch = StoreBatch()
        // An alert that began again is not forgotten.
        batch.forgottenAlerts = unforgotten.filter { stored($0) == nil }.sorted()
        unforgotten = []
        batch.alerts = gathered.compactMap(stored)
        let written = gathered
        gathered.removeAll(keepingCapacity: true)
        let told = answers
        answers = []
        let promise = loop.makePromise(of: Void.self)
        let store = store
        promise.completeWithTask { [batch] in try await store.commit(batch) }
        promise.futureResult.assumeIsolated().whenComplete { result in
            self.isCommitting = false
            self.commits += 1
            let outcome: Result<Void, WorldError>
            switch result {
            case .success:
                self.trouble = nil
                self.unwritten.subtract(written)
                self.unwritten.formUnion(self.gathered)
                outcome = .success(())
            case .failure(let error):
                let refusal =
                    error as? WorldError
                    ?? WorldError(code: "store-unusable", operation: "write to the store", underlying: "\(error)")
                self.failures += 1
                self.trouble = refusal
                self.unforgotten.formUnion(batch.forgottenAlerts)
                outcome = .failure(refusal)
            }
            // The disk works while the answers are written; after a failure whoever comes next, or the clock, tries again.
            if case .success = outcome { self.begin() } else if !self.answers.isEmpty { self.schedule() }
            for answer in told { answer(outcome) }
            self.settleIdle()
        }
    }

    private func settleIdle() {
        if !isCommitting, !idle.isEmpty, !hasWork || trouble != nil { giveUp() }
    }
}
