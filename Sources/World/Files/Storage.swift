import Glibc

/// The file system that a path lies on: full, closed, or well.
package struct Storage: Sendable, Hashable {
    /// Bytes that this user may still write.
    package var free: Int
    package var size: Int
    package var isReadOnly: Bool

    /// Looks at the file system of a path, or of the nearest folder above it that exists; nil where it cannot be asked.
    package static func look(at path: String) -> Storage? {
        var information = statvfs()
        var place = path
        while statvfs(place.isEmpty ? "/" : place, &information) != 0 {
            guard let slash = place.lastIndex(of: "/") else { return nil }
            place = String(place[..<slash])
        }
        let block = Int(information.f_frsize)
        return Storage(
            free: Int(information.f_bavail) * block, size: Int(information.f_blocks) * block,
            isReadOnly: information.f_flag & UInt(ST_RDONLY) != 0)
    }

    /// Why nothing can be written at a path, as the error that a write would get; nil when that is not so.
    ///
    /// - Parameter needed: bytes.
    package static func refusal(at path: String, needed: Int = 64 << 10) -> SystemError? {
        guard let storage = look(at: path) else { return nil }
        if storage.isReadOnly { return SystemError(EROFS) }
        if storage.free < needed { return SystemError(ENOSPC) }
        return nil
    }

    /// `0 of 16 MiB are free`.
    package var text: String { "\(free >> 20) of \(size >> 20) MiB are free" }
}
