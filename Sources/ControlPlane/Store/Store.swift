package import Response

/// Where the control plane keeps what must outlive it.
///
/// The caller decides and keeps its state in memory; a store writes changes and gives everything back at the next start. So one
/// commit can hold the changes of many requests. What is history is not given back, but asked for in pieces. `StoreContract` in
/// the tests says what a store owes.
package protocol Store: Sendable {
    /// Everything that was committed and neither dropped nor archived, in any order.
    ///
    /// - Throws: `WorldError`
    func load() async throws -> StoredState

    /// Writes all changes of a batch, or none. When it returns they survive a kill and a loss of power.
    ///
    /// Batches are given one after another: the next one only when this one returned.
    /// - Throws: `WorldError`
    func commit(_ batch: StoreBatch) async throws

    /// Archived incidents without their logs, the latest first.
    ///
    /// - Parameter before: the identity of the one that the page before ended with.
    /// - Throws: `WorldError`
    func history(before: String?, limit: Int) async throws -> [Incident]

    /// Every part of an incident, archived or not; none when it is not known.
    ///
    /// - Throws: `WorldError`
    func parts(ofIncident id: String) async throws -> [Part]

    /// Lines of the audit log, the latest first.
    ///
    /// - Parameter before: the number of the line that the page before ended with.
    /// - Throws: `WorldError`
    func audit(before: Int?, limit: Int) async throws -> [AuditEntry]

    /// Gives back what the store holds of the machine; nothing is called afterwards.
    func close() async
}

/// What a start begins with.
package struct StoredState: Sendable {
    package var parts: [Part]
    package var records: [Record]
    /// The latest line of the audit log.
    package var lastAudit: AuditEntry?

    package init(parts: [Part] = [], records: [Record] = [], lastAudit: AuditEntry? = nil) {
        self.parts = parts
        self.records = records
        self.lastAudit = lastAudit
    }
}

/// A line of the audit log: its place, counted from 1 without a gap, and its text, which only its owner reads.
package struct AuditEntry: Sendable, Hashable {
    package var number: Int
    /// JSON.
    package var body: String

    package init(number: Int, body: String) {
        self.number = number
        self.body = body
    }
}

/// Changes that are written together, in this order; of each key only one.
package struct StoreBatch: Sendable {
    /// Each replaces what is stored under its labels. The most frequent part by far, so it is not wrapped.
    package var alerts: [Alert] = []
    package var forgottenAlerts: [Fingerprint] = []
    /// Everything but alerts; each replaces what is stored under its key.
    package var saves: [Part] = []
    package var drops: [Part.Key] = []
    /// Incidents whose parts, these saves included, are history from now on.
    package var archives: [String] = []
    package var records: [Record] = []
    package var droppedRecords: [Record.Key] = []
    /// Lines that the audit log goes on with. One with the number of an earlier line fails the batch.
    package var audit: [AuditEntry] = []

    package init() {}

    package var isEmpty: Bool {
        alerts.isEmpty && forgottenAlerts.isEmpty && saves.isEmpty && drops.isEmpty && archives.isEmpty
            && records.isEmpty && droppedRecords.isEmpty && audit.isEmpty
    }
}
