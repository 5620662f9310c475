import Glibc
import World

/// A folder of one test, removed with it.
package final class TemporaryFolder: Sendable {
    package let path: String

    package init() {
        var template = Array("/tmp/hauban-test-XXXXXX".utf8CString)
        precondition(mkdtemp(&template) != nil, "no temporary folder can be made in /tmp")
        path = template.withUnsafeBufferPointer { buffer in
            buffer.baseAddress.map { String(cString: $0) } ?? ""
        }
    }

    deinit { Self.remove(path) }

    /// Writes a file in it.
    package func write(_ name: String, _ text: String) throws {
        try AtomicFile.write(Array(text.utf8), to: path + "/" + name, durable: false)
    }

    /// The text of a file in it; empty when there is none.
    package func read(_ name: String) -> String { SmallFile.text(path + "/" + name) ?? "" }

    private static func remove(_ path: String) {
        var information = stat()
        guard lstat(path, &information) == 0 else { return }
        if information.st_mode & S_IFMT == S_IFDIR {
            for name in Folder.names(in: path) { remove(path + "/" + name) }
            rmdir(path)
        } else {
            unlink(path)
        }
    }
}
