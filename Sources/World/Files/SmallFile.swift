import Glibc

/// Files that are read in one go with plain system calls: /proc's have no size, so that `stat` cannot say how much to read.
package enum SmallFile {
    /// The bytes of a file, up to a limit.
    ///
    /// - Throws: `SystemError`
    package static func read(_ path: String, limit: Int = 16 << 20) throws -> [UInt8] {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw SystemError.last }
        defer { close(descriptor) }
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 16 << 10)
        while bytes.count < limit {
            let count = Glibc.read(descriptor, &chunk, min(chunk.count, limit - bytes.count))
            if count < 0 {
                if errno == EINTR { continue }
                throw SystemError.last
            }
            if count == 0 { break }
            bytes.append(contentsOf: chunk[0..<count])
        }
        return bytes
    }

    /// The text of a file, or `nil` when it cannot be read.
    package static func text(_ path: String) -> String? {
        guard let bytes = try? read(path) else { return nil }
        return String(decoding: bytes, as: UTF8.self)
    }

    /// What a growing file holds behind an offset; empty when there is nothing yet.
    package static func bytes(_ path: String, from offset: Int, limit: Int = 4 << 20) -> [UInt8] {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return [] }
        defer { close(descriptor) }
        let count = min(limit, Int(lseek(descriptor, 0, SEEK_END)) - offset)
        guard count > 0 else { return [] }
        var buffer = [UInt8](repeating: 0, count: count)
        let read = pread(descriptor, &buffer, count, offset)
        return read > 0 ? Array(buffer[0..<read]) : []
    }

    /// The last bytes of a file, for showing how a log ended.
    package static func tail(_ path: String, bytes limit: Int) -> String {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return "" }
        defer { close(descriptor) }
        let size = lseek(descriptor, 0, SEEK_END)
        var buffer = [UInt8](repeating: 0, count: limit)
        let count = pread(descriptor, &buffer, limit, max(0, size - limit))
        return count > 0 ? String(decoding: buffer[0..<count], as: UTF8.self) : ""
    }
}
