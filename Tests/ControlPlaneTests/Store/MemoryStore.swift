import ControlPlane
import Response
import Synchronization
import World

/// A store in memory: what any store owes, and commits that a test holds back or makes fail.
final class MemoryStore: Store {
    private struct Contents: Sendable {
        var alerts: [Fingerprint: Alert] = [:]
        var parts: [Part.Key: Part] = [:]
        var batches: [StoreBatch] = []
        var refusal: WorldError?
        var isHeld = false
        var held: [CheckedContinuation<Void, Never>] = []
        var isClosed = false
    }

    private let contents = Mutex(Contents())

    /// The batches that were committed.
    var batches: [StoreBatch] { contents.withLock { $0.batches } }
    var isClosed: Bool { contents.withLock { $0.isClosed } }
    /// Commits that wait to be let go.
    var heldCommits: Int { contents.withLock { $0.held.count } }

    /// From now on commits fail with this; `nil` ends it.
    func refuse(_ error: WorldError?) { contents.withLock { $0.refusal = error } }

    /// From now on commits wait.
    func hold() { contents.withLock { $0.isHeld = true } }

    func letGo() {
        let waiting = contents.withLock { contents in
            contents.isHeld = false
            defer { contents.held = [] }
            return contents.held
        }
        for continuation in waiting { continuation.resume() }
    }

    func load() async throws -> [Part] {
        contents.withLock { contents in contents.alerts.values.map { .alert($0) } + contents.parts.values }
    }

    /// The alerts that are stored.
    var alerts: [Alert] { contents.withLock { Array($0.alerts.values) } }

    func commit(_ batch: StoreBatch) async throws {
        await withCheckedContinuation { continuation in
            let isHeld = contents.withLock { contents in
                if contents.isHeld { contents.held.append(continuation) }
                return contents.isHeld
            }
            if !isHeld { continuation.resume() }
        }
        try contents.withLock { contents in
            if let refusal = contents.refusal { throw refusal }
            contents.batches.append(batch)
            for alert in batch.alerts { contents.alerts[alert.labels.fingerprint] = alert }
            for fingerprint in batch.forgottenAlerts { contents.alerts[fingerprint] = nil }
            for part in batch.saves { contents.parts[part.key] = part }
            for key in batch.drops { contents.parts[key] = nil }
            contents.parts = contents.parts.filter { key, _ in !batch.archives.contains { $0 == key.incident } }
        }
    }

    func close() async { contents.withLock { $0.isClosed = true } }
}
