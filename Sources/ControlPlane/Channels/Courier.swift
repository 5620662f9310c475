package import Response

/// A way to somebody: takes a message to its provider.
///
/// `CourierContract` in the tests says what a courier owes. The next channel is a file of its own.
package protocol Courier: Sendable {
    /// Makes one attempt, and says what came of it: within a deadline of its own, and without ever throwing.
    ///
    /// May be asked twice for one attempt after a crash; ``Dispatch/key`` is the same then.
    func deliver(_ dispatch: Dispatch) async -> DeliveryAnswer
}

/// Where no way of telling anybody is set up: every message is refused with that reason, and its ledger says so.
package struct NoCourier: Courier {
    package init() {}

    package func deliver(_ dispatch: Dispatch) async -> DeliveryAnswer {
        .refused("no way of sending \(dispatch.contact.kind) is set up")
    }
}
