import Glibc
import Synchronization
import World

/// The listening sockets of the front door, held open so that its death closes none: connections wait in the kernel's queue
/// until the next front door accepts them.
///
/// As long as the front door lives it says what belongs here (``ListenerShelfServer``); the supervisor only takes away.
package final class ListenerShelf: Sendable {
    /// One socket with the address that it is bound to, such as `127.0.0.1:8080`.
    struct Kept: Sendable {
        var address: String
        var socket: Descriptor
    }

    private let content = Mutex<[Kept]>([])

    /// What is held, in the order in which it was given.
    var kept: [Kept] { content.withLock { $0 } }

    /// The addresses that are held.
    package var addresses: [String] { kept.map(\.address) }

    /// Holds these and nothing else.
    func hold(_ sockets: [Kept]) { content.withLock { $0 = sockets } }

    /// Closes what is held for this process alone: a front door that lives goes on accepting.
    func release() { content.withLock { $0 = [] } }

    /// Lets nobody wait any longer: the sockets stop to listen whoever else has them (on Linux shutdown(2) ends a listening
    /// socket for all its descriptors), and clients are refused.
    func refuse() {
        let sockets = content.withLock { content in
            defer { content = [] }
            return content
        }
        for each in sockets { shutdown(each.socket.number, Int32(SHUT_RDWR)) }
    }
}
