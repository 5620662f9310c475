package import Response

/// Where the control plane keeps what must outlive it.
///
/// The caller decides and keeps its state in memory; a store writes changes and gives everything back at the next start. So one
/// commit can hold the changes of many requests. `StoreContract` in the tests says what a store owes.
package protocol Store: Sendable {
    /// Everything that was committed.
    ///
    /// - Throws: `WorldError`
    func load() async throws -> StoredState

    /// Writes all changes of a batch, or none. When it returns they survive a kill and a loss of power.
    ///
    /// Batches are given one after another: the next one only when this one returned.
    /// - Throws: `WorldError`
    func commit(_ batch: StoreBatch) async throws

    /// Gives back what the store holds of the machine; nothing is called afterwards.
    func close() async
}

/// Changes that are written together.
package struct StoreBatch: Sendable {
    /// Each replaces what is stored under the same fingerprint.
    package var alerts: [StoredAlert] = []
    package var forgottenAlerts: [Fingerprint] = []
    /// Each replaces what is stored under the same id.
    package var silences: [StoredSilence] = []
    package var forgottenSilences: [String] = []

    package init() {}

    package var isEmpty: Bool {
        alerts.isEmpty && forgottenAlerts.isEmpty && silences.isEmpty && forgottenSilences.isEmpty
    }
}

/// What a store gives back.
package struct StoredState: Sendable {
    package var alerts: [StoredAlert] = []
    package var silences: [StoredSilence] = []

    package init() {}
}

/// An alert as it was at its last change of state.
package struct StoredAlert: Hashable, Sendable {
    package var alert: Alert
    /// It had ended. One that had not may have been told again since: its end is not the last that was heard.
    package var isOver: Bool

    package init(_ alert: Alert, isOver: Bool) {
        self.alert = alert
        self.isOver = isOver
    }
}

/// A silence, and when it was last changed.
package struct StoredSilence: Hashable, Sendable {
    package var silence: Silence
    package var updatedAt: Moment

    package init(_ silence: Silence, updatedAt: Moment) {
        self.silence = silence
        self.updatedAt = updatedAt
    }
}
