import FoundationEssentials
package import World

/// Reads the structured log files; needs no supervisor.
package struct LogReader: Sendable {
    /// How far one service was read.
    private struct Place: Sendable {
        var file: LogFileName?
        var offset: Int
    }

    private let folder: String

    /// - Parameter folder: the same as the collector's.
    package init(folder: String) { self.folder = folder }

    /// The wanted entries, oldest first.
    package func read(_ query: LogQuery) -> [LogEntry] { history(query, upTo: places(query)) }

    /// The wanted entries, then new ones as they come, until the reader stops listening.
    package func follow(_ query: LogQuery, _ keeper: Timekeeper = .live) -> AsyncStream<LogEntry> {
        AsyncStream { continuation in
            let task = Task {
                var places = places(query)
                for entry in history(query, upTo: places) { continuation.yield(entry) }
                while !Task.isCancelled {
                    var entries: [LogEntry] = []
                    for service in services(query) {
                        var place = places[service] ?? Place(file: nil, offset: 0)
                        entries.append(contentsOf: step(service, &place).filter(query.admits))
                        places[service] = place
                    }
                    for entry in entries.sorted(by: { $0.time < $1.time }) { continuation.yield(entry) }
                    if entries.isEmpty { try? await keeper.sleep(.milliseconds(150)) }
                }
                continuation.finish()
            }
            continuation.onTermination = { _ in task.cancel() }
        }
    }

    private func services(_ query: LogQuery) -> [String] {
        Folder.names(in: folder).filter { !$0.hasPrefix(".") && (query.services?.contains($0) ?? true) }
    }

    private func places(_ query: LogQuery) -> [String: Place] {
        var places: [String: Place] = [:]
        for service in services(query) {
            guard let newest = LogFileName.all(in: folder + "/" + service).last else { continue }
            let bytes = (try? SmallFile.read("\(folder)/\(service)/\(newest.text)", limit: .max)) ?? []
            // Up to the last whole line: the rest is being written.
            let end = bytes.lastIndex(of: 0x0a).map { $0 + 1 } ?? 0
            places[service] = Place(file: newest, offset: end)
        }
        return places
    }

    private func history(_ query: LogQuery, upTo places: [String: Place]) -> [LogEntry] {
        var entries: [LogEntry] = []
        for (service, place) in places { entries.append(contentsOf: history(service, query, place)) }
        entries.sort { $0.time < $1.time }
        if let last = query.last, entries.count > last { entries.removeFirst(entries.count - last) }
        return entries
    }

    /// From the newest file backwards, only as far as is needed.
    private func history(_ service: String, _ query: LogQuery, _ place: Place) -> [LogEntry] {
        var newestFirst: [LogEntry] = []
        for name in LogFileName.all(in: folder + "/" + service).reversed() {
            if let file = place.file, file < name { continue }
            guard var bytes = try? SmallFile.read("\(folder)/\(service)/\(name.text)", limit: .max) else { continue }
            if name == place.file { bytes.removeLast(max(0, bytes.count - place.offset)) }
            for line in bytes.split(separator: 0x0a).reversed() {
                guard let entry = LogEntry(stored: Array(line)) else { continue }
                if let since = query.since, entry.time < since { return newestFirst.reversed() }
                if query.admits(entry) { newestFirst.append(entry) }
                if let last = query.last, newestFirst.count >= last { return newestFirst.reversed() }
            }
        }
        return newestFirst.reversed()
    }

    /// What was written since, through the ends of files.
    private func step(_ service: String, _ place: inout Place) -> [LogEntry] {
        var entries: [LogEntry] = []
        for name in LogFileName.all(in: folder + "/" + service) {
            if let file = place.file, name < file { continue }
            if name != place.file { place = Place(file: name, offset: 0) }
            let bytes = SmallFile.bytes("\(folder)/\(service)/\(name.text)", from: place.offset)
            guard let end = bytes.lastIndex(of: 0x0a) else { continue }
            place.offset += end + 1
            entries.append(contentsOf: bytes[...end].split(separator: 0x0a).compactMap { LogEntry(stored: Array($0)) })
        }
        return entries
    }
}
