import Glibc

/// Which file a path names at the moment.
enum FileIdentity {
    static func inode(of path: String) -> UInt64? {
        var info = stat()
        return stat(path, &info) == 0 ? UInt64(info.st_ino) : nil
    }
}
