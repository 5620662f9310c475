import FoundationEssentials
import Glibc

/// The configuration in force on disk, so that a front door that was killed comes back with the routes that it had.
package struct StateFile: Sendable {
    package let path: String

    package init(path: String) { self.path = path }

    /// The stored configuration, or `nil` when nothing was stored yet.
    ///
    /// - Throws: `FrontDoorError` with `state-unreadable` when there is something that cannot be read.
    package func load() throws -> FrontDoorConfiguration? {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else {
            if errno == ENOENT { return nil }
            throw unreadable(String(cString: strerror(errno)))
        }
        defer { close(descriptor) }
        var bytes: [UInt8] = []
        while true {
            var part = [UInt8](repeating: 0, count: 65_536)
            let count = read(descriptor, &part, part.count)
            if count < 0 { throw unreadable(String(cString: strerror(errno))) }
            if count == 0 { break }
            bytes += part[0..<count]
        }
        do {
            return try JSONDecoder().decode(FrontDoorConfiguration.self, from: Data(bytes))
        } catch {
            throw unreadable(String(describing: error))
        }
    }

    /// Replaces the stored configuration in one step: a reader, or a crash at any moment, finds the old one or the new one
    /// whole. Blocks until the disk has it.
    ///
    /// It is written into the blocks of the version before the last, which stays beside it as `.new`, and padded with spaces:
    /// so traffic can be taken back on a full disk too.
    /// - Throws: `FrontDoorError` with `state-unwritable`.
    package func store(_ configuration: FrontDoorConfiguration) throws {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        let bytes: [UInt8]
        do { bytes = Array(try encoder.encode(configuration)) } catch { throw unwritable(String(describing: error)) }
        let temporary = path + ".new"
        let descriptor = open(temporary, O_WRONLY | O_CREAT | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw unwritable(String(cString: strerror(errno))) }
        do {
            defer { close(descriptor) }
            let there = Int(lseek(descriptor, 0, SEEK_END))
            let wanted = (bytes.count + bytes.count / 4 + Self.block) / Self.block * Self.block
            let padded = bytes + [UInt8](repeating: 0x20, count: max(wanted, there) - bytes.count)
            var sent = 0
            while sent < padded.count {
                let count = padded.withUnsafeBytes {
                    pwrite(descriptor, $0.baseAddress?.advanced(by: sent), padded.count - sent, off_t(sent))
                }
                if count > 0 {
                    sent += count
                } else if sent >= bytes.count, sent >= there {
                    // Slack is a wish; the content is there.
                    break
                } else {
                    throw unwritable(String(cString: strerror(errno)))
                }
            }
            guard fsync(descriptor) == 0 else { throw unwritable(String(cString: strerror(errno))) }
        }
        // A second name keeps the blocks of the file that is replaced, for the next time.
        let old = path + ".old"
        unlink(old)
        let isKept = link(path, old) == 0
        guard rename(temporary, path) == 0 else { throw unwritable(String(cString: strerror(errno))) }
        if isKept { rename(old, temporary) }
        // The rename itself is durable once the folder is.
        let slash = path.lastIndex(of: "/")
        let parent = slash.map { String(path[..<$0]) } ?? "."
        let folder = open(parent.isEmpty ? "/" : parent, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        if folder >= 0 {
            fsync(folder)
            close(folder)
        }
    }

    private static let block = 4096

    private func unreadable(_ underlying: String) -> FrontDoorError {
        FrontDoorError(
            code: .stateUnreadable, operation: "read \(path)", underlying: underlying,
            hint: "Repair the file, or move it away: the front door then starts without routes until it is given some.")
    }

    private func unwritable(_ underlying: String) -> FrontDoorError {
        FrontDoorError(
            code: .stateUnwritable, operation: "write \(path)", underlying: underlying,
            hint:
                "The configuration before this one still serves. Free space or make the folder writable, then try again."
        )
    }
}
