import FoundationEssentials
import Response
import Synchronization
import World

/// Hands a spool over to the role that decides: in order, each entry until it is taken, and none twice.
final class HandOver: Sendable {
    /// How it goes.
    struct Standing: Sendable {
        /// When the other side last took something, or said that it is there.
        var heard: Moment?
        /// Why it did not, since.
        var trouble: String?
        var entries = 0
        var batches = 0
        var failures = 0
        /// When the entry was received that waits for the longest; `nil`: none waits.
        var oldest: Moment?
    }

    private let file: SpoolFile
    private let link: PlaneLink
    private let keeper: Timekeeper
    private let newID: @Sendable () -> String
    private let told: @Sendable (_ entries: Int, _ bytes: Int) -> Void
    private let state: Mutex<Standing>
    private let signal = AsyncStream<Void>.makeStream(bufferingPolicy: .bufferingNewest(1))

    private static let batchBytes = 1 << 20
    private static let batchEntries = 2000
    private static let patience = Duration.seconds(30)
    private static let firstPause = Duration.milliseconds(50)
    private static let longestPause = Duration.seconds(2)

    /// - Parameter told: of entries that were taken and dropped.
    init(
        _ file: SpoolFile, _ link: PlaneLink, keeper: Timekeeper, newID: @escaping @Sendable () -> String,
        told: @escaping @Sendable (_ entries: Int, _ bytes: Int) -> Void
    ) {
        self.file = file
        self.link = link
        self.keeper = keeper
        self.newID = newID
        self.told = told
        state = Mutex(Standing(oldest: file.totals.oldest))
    }

    var standing: Standing { state.withLock { $0 } }

    /// There is something to hand over.
    func wake() { signal.continuation.yield() }

    /// The other side answered something else.
    func heard() {
        let now = Moment(keeper)
        state.withLock {
            $0.heard = now
            $0.trouble = nil
        }
    }

    func failed(_ why: String) { state.withLock { $0.trouble = why } }

    /// Hands over until it is cancelled.
    func run() async {
        var id = file.totals.id
        var pause = Self.firstPause
        var signals = signal.stream.makeAsyncIterator()
        while !Task.isCancelled {
            do {
                guard try await step(&id) else {
                    pause = Self.firstPause
                    await signals.next()
                    continue
                }
                pause = Self.firstPause
            } catch {
                let words = (error as? WorldError)?.underlying ?? "\(error)"
                state.withLock {
                    $0.failures += 1
                    $0.trouble = words
                }
                try? await keeper.sleep(pause)
                pause = min(pause * 2, Self.longestPause)
            }
        }
    }

    /// - Returns: whether there was something to hand over.
    private func step(_ id: inout String) async throws -> Bool {
        let entries = try await file.read(after: 0, bytes: Self.batchBytes, most: Self.batchEntries)
        state.withLock { $0.oldest = entries.first?.received }
        guard let last = entries.last?.number else { return false }
        let reply = try await link.ask(
            "POST", "spools/\(id)", body: SpoolBatch.text(entries), within: Self.patience)
        guard reply.status == 200, let json = JSONValue(parsing: reply.body), json["spool"]?.string == id,
            case .number(let digits)? = json["taken"], let taken = Int(digits), taken >= last
        else {
            throw WorldError(
                code: "hand-over-refused", operation: "hand over", underlying: "answered \(reply.status)")
        }
        if taken > last {
            let known = try await file.lastNumber()
            if taken > known {
                // Somebody else hands over under this name, or this file is an older copy of itself: what it holds may never
                // have been taken, so it begins under another name.
                let other = newID()
                try await file.rename(other)
                id = other
                return true
            }
        }
        try await file.drop(through: last)
        let bytes = entries.reduce(0) { $0 + $1.body.utf8.count }
        let now = Moment(keeper)
        state.withLock {
            $0.heard = now
            $0.trouble = nil
            $0.entries += entries.count
            $0.batches += 1
        }
        told(entries.count, bytes)
        return true
    }

    /// Whether nothing waits.
    func isDone() async -> Bool {
        let rest = try? await file.read(after: 0, bytes: 1, most: 1)
        return rest?.isEmpty ?? false
    }
}
