import Glibc
import NIOCore
import NIOSSL

/// A certificate chain and its private key, read from files and found to belong together and to be valid now.
package struct CertificatePair: Sendable {
    package let certificate: String
    package let key: String
    /// Host names that the certificate says it is for, in lower case; it may name none.
    package let names: [String]
    /// The last second at which the certificate is valid, in Unix time.
    package let notAfter: Int
    /// What is unwise but not wrong, in sentences.
    package let warnings: [String]
    let chain: [NIOSSLCertificate]
    let privateKey: NIOSSLPrivateKey

    /// Days from `now` to the end, rounded down.
    package func daysLeft(now: Int) -> Int { Int((Double(notAfter - now) / 86_400).rounded(.down)) }

    /// Reads and judges a pair.
    ///
    /// - Parameters:
    ///   - certificate: path of a PEM file: the certificate, then those that lead to its root.
    ///   - key: path of a PEM file with the private key, not encrypted.
    ///   - now: Unix time.
    /// - Throws: `FrontDoorError` with `certificate-invalid`: a file is missing, unreadable or not PEM, the two do not belong
    ///   together, or the certificate's time is over or has not come.
    package static func load(certificate: String, key: String, now: Int) throws(FrontDoorError) -> CertificatePair {
        let chainText = try PEMFile.read(certificate)
        let keyText = try PEMFile.read(key)
        let chain: [NIOSSLCertificate]
        do {
            chain = try NIOSSLCertificate.fromPEMBytes(chainText.bytes)
        } catch {
            throw invalid(
                "read \(certificate)", "it holds no PEM certificate",
                "Give the chain as PEM: the certificate first, then those that signed it.")
        }
        guard let leaf = chain.first else {
            throw invalid("read \(certificate)", "it holds no certificate", "Give the chain as PEM.")
        }
        let privateKey: NIOSSLPrivateKey
        do {
            privateKey = try NIOSSLPrivateKey(bytes: keyText.bytes, format: .pem)
        } catch {
            throw invalid(
                "read \(key)", "it holds no PEM private key that can be read without a passphrase",
                "Give the key as PEM; `openssl pkey -in OLD -out NEW` takes a passphrase away.")
        }
        let end = Int(leaf.notValidAfter)
        if end < now {
            throw invalid(
                "check \(certificate)",
                "it expired on \(UnixTime.httpDate(end))",
                "Have it renewed, or make a new one, and put it in its place.")
        }
        if Int(leaf.notValidBefore) > now {
            throw invalid(
                "check \(certificate)", "it is not valid before \(UnixTime.httpDate(Int(leaf.notValidBefore)))",
                "Wait until then, or see whether this machine's clock is right.")
        }
        var warnings: [String] = []
        if keyText.isReadableByOthers {
            warnings.append("\(key) can be read by every user of this machine; `chmod o-rwx` mends it")
        }
        let pair = CertificatePair(
            certificate: certificate, key: key, names: names(of: leaf), notAfter: end, warnings: warnings, chain: chain,
            privateKey: privateKey)
        do {
            _ = try pair.context(minimum: .v12, http2: true)
        } catch {
            throw invalid(
                "pair \(certificate) with \(key)", "the key is not the certificate's",
                "Give the key that the certificate was asked for with.")
        }
        return pair
    }

    private static func invalid(_ operation: String, _ underlying: String, _ hint: String) -> FrontDoorError {
        FrontDoorError(code: .certificateInvalid, operation: operation, underlying: underlying, hint: hint)
    }

    private static func names(of leaf: NIOSSLCertificate) -> [String] {
        leaf._subjectAlternativeNames().filter { $0.nameType == .dnsName }.map {
            String(decoding: $0.contents, as: UTF8.self).lowercased()
        }
    }

    /// What connections are made with.
    ///
    /// TLS 1.3's cipher suites are the library's; those of 1.2 are the ones with forward secrecy and an AEAD, which are also
    /// all that HTTP/2 allows (RFC 9113 §9.2.2). Renegotiation is never granted.
    func context(minimum: FrontDoorConfiguration.TLSVersion, http2: Bool) throws -> NIOSSLContext {
        var configuration = TLSConfiguration.makeServerConfiguration(
            certificateChain: chain.map { .certificate($0) }, privateKey: .privateKey(privateKey))
        configuration.minimumTLSVersion = minimum == .v13 ? .tlsv13 : .tlsv12
        configuration.cipherSuiteValues = [
            .TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256, .TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256,
            .TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384, .TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384,
            .TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256, .TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256,
        ]
        configuration.applicationProtocols = http2 ? ["h2", "http/1.1"] : ["http/1.1"]
        configuration.renegotiationSupport = .none
        configuration.shutdownTimeout = .seconds(2)
        return try NIOSSLContext(configuration: configuration)
    }
}

/// A file of a pair as it was read.
struct PEMFile {
    let bytes: [UInt8]
    let isReadableByOthers: Bool

    /// No chain is that large; what is, is some other file.
    private static let bound = 1024 * 1024

    static func read(_ path: String) throws(FrontDoorError) -> PEMFile {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard descriptor >= 0 else { throw refused(path, errno) }
        defer { close(descriptor) }
        var status = stat()
        guard fstat(descriptor, &status) == 0 else { throw refused(path, errno) }
        guard status.st_mode & S_IFMT == S_IFREG else {
            throw FrontDoorError(
                code: .certificateInvalid, operation: "read \(path)", underlying: "it is not a file",
                hint: "Name the PEM file itself.")
        }
        var bytes = [UInt8](repeating: 0, count: min(Int(status.st_size), bound))
        var count = 0
        while count < bytes.count {
            let more = bytes.withUnsafeMutableBytes {
                Glibc.read(descriptor, $0.baseAddress?.advanced(by: count), $0.count - count)
            }
            if more < 0 { throw refused(path, errno) }
            if more == 0 { break }
            count += more
        }
        return PEMFile(bytes: Array(bytes.prefix(count)), isReadableByOthers: status.st_mode & S_IROTH != 0)
    }

    private static func refused(_ path: String, _ number: Int32) -> FrontDoorError {
        FrontDoorError(
            code: .certificateInvalid, operation: "read \(path)", underlying: String(cString: strerror(number)),
            hint: number == ENOENT
                ? "See whether the path is right and the file was made."
                : "Give the user that Hauban runs as the right to read it.")
    }
}

/// What tells that a file is another one than before, without reading it.
struct FileMark: Hashable, Sendable {
    let device: UInt
    let inode: UInt
    let size: Int
    let seconds: Int
    let nanoseconds: Int

    /// `nil` when there is no such file.
    init?(_ path: String) {
        var status = stat()
        guard stat(path, &status) == 0 else { return nil }
        device = UInt(status.st_dev)
        inode = UInt(status.st_ino)
        size = Int(status.st_size)
        seconds = status.st_mtim.tv_sec
        nanoseconds = status.st_mtim.tv_nsec
    }
}
