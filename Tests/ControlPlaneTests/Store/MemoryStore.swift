import ControlPlane
import Response
import Synchronization
import World

/// A store in memory: what any store owes, and commits that a test holds back or makes fail.
final class MemoryStore: Store {
    private struct Contents: Sendable {
        var alerts: [Fingerprint: Alert] = [:]
        var parts: [Part.Key: Part] = [:]
        var archived: [Part.Key: Part] = [:]
        var records: [Record.Key: Record] = [:]
        var audit: [AuditEntry] = []
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

    func load() async throws -> StoredState {
        contents.withLock { contents in
            StoredState(
                parts: contents.alerts.values.map { .alert($0) } + contents.parts.values,
                records: Array(contents.records.values), lastAudit: contents.audit.last)
        }
    }

    func history(before: String?, limit: Int) async throws -> [Incident] {
        func number(_ id: String) -> Int { Int(id.dropFirst()) ?? 0 }
        let all: [Incident] = contents.withLock { contents in
            contents.archived.values.compactMap { if case .incident(let incident) = $0 { incident } else { nil } }
        }
        return Array(
            all.filter { incident in before.map { number(incident.id) < number($0) } ?? true }
                .sorted { number($0.id) > number($1.id) }.prefix(limit))
    }

    func parts(ofIncident id: String) async throws -> [Part] {
        contents.withLock { contents in
            (Array(contents.parts.values) + contents.archived.values).filter { $0.key.incident == id }
        }
    }

    func audit(before: Int?, limit: Int) async throws -> [AuditEntry] {
        contents.withLock { contents in
            Array(contents.audit.reversed().filter { $0.number < before ?? .max }.prefix(limit))
        }
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
            let numbers = Set(contents.audit.map(\.number))
            guard !batch.audit.contains(where: { numbers.contains($0.number) }) else {
                throw WorldError(
                    code: "store-unusable", operation: "write to the store", underlying: "an audit line twice")
            }
            contents.batches.append(batch)
            for alert in batch.alerts { contents.alerts[alert.labels.fingerprint] = alert }
            for fingerprint in batch.forgottenAlerts { contents.alerts[fingerprint] = nil }
            for part in batch.saves { contents.parts[part.key] = part }
            for key in batch.drops { contents.parts[key] = nil }
            for (key, part) in contents.parts where batch.archives.contains(where: { $0 == key.incident }) {
                contents.archived[key] = part
                contents.parts[key] = nil
            }
            for record in batch.records { contents.records[record.key] = record }
            for key in batch.droppedRecords { contents.records[key] = nil }
            contents.audit += batch.audit
        }
    }

    func close() async { contents.withLock { $0.isClosed = true } }
}
