import Glibc

/// Folders of ours, made with the permissions they need.
package enum Folder {
    /// Makes a folder and its missing parents; one that exists is left as it is.
    ///
    /// - Throws: `WorldError`
    package static func make(_ path: String, mode: UInt32 = 0o700) throws {
        var information = stat()
        if stat(path, &information) == 0, information.st_mode & S_IFMT == S_IFDIR { return }
        if let slash = path.lastIndex(of: "/"), slash != path.startIndex {
            try make(String(path[..<slash]), mode: mode)
        }
        guard mkdir(path, mode) == 0 || errno == EEXIST else {
            throw SystemError.last.during("make the folder \(path)")
        }
    }

    /// Makes a new folder that only its owner may enter, where temporary files belong; whoever asks removes it.
    ///
    /// - Throws: `WorldError`
    package static func temporary(named name: String) throws -> String {
        let base = getenv("TMPDIR").map { String(cString: $0) } ?? "/tmp"
        var template = Array("\(base)/\(name)-XXXXXX".utf8CString)
        guard mkdtemp(&template) != nil else { throw SystemError.last.during("make a folder in \(base)") }
        return String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    /// The names inside a folder, sorted, without the two dots; empty when there is no such folder.
    package static func names(in path: String) -> [String] {
        guard let stream = opendir(path) else { return [] }
        defer { closedir(stream) }
        var names: [String] = []
        while let entry = readdir(stream) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) { tuple in
                tuple.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            if name != ".", name != ".." { names.append(name) }
        }
        return names.sorted()
    }
}

extension Folder {
    /// Whether a folder is there.
    package static func exists(_ path: String) -> Bool {
        var information = stat()
        return stat(path, &information) == 0 && information.st_mode & S_IFMT == S_IFDIR
    }

    /// A real folder (no link) that belongs to this user and that nobody else may enter.
    package static func isOwnAndPrivate(_ path: String) -> Bool {
        var information = stat()
        return lstat(path, &information) == 0 && information.st_mode & S_IFMT == S_IFDIR
            && information.st_uid == geteuid() && information.st_mode & 0o077 == 0
    }
}
