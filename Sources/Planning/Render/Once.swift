import Synchronization

/// A value that several renderers at work at a time need, and the first of them makes; the others wait for it.
final class Once<Value: Sendable>: Sendable {
    private let made = Mutex<Value?>(nil)

    /// - Parameter make: gives the same whoever calls it.
    func value(_ make: () -> Value) -> Value {
        made.withLock { made in
            if let made { return made }
            let value = make()
            made = value
            return value
        }
    }
}
