import Crypto
import FoundationEssentials
import Glibc

/// An Ed25519 key (RFC 8032) that signs what a machine attests; its private half never leaves its file.
package struct SigningKey: Sendable {
    private let key: Curve25519.Signing.PrivateKey

    package init() { key = Curve25519.Signing.PrivateKey() }

    private init(pem text: String, path: String) throws {
        guard let der = PEM.bytes(text, "PRIVATE KEY"), der.starts(with: Self.prefix), der.count == 48,
            let key = try? Curve25519.Signing.PrivateKey(rawRepresentation: der.suffix(32))
        else {
            throw WorldError(
                code: "bad-key", operation: "read the signing key \(path)",
                underlying: "it is no Ed25519 key in PKCS #8",
                hint:
                    "Put back a copy of it; or remove it, and the next run makes another: what was signed is then verified "
                    + "with the old public key only.")
        }
        self.key = key
    }

    /// The key of a folder, made when there is none; a file of 0600.
    ///
    /// - Throws: `WorldError`
    package static func of(folder: String) throws -> SigningKey {
        let path = folder + "/signing-key.pem"
        if let found = try read(path) { return found }
        try Folder.make(folder)
        let key = SigningKey()
        let beside = "\(path).\(getpid()).\(UInt32.random(in: 0...UInt32.max))"
        try AtomicFile.write(Array(key.privatePEM.utf8), to: beside, mode: 0o600)
        defer { unlink(beside) }
        // Of two who make one at once, both take the first.
        if link(beside, path) == 0 { return key }
        guard errno == EEXIST, let found = try read(path) else {
            throw SystemError.last.during("keep the signing key \(path)")
        }
        return found
    }

    private static func read(_ path: String) throws -> SigningKey? {
        do {
            return try SigningKey(
                pem: String(decoding: try SmallFile.read(path, limit: 4096), as: UTF8.self), path: path)
        } catch let error as SystemError {
            if error.number == ENOENT { return nil }
            throw error.during("read the signing key \(path)")
        }
    }

    /// What others verify with.
    package var verifying: VerifyingKey { VerifyingKey(key.publicKey) }

    func signature(of bytes: [UInt8]) throws -> [UInt8] { Array(try key.signature(for: bytes)) }

    /// RFC 8410 §7, without the attributes.
    private static let prefix: [UInt8] = [
        0x30, 0x2e, 0x02, 0x01, 0x00, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x04, 0x22, 0x04, 0x20,
    ]

    private var privatePEM: String { PEM.text(Self.prefix + Array(key.rawRepresentation), "PRIVATE KEY") }
}

/// The public half of an Ed25519 key.
package struct VerifyingKey: Sendable {
    private let key: Curve25519.Signing.PublicKey

    fileprivate init(_ key: Curve25519.Signing.PublicKey) { self.key = key }

    /// - Returns: `nil` for anything but one Ed25519 key as a SubjectPublicKeyInfo in PEM.
    package init?(pem text: String) {
        guard let der = PEM.bytes(text, "PUBLIC KEY"), der.starts(with: Self.prefix), der.count == 44,
            let key = try? Curve25519.Signing.PublicKey(rawRepresentation: der.suffix(32))
        else { return nil }
        self.key = key
    }

    /// RFC 8410 §4.
    private static let prefix: [UInt8] = [
        0x30, 0x2a, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x03, 0x21, 0x00,
    ]

    private var der: [UInt8] { Self.prefix + Array(key.rawRepresentation) }

    /// As `openssl pkey -pubout` writes it.
    package var pem: String { PEM.text(der, "PUBLIC KEY") }

    /// The SHA-256 of its DER form: a hint for whoever has several keys.
    package var id: String { ContentHash(of: der).hex }

    func isValid(_ signature: [UInt8], of bytes: [UInt8]) -> Bool { key.isValidSignature(signature, for: bytes) }
}

/// Textual encodings of keys (RFC 7468).
private enum PEM {
    static func text(_ der: [UInt8], _ label: String) -> String {
        "-----BEGIN \(label)-----\n\(Data(der).base64EncodedString())\n-----END \(label)-----\n"
    }

    static func bytes(_ text: String, _ label: String) -> [UInt8]? {
        let lines = text.split(whereSeparator: \.isNewline).map { $0.filter { !$0.isWhitespace || $0 == " " } }
        guard let first = lines.firstIndex(of: "-----BEGIN \(label)-----"),
            let last = lines.lastIndex(of: "-----END \(label)-----"), first < last
        else { return nil }
        return Data(base64Encoded: lines[(first + 1)..<last].joined()).map { Array($0) }
    }
}
