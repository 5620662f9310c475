package import FoundationEssentials
import Glibc
package import World

/// The folder of builds.
///
///     <cache>/builds/<hash12>/source/…      the copy, and what the steps made in it
///     <cache>/builds/<hash12>/build.log
///     <cache>/builds/<hash12>/complete.json written last: without it the folder does not count and is made anew
///     <cache>/venvs/<hash12>/…              shared by all builds with the same requirements
///     <cache>/locks/<hash12>                one builder at a time
///
/// Built in place and marked, not built elsewhere and renamed: the programs of a virtual environment and Swift's resource
/// bundles hold the absolute path of the place where they were made.
package struct BuildCache: Sendable, Hashable {
    /// Absolute.
    package let folder: String

    package init(folder: String) { self.folder = folder }

    func build(_ hash: ContentHash) -> String { "\(folder)/builds/\(hash.short)" }
    func virtualEnvironment(_ hash: ContentHash) -> String { "\(folder)/venvs/\(hash.short)" }

    func record(_ hash: ContentHash) -> BuildRecord? {
        guard let bytes = try? SmallFile.read(build(hash) + "/complete.json") else { return nil }
        guard let record = try? JSONDecoder().decode(BuildRecord.self, from: Data(bytes)), record.identity == hash,
            record.virtualEnvironment.map({ isComplete("\(folder)/venvs/\($0)") }) ?? true
        else { return nil }
        return record
    }

    /// The folder names of the builds that count.
    package var completeBuilds: [String] {
        Folder.names(in: folder + "/builds").filter { access("\(folder)/builds/\($0)/complete.json", F_OK) == 0 }
    }

    func complete(_ record: BuildRecord) throws {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .prettyPrinted]
        try AtomicFile.write(
            Array(try encoder.encode(record)), to: build(record.identity) + "/complete.json", mode: 0o644)
    }

    func isComplete(_ virtualEnvironment: String) -> Bool { access(virtualEnvironment + "/.complete", F_OK) == 0 }

    /// Says that an environment was used now: a build that is being made names it nowhere yet.
    func touch(virtualEnvironment: String) { utimes(virtualEnvironment + "/.complete", nil) }

    func markComplete(_ virtualEnvironment: String) throws {
        try AtomicFile.write([], to: virtualEnvironment + "/.complete", mode: 0o644)
    }

    /// Says that a build was used now, for ``prune(keeping:newest:)``.
    func touch(_ hash: ContentHash) { utimes(build(hash) + "/complete.json", nil) }

    /// Waits until no other builder, of this process or another, works at a name.
    func lock(_ name: String, until deadline: ContinuousClock.Instant) async throws -> FileLock {
        try Folder.make(folder + "/locks", mode: 0o755)
        let path = "\(folder)/locks/\(name)"
        while true {
            if let lock = try FileLock.take(path, holder: "pid \(getpid())") { return lock }
            guard ContinuousClock.now < deadline else {
                throw WorldError(
                    code: "locked", operation: "build \(name)",
                    underlying: "another builder holds it (\(SmallFile.text(path) ?? "unknown"))",
                    hint: "Wait for it, or end that process.")
            }
            try await Task.sleep(for: .milliseconds(50))
        }
    }

    /// Removes builds and virtual environments that nobody needs; an environment used within the last hour stays, because a
    /// build may be under way that needs it.
    ///
    /// - Parameters:
    ///   - keeping: identities that releases name.
    ///   - newest: how many of the others stay, the last used first.
    /// - Returns: the folders that were removed.
    @discardableResult
    package func prune(keeping: Set<ContentHash>, newest: Int, now: Date = Date()) throws -> [String] {
        var others: [(name: String, used: Int)] = []
        var needed: Set<String> = []
        let kept = Set(keeping.map(\.short))
        var removed: [String] = []
        func need(_ name: String) {
            let bytes = try? SmallFile.read("\(folder)/builds/\(name)/complete.json")
            let record = bytes.flatMap { try? JSONDecoder().decode(BuildRecord.self, from: Data($0)) }
            if let environment = record?.virtualEnvironment { needed.insert(environment) }
        }
        for name in Folder.names(in: folder + "/builds") {
            if kept.contains(name) {
                need(name)
                continue
            }
            var information = stat()
            let isComplete = stat("\(folder)/builds/\(name)/complete.json", &information) == 0
            others.append((name, isComplete ? Int(information.st_mtim.tv_sec) : 0))
        }
        others.sort { ($0.used, $0.name) > ($1.used, $1.name) }
        for (index, other) in others.enumerated() {
            if index < newest, other.used > 0 {
                need(other.name)
            } else if let lock = try tryLock(other.name) {
                try Folder.remove("\(folder)/builds/\(other.name)")
                removed.append("\(folder)/builds/\(other.name)")
                withExtendedLifetime(lock) {}
            }
        }
        for name in Folder.names(in: folder + "/incoming") {
            // What a killed builder left of its copy.
            guard let lock = try tryLock(name) else { continue }
            try Folder.remove("\(folder)/incoming/\(name)")
            withExtendedLifetime(lock) {}
        }
        let hourAgo = Int(now.timeIntervalSince1970) - 3600
        for name in Folder.names(in: folder + "/venvs") where !needed.contains(name) {
            var information = stat()
            if stat("\(folder)/venvs/\(name)/.complete", &information) == 0, information.st_mtim.tv_sec > hourAgo {
                continue
            }
            guard let lock = try tryLock("venv-" + name) else { continue }
            try Folder.remove("\(folder)/venvs/\(name)")
            removed.append("\(folder)/venvs/\(name)")
            withExtendedLifetime(lock) {}
        }
        return removed
    }

    private func tryLock(_ name: String) throws -> FileLock? {
        try Folder.make(folder + "/locks", mode: 0o755)
        return try FileLock.take("\(folder)/locks/\(name)", holder: "pid \(getpid())")
    }
}
