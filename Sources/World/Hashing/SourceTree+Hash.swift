import Crypto
import Glibc

extension SourceTree {
    /// The hash of paths, execute bits, contents and link targets; owners, times and other modes do not count.
    ///
    /// Files are read in pieces. A file that vanished since the list was made is left out.
    /// - Throws: `WorldError`
    package func hash() throws -> ContentHash {
        var hasher = SHA256()
        var chunk = [UInt8](repeating: 0, count: 256 << 10)
        for entry in entries {
            switch entry.kind {
            case .file(let isExecutable):
                guard let contents = try Self.digest(folder + "/" + entry.path, &chunk) else { continue }
                Self.update(&hasher, isExecutable ? "x" : "f", entry.path, contents.hex)
            case .link(let target):
                Self.update(&hasher, "l", entry.path, target)
            }
        }
        return ContentHash(hasher.finalize())
    }

    private static func update(_ hasher: inout SHA256, _ texts: String...) {
        for text in texts {
            hasher.update(data: Array("\(text.utf8.count):".utf8))
            hasher.update(data: Array(text.utf8))
        }
    }

    private static func digest(_ path: String, _ chunk: inout [UInt8]) throws -> ContentHash? {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW)
        guard descriptor >= 0 else {
            if errno == ENOENT || errno == ELOOP { return nil }
            throw SystemError.last.during("read \(path)", hint: "Make it readable, or list it in .gitignore.")
        }
        defer { close(descriptor) }
        var hasher = SHA256()
        while true {
            let count = Glibc.read(descriptor, &chunk, chunk.count)
            if count < 0 {
                if errno == EINTR { continue }
                throw SystemError.last.during("read \(path)")
            }
            if count == 0 { break }
            chunk.withUnsafeBytes { hasher.update(bufferPointer: UnsafeRawBufferPointer(rebasing: $0[0..<count])) }
        }
        return ContentHash(hasher.finalize())
    }
}
