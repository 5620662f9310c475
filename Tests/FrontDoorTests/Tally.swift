import Synchronization

/// What tasks that load a front door at the same time have to tell.
final class Tally: Sendable {
    private let failed = Mutex<[String]>([])
    private let sent = Atomic<Int>(0)
    private let ended = Atomic<Bool>(false)

    var failures: [String] { failed.withLock { $0 } }
    var count: Int { sent.load(ordering: .relaxed) }
    var isRunning: Bool { !ended.load(ordering: .relaxed) }

    func add() { sent.add(1, ordering: .relaxed) }

    func fail(_ text: String) { failed.withLock { $0.append(text) } }

    func end() { ended.store(true, ordering: .relaxed) }
}
