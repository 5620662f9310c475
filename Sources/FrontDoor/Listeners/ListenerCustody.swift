/// Listening sockets that a front door starts with, and who keeps them while there is none.
///
/// A front door hands each socket that it opens over to a keeper; the keeper gives them to the next front door as descriptors
/// 3, 4 and so on, in the manner of systemd's socket activation (sd_listen_fds(3)). So the death of a front door closes no
/// listening socket, and connections wait in the kernel's queue instead of being refused.
package struct ListenerCustody: Sendable, Hashable {
    /// How many descriptors from 3 on are listening sockets.
    package var inherited: Int
    /// Path of the keeper's socket; `nil` when nobody keeps them.
    package var shelf: String?

    private static let countVariable = "HAUBAN_LISTEN_FDS"
    private static let shelfVariable = "HAUBAN_LISTENER_SHELF"

    package init(inherited: Int = 0, shelf: String? = nil) {
        self.inherited = inherited
        self.shelf = shelf
    }

    /// What the environment of this process says.
    package init(environment: [String: String]) {
        self.init(
            inherited: environment[Self.countVariable].flatMap { Int($0) } ?? 0, shelf: environment[Self.shelfVariable])
    }

    /// The variables that tell a front door the same.
    package static func environment(count: Int, shelf: String) -> [String: String] {
        [countVariable: "\(count)", shelfVariable: shelf]
    }

    /// The words of the messages between a front door and the keeper of its sockets (`docs/supervision.md`).
    package enum Word {
        /// `keep 127.0.0.1:8080` and a descriptor.
        package static let keep = "keep"
        /// `all 4`: keep what came before and nothing else; the number comes back with the answer.
        package static let all = "all"
        /// `kept 4`.
        package static let kept = "kept"
        /// `refused 4`: the asker is not, or no longer, the front door.
        package static let refused = "refused"
    }
}
