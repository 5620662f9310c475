import Glibc

extension SourceTree {
    /// Copies the entries into an existing empty folder.
    ///
    /// Files become 0644 or 0755, so that another user can run them; one that vanished since the list was made is left out.
    /// - Throws: `WorldError`
    package func copy(to target: String) throws {
        var made: Set<String> = [""]
        for entry in entries {
            let parent = entry.path.lastIndex(of: "/").map { String(entry.path[..<$0]) } ?? ""
            if made.insert(parent).inserted { try Folder.make(target + "/" + parent, mode: 0o755) }
            let destination = target + "/" + entry.path
            switch entry.kind {
            case .link(let text):
                guard symlink(text, destination) == 0 else { throw SystemError.last.during("link \(destination)") }
            case .file(let isExecutable):
                try Self.copyFile(folder + "/" + entry.path, to: destination, mode: isExecutable ? 0o755 : 0o644)
            }
        }
    }

    private static func copyFile(_ source: String, to destination: String, mode: mode_t) throws {
        let input = open(source, O_RDONLY | O_CLOEXEC | O_NOFOLLOW)
        guard input >= 0 else {
            if errno == ENOENT || errno == ELOOP { return }
            throw SystemError.last.during("read \(source)", hint: "Make it readable, or list it in .gitignore.")
        }
        defer { close(input) }
        let output = open(destination, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode)
        guard output >= 0 else { throw SystemError.last.during("create \(destination)") }
        defer { close(output) }
        fchmod(output, mode)
        var buffer = [UInt8](repeating: 0, count: 128 << 10)
        while true {
            let count = Glibc.read(input, &buffer, buffer.count)
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else { throw SystemError.last.during("read \(source)") }
            if count == 0 { return }
            var written = 0
            while written < count {
                let step = buffer.withUnsafeBytes {
                    Glibc.write(output, $0.baseAddress?.advanced(by: written), count - written)
                }
                if step < 0, errno == EINTR { continue }
                guard step >= 0 else {
                    throw SystemError.last.during("write \(destination)", hint: "Check the free space of the disk.")
                }
                written += step
            }
        }
    }
}
