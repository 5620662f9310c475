import Foundation

/// A thread for what waits: a pool's threads may not.
enum SinkThread {
    static func begin(_ body: @escaping @Sendable () -> Void) { Thread.detachNewThread(body) }
}
