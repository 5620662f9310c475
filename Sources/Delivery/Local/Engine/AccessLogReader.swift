package import FoundationEssentials
package import World

/// One request as the front door logged it.
package struct AccessEntry: Sendable, Hashable {
    /// The line as it was written.
    package let line: String
    /// The same, read.
    package let values: JSONValue

    init?(_ bytes: some Sequence<UInt8>) {
        let bytes = Array(bytes)
        guard let values = JSONValue(parsing: bytes), values["time"]?.string != nil else { return nil }
        line = String(decoding: bytes, as: UTF8.self)
        self.values = values
    }
}

/// Which requests are wanted.
package struct AccessQuery: Sendable, Hashable {
    /// `nil` = all, those that reached no service too.
    package var services: Set<String>?
    package var release: String?
    package var since: Date?
    /// The newest so many.
    package var last: Int

    package init(services: Set<String>? = nil, release: String? = nil, since: Date? = nil, last: Int) {
        self.services = services
        self.release = release
        self.since = since
        self.last = last
    }

    func admits(_ entry: AccessEntry) -> Bool {
        if let services, !(entry.values["service"]?.string.map(services.contains) ?? false) { return false }
        return release == nil || entry.values["release"]?.string == release
    }
}

/// Reads the front door's access log through its files; needs no front door.
package struct AccessLogReader: Sendable {
    private let path: String
    private static let mostFiles = 1_000

    package init(path: String) { self.path = path }

    /// The wanted requests, oldest first.
    package func read(_ query: AccessQuery) -> [AccessEntry] {
        var newestFirst: [AccessEntry] = []
        let earliest = query.since.map { Timestamp.text($0) }
        for number in 0..<Self.mostFiles {
            guard let bytes = try? SmallFile.read(number == 0 ? path : "\(path).\(number)", limit: .max) else { break }
            for line in bytes.split(separator: 0x0a).reversed() {
                guard newestFirst.count < query.last else { return newestFirst.reversed() }
                guard let entry = AccessEntry(line) else { continue }
                if let earliest, let time = entry.values["time"]?.string, time < earliest {
                    return newestFirst.reversed()
                }
                if query.admits(entry) { newestFirst.append(entry) }
            }
        }
        return newestFirst.reversed()
    }

    /// The wanted requests, then new ones as they come, until the reader stops listening.
    package func follow(_ query: AccessQuery, _ keeper: Timekeeper = .live) -> AsyncStream<AccessEntry> {
        AsyncStream { continuation in
            let task = Task {
                var place = end()
                for entry in read(query) { continuation.yield(entry) }
                while !Task.isCancelled {
                    let now = identity(path)
                    if now != place.file, place.file != nil {
                        // Turned over: what was added to the old one before that, then the new one from its start.
                        for entry in step(path + ".1", &place.offset) where query.admits(entry) {
                            continuation.yield(entry)
                        }
                        place.offset = 0
                    }
                    place.file = now
                    for entry in step(path, &place.offset) where query.admits(entry) { continuation.yield(entry) }
                    try? await keeper.sleep(.milliseconds(150))
                }
                continuation.finish()
            }
            continuation.onTermination = { _ in task.cancel() }
        }
    }

    private func end() -> (file: UInt64?, offset: Int) {
        let bytes = (try? SmallFile.read(path, limit: .max)) ?? []
        return (identity(path), bytes.lastIndex(of: 0x0a).map { $0 + 1 } ?? 0)
    }

    private func identity(_ path: String) -> UInt64? { FileIdentity.inode(of: path) }

    private func step(_ path: String, _ offset: inout Int) -> [AccessEntry] {
        let bytes = SmallFile.bytes(path, from: offset)
        guard let end = bytes.lastIndex(of: 0x0a) else { return [] }
        offset += end + 1
        return bytes[...end].split(separator: 0x0a).compactMap { AccessEntry($0) }
    }
}
