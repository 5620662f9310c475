package import Response

/// Where the control plane keeps what must outlive it.
///
/// The caller decides and keeps its state in memory; a store writes changes and gives everything back at the next start. So one
/// commit can hold the changes of many requests. `StoreContract` in the tests says what a store owes.
package protocol Store: Sendable {
    /// Everything that was committed and neither dropped nor archived, in any order.
    ///
    /// - Throws: `WorldError`
    func load() async throws -> [Part]

    /// Writes all changes of a batch, or none. When it returns they survive a kill and a loss of power.
    ///
    /// Batches are given one after another: the next one only when this one returned.
    /// - Throws: `WorldError`
    func commit(_ batch: StoreBatch) async throws

    /// Gives back what the store holds of the machine; nothing is called afterwards.
    func close() async
}

/// Changes that are written together; of each key only one, and what is archived is neither saved nor dropped.
package struct StoreBatch: Sendable {
    /// Each replaces what is stored under its labels. The most frequent part by far, so it is not wrapped.
    package var alerts: [Alert] = []
    package var forgottenAlerts: [Fingerprint] = []
    /// Everything but alerts; each replaces what is stored under its key.
    package var saves: [Part] = []
    package var drops: [Part.Key] = []
    /// Incidents whose parts are history from now on.
    package var archives: [String] = []

    package init() {}

    package var isEmpty: Bool {
        alerts.isEmpty && forgottenAlerts.isEmpty && saves.isEmpty && drops.isEmpty && archives.isEmpty
    }
}
