import FoundationEssentials
import Glibc
import Planning
import World

/// Results that hold as long as nothing that they depend on changes: only good ones, with the reports that they left.
struct KeptResults: Sendable {
    struct Entry: Codable, Hashable {
        var step: StepID
        var took: Double
    }

    let place: PipelinePlace

    private func folder(_ key: ContentHash) -> String { "\(place.kept)/\(key.hex)" }

    /// - Parameter reports: an empty folder that gets copies of the reports.
    func find(_ key: ContentHash, reports: String) -> Entry? {
        let folder = folder(key)
        guard let bytes = try? SmallFile.read(folder + "/entry.json"),
            let entry = try? JSONDecoder().decode(Entry.self, from: Data(bytes))
        else { return nil }
        guard (try? Self.copy(folder + "/reports", to: reports)) != nil else { return nil }
        utimes(folder, nil)
        return entry
    }

    /// Made beside and renamed, so that a killed run leaves no half of one.
    func keep(_ entry: Entry, _ key: ContentHash, reports: String) throws {
        let folder = folder(key)
        let beside = "\(folder).\(getpid()).new"
        try Folder.remove(beside)
        try Folder.make(beside + "/reports")
        try Self.copy(reports, to: beside + "/reports")
        try AtomicFile.write(Array(try JSONEncoder().encode(entry)), to: beside + "/entry.json", durable: false)
        try Folder.remove(folder)
        // Another run may have been faster; its result is as good.
        if rename(beside, folder) != 0 { try Folder.remove(beside) }
    }

    private static func copy(_ source: String, to target: String) throws {
        try Folder.make(target)
        guard Folder.exists(source) else { return }
        try SourceTree.whole(source, limits: SourceTree.Limits(files: 2000, bytes: 256 << 20)).copy(to: target)
    }
}
