import FoundationEssentials
package import Response
import World

/// Something that was answered 2xx and waits to be handed over.
package struct SpoolEntry: Sendable, Hashable {
    /// Its place in its spool; never given twice.
    package var number: Int
    package var received: Moment
    /// JSON on one line: a list of ``IngestDeed``.
    package var body: String

    package init(number: Int, received: Moment, body: String) {
        self.number = number
        self.received = received
        self.body = body
    }
}

/// Entries of a spool in their order, as they travel: a line with their number and the hash of what follows, then a line for
/// each.
package struct SpoolBatch: Sendable {
    package enum Content: Sendable, Hashable {
        case deeds([IngestDeed])
        case unreadable(String)
    }

    package struct Entry: Sendable, Hashable {
        package var number: Int
        package var received: Moment
        package var content: Content
    }

    package struct Broken: Error {}

    package var entries: [Entry]

    /// The entries' text.
    package static func text(_ entries: [SpoolEntry]) -> [UInt8] {
        var lines = ""
        for entry in entries { lines += "\(entry.number) \(entry.received.milliseconds) \(entry.body)\n" }
        return Array("hauban-spool \(entries.count) \(ContentHash(of: lines.utf8))\n".utf8) + lines.utf8
    }

    /// - Throws: ``Broken`` where the text is not whole. An entry that alone cannot be read is no reason.
    @concurrent
    package static func reading(_ bytes: [UInt8]) async throws -> SpoolBatch { try SpoolBatch(bytes) }

    package init(_ bytes: [UInt8]) throws(Broken) {
        guard let end = bytes.firstIndex(of: 0x0a) else { throw Broken() }
        let head = String(decoding: bytes[..<end], as: UTF8.self).split(separator: " ")
        let rest = bytes[(end + 1)...]
        guard head.count == 3, head[0] == "hauban-spool", let count = Int(head[1]),
            ContentHash(of: rest).hex == head[2]
        else { throw Broken() }
        entries = []
        for line in rest.split(separator: 0x0a) {
            let parts = line.split(separator: 0x20, maxSplits: 2)
            guard parts.count == 3, let number = Int(String(decoding: parts[0], as: UTF8.self)),
                let received = Int(String(decoding: parts[1], as: UTF8.self)), number > entries.last?.number ?? 0
            else { throw Broken() }
            let deeds = try? JSONDecoder().decode([IngestDeed].self, from: Data(parts[2]))
            entries.append(
                Entry(
                    number: number, received: Moment(milliseconds: received),
                    content: deeds.map { .deeds($0) } ?? .unreadable(String(decoding: parts[2], as: UTF8.self))))
        }
        guard entries.count == count else { throw Broken() }
    }
}

extension IngestDeed {
    /// The deed as it is taken later than it was said: an alert that fired then, and whose end has passed on the way, gets the
    /// time to be told again, as after a restart (``AlertBook/restore(_:now:)``).
    package func revived(since received: Moment, now: Moment, for time: Duration) -> IngestDeed {
        guard case .report(var report) = self, let end = report.endsAt, end > received, end <= now else { return self }
        report.endsAt = now + time
        return .report(report)
    }
}
