import Glibc
import World

/// Where a platform's pipeline keeps what it did and what it need not do again.
///
///     <base>/runs/N/            one run: journal, logs, reports, result
///     <base>/kept/KEY/          a result that holds as long as its key does: entry, reports
///     <base>/tools/KEY/         virtual environments
///     <base>/caches/            what tools keep for themselves
///     <base>/keys/              what provenance is signed with
package struct PipelinePlace: Sendable, Hashable {
    /// Absolute.
    package var base: String

    package init(base: String) { self.base = base }

    var kept: String { base + "/kept" }
    /// Where the key is that provenance is signed with.
    package var keys: String { base + "/keys" }
    var caches: String { base + "/caches" }

    func tools(_ key: ContentHash) -> String { "\(base)/tools/\(key.short)" }

    /// A new folder for a run, numbered; two runs at once get two.
    ///
    /// - Throws: `WorldError`
    func newRun() throws -> String {
        // Databases of environments lie beside it and belong to users of their own, who must get there.
        if let slash = base.lastIndex(of: "/") { try Folder.make(String(base[..<slash]), mode: 0o711) }
        try Folder.make(base + "/runs")
        var number = (Folder.names(in: base + "/runs").compactMap { Int($0) }.max() ?? 0) + 1
        while true {
            let folder = "\(base)/runs/\(number)"
            if mkdir(folder, 0o700) == 0 { return folder }
            guard errno == EEXIST else { throw SystemError.last.during("make the folder \(folder)") }
            number += 1
        }
    }

    /// Removes all but the newest of runs, results and tools; what was used last is newest.
    func prune(runs: Int = 20, results: Int = 400, tools: Int = 12) {
        let numbers = Folder.names(in: base + "/runs").compactMap { Int($0) }.sorted()
        for number in numbers.dropLast(runs) { try? Folder.remove("\(base)/runs/\(number)") }
        Self.keepNewest(results, in: kept)
        Self.keepNewest(tools, in: base + "/tools")
    }

    private static func keepNewest(_ count: Int, in folder: String) {
        let names = Folder.names(in: folder)
        guard names.count > count else { return }
        let byAge = names.map { name -> (Int, String) in
            var information = stat()
            return (stat("\(folder)/\(name)", &information) == 0 ? Int(information.st_mtim.tv_sec) : 0, name)
        }.sorted { $0 > $1 }
        for (_, name) in byAge.dropFirst(count) { try? Folder.remove("\(folder)/\(name)") }
    }
}
