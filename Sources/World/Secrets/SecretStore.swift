import Glibc
package import Spec

/// The secret values of one environment: files of mode 0600 in a folder of mode 0700.
///
/// A value is the file's bytes as they are, so a trailing newline counts; ``set(_:for:)`` writes none.
package struct SecretStore: Sendable, Hashable {
    /// Absolute.
    package let folder: String
    /// Named in the hints.
    package let environment: EnvironmentName

    /// Touches nothing yet: the folder is made by the first write.
    package init(folder: String, environment: EnvironmentName) {
        self.folder = folder
        self.environment = environment
    }

    /// The keys that have a value, sorted.
    package var keys: [String] { Folder.names(in: folder).filter(Self.isKey) }

    package func contains(_ key: String) -> Bool { access(path(key), F_OK) == 0 }

    /// The value of a key.
    ///
    /// - Throws: `WorldError` with the code `secret-missing`, or `secret-exposed` when others than the owner may read it.
    package func value(for key: String) throws -> Secret {
        try check(key)
        try checkFolder()
        let path = path(key)
        let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW)
        guard descriptor >= 0 else {
            if errno == ENOENT { throw missing(key) }
            throw SystemError.last.during("read the secret \(key)", hint: "Check the owner and the mode of \(path).")
        }
        close(descriptor)
        var information = stat()
        guard lstat(path, &information) == 0 else { throw missing(key) }
        guard information.st_mode & 0o077 == 0 else {
            throw WorldError(
                code: "secret-exposed", operation: "read the secret \(key)",
                underlying: "\(path) can be read by others (mode \(Self.octal(information.st_mode)))",
                hint: "Run `chmod 600 \(path)`, and rotate the secret if others use this machine.")
        }
        do {
            return Secret(String(decoding: try SmallFile.read(path, limit: 1 << 20), as: UTF8.self))
        } catch let error as SystemError {
            throw error.during("read the secret \(key)")
        }
    }

    /// Stores a value; a reader sees the old one or the new one.
    ///
    /// - Throws: `WorldError`
    package func set(_ secret: Secret, for key: String) throws {
        try check(key)
        try makeFolder()
        try AtomicFile.write(Array(secret.exposed.utf8), to: path(key), mode: 0o600)
    }

    /// Removes a value; nothing happens when there is none.
    package func remove(_ key: String) throws {
        try check(key)
        guard unlink(path(key)) == 0 || errno == ENOENT else {
            throw SystemError.last.during("remove the secret \(key)")
        }
    }

    /// The value of a key; a random one is stored first when there is none.
    ///
    /// Of two callers at once both get the value of the one that was first: the file is linked into place, never overwritten.
    /// - Throws: `WorldError`
    @discardableResult
    package func valueOrGenerated(for key: String, length: Int = 32) throws -> Secret {
        try check(key)
        if contains(key) { return try value(for: key) }
        try makeFolder()
        var generator = SystemRandomNumberGenerator()
        let secret = Secret.generated(length: length, using: &generator)
        let beside = folder + "/.\(key).\(getpid()).\(UInt32.random(in: 0...UInt32.max, using: &generator))"
        try AtomicFile.write(Array(secret.exposed.utf8), to: beside, mode: 0o600)
        defer { unlink(beside) }
        if link(beside, path(key)) == 0 { return secret }
        guard errno == EEXIST else { throw SystemError.last.during("store the secret \(key)") }
        return try value(for: key)
    }

    /// The text with its secrets filled in.
    ///
    /// - Throws: `WorldError` naming the secret that is missing and the command that mends it.
    package func resolve(_ value: EnvironmentValue) throws -> String {
        var text = ""
        for part in value.parts {
            switch part {
            case .text(let piece): text += piece
            case .secret(let key): text += try self.value(for: key).exposed
            }
        }
        return text
    }

    /// A key is a file name of at most 120 letters, digits, `.`, `_` and `-`, and begins with a letter or digit.
    package static func isKey(_ key: String) -> Bool {
        let bytes = Array(key.utf8)
        guard let first = bytes.first, bytes.count <= 120, isLetterOrDigit(first) else { return false }
        return bytes.allSatisfy { isLetterOrDigit($0) || $0 == 0x2d || $0 == 0x2e || $0 == 0x5f }
            && !key.hasSuffix(".new")
    }

    private static func isLetterOrDigit(_ byte: UInt8) -> Bool {
        (0x30...0x39).contains(byte) || (0x41...0x5a).contains(byte) || (0x61...0x7a).contains(byte)
    }

    private func path(_ key: String) -> String { folder + "/" + key }

    private func check(_ key: String) throws {
        guard Self.isKey(key) else {
            throw WorldError(
                code: "secret-name", operation: "use the secret '\(key)'", underlying: "this is no name of a secret",
                hint: "Use letters, digits, '.', '_' and '-'.")
        }
    }

    private func missing(_ key: String) -> WorldError {
        WorldError(
            code: "secret-missing", operation: "read the secret \(key)",
            underlying: "it has no value in the environment \(environment)",
            hint: "Run `hauban secrets set \(key) --env \(environment)`.")
    }

    private func makeFolder() throws {
        try Folder.make(folder, mode: 0o700)
        try checkFolder()
    }

    private func checkFolder() throws {
        var information = stat()
        guard lstat(folder, &information) == 0 else { return }
        guard information.st_mode & S_IFMT == S_IFDIR, information.st_mode & 0o077 == 0 else {
            throw WorldError(
                code: "secret-exposed", operation: "use the secrets of \(environment)",
                underlying: "\(folder) is not a folder of its owner alone (mode \(Self.octal(information.st_mode)))",
                hint: "Run `chmod 700 \(folder)`.")
        }
    }

    private static func octal(_ mode: mode_t) -> String { String(mode & 0o7777, radix: 8) }
}
