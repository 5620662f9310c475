import Synchronization
package import World

/// Public ports that were wished for, not insisted on, and found taken: what a person has to be told of the ones chosen instead.
package final class PortNotes: Sendable {
    private let notes = Mutex<[String: String]>([:])

    package init() {}

    /// A listener has another port than wished.
    ///
    /// - Parameters:
    ///   - option: the command's option that names a port.
    ///   - holder: who has the wished one, when that can be seen.
    package func add(listener: String, wished: Int, holder: PortHolder?, chosen: Int, option: String) {
        let text =
            "port \(wished) is taken\(holder.map { " by \($0.text)" } ?? ""), so the address has port \(chosen) from now on; "
            + "on the first deploy `\(option)` names another"
        notes.withLock { $0[listener] = text }
    }

    /// The notes, a sentence each.
    package var all: [String] { notes.withLock { $0.sorted { $0.key < $1.key }.map(\.value) } }
}
