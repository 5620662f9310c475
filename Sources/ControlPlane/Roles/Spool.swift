import FoundationEssentials
import NIOCore
import Response
import World

/// Puts by what senders ask for, one commit for all that came while the one before was written.
///
/// Belongs to one event loop.
final class Spool: DeedSink {
    private struct Waiting {
        var entries: [SpoolEntry] = []
        var bytes = 0
        var answers: [(DeedOutcome) -> Void] = []
    }

    private let file: SpoolFile
    private let loop: any EventLoop
    private let limit: Int
    private var waiting = Waiting()
    private var isCommitting = false
    private var isScheduled = false
    private var idle: [EventLoopPromise<Void>] = []
    private var last: Int
    /// Entries on disk that were not handed over, and their bytes.
    private(set) var depth: Int
    private(set) var bytes: Int
    private(set) var commits = 0
    private(set) var failures = 0
    /// Why the last commit failed; `nil` after one that did not.
    private(set) var trouble: WorldError?
    /// Signs of life that are known by name; `nil`: all are taken.
    var heartbeats: Set<String>?
    /// Told that there is something to hand over.
    var written: () -> Void = {}

    /// Bytes of one entry from which on the rest of a message becomes the next one.
    static let entryBytes = 256 << 10

    /// - Parameter limit: bytes that may wait; above it nothing is taken.
    init(_ file: SpoolFile, limit: Int, loop: any EventLoop) {
        self.file = file
        self.loop = loop
        self.limit = limit
        last = file.totals.last
        depth = file.totals.entries
        bytes = file.totals.bytes
    }

    var isFull: Bool { bytes + waiting.bytes >= limit }

    func take(_ deeds: [IngestDeed], at moment: Moment, _ answer: @escaping (DeedOutcome) -> Void) {
        var refusal: Refusal?
        var body = ""
        for deed in deeds {
            switch deed {
            case .beat(let name) where heartbeats?.contains(name) == false:
                refusal = .unknownHeartbeat(name)
                continue
            // Done by who took the message.
            case .confirm: continue
            default: break
            }
            body += body.isEmpty ? "[" : ","
            body += Self.text(deed)
            if body.utf8.count >= Self.entryBytes { put(&body, moment) }
        }
        if !body.isEmpty { put(&body, moment) }
        waiting.answers.append { outcome in
            if case .taken = outcome, let refusal { return answer(.refused(refusal)) }
            answer(outcome)
        }
        schedule()
    }

    private func put(_ body: inout String, _ moment: Moment) {
        last += 1
        let entry = SpoolEntry(number: last, received: moment, body: body + "]")
        waiting.bytes += entry.body.utf8.count
        waiting.entries.append(entry)
        body = ""
    }

    private static func text(_ deed: IngestDeed) -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = .withoutEscapingSlashes
        guard let data = try? encoder.encode(deed) else { preconditionFailure("a deed is always JSON") }
        return String(decoding: data, as: UTF8.self)
    }

    /// Entries were handed over, and are no longer in the file.
    func handedOver(_ entries: Int, bytes: Int) {
        depth -= entries
        self.bytes -= bytes
    }

    /// Completes when nothing waits to be written.
    func whenIdle() -> EventLoopFuture<Void> {
        let promise = loop.makePromise(of: Void.self)
        idle.append(promise)
        settle()
        return promise.futureResult
    }

    /// A commit begins when the loop has dealt with everything that has arrived.
    private func schedule() {
        guard !isCommitting, !isScheduled else { return }
        isScheduled = true
        loop.assumeIsolated().execute {
            self.isScheduled = false
            self.begin()
        }
    }

    private func begin() {
        guard !isCommitting, !waiting.answers.isEmpty else { return settle() }
        let taken = waiting
        waiting = Waiting()
        guard !taken.entries.isEmpty else {
            for answer in taken.answers { answer(.taken) }
            return settle()
        }
        isCommitting = true
        // They count from now on, so that what comes meanwhile finds the limit where it will be.
        depth += taken.entries.count
        bytes += taken.bytes
        let promise = loop.makePromise(of: Void.self)
        let file = file
        promise.completeWithTask { [entries = taken.entries] in try await file.append(entries) }
        promise.futureResult.assumeIsolated().whenComplete { result in
            self.isCommitting = false
            self.commits += 1
            let outcome: DeedOutcome
            switch result {
            case .success:
                self.trouble = nil
                outcome = .taken
            case .failure(let error):
                // Its senders are told, and send it again; its numbers are not given again.
                let refusal =
                    error as? WorldError
                    ?? WorldError(code: "store-unusable", operation: "write to the spool", underlying: "\(error)")
                self.failures += 1
                self.trouble = refusal
                self.depth -= taken.entries.count
                self.bytes -= taken.bytes
                outcome = .unwritten(refusal)
            }
            self.begin()
            for answer in taken.answers { answer(outcome) }
            if case .success = result { self.written() }
            self.settle()
        }
    }

    private func settle() {
        guard !isCommitting, waiting.answers.isEmpty else { return }
        let promises = idle
        idle = []
        for promise in promises { promise.succeed(()) }
    }
}
