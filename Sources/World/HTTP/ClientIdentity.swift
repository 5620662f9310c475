import NIOSSL

/// The certificate by which a client shows servers who it is, with its key, read from files in PEM.
package struct ClientIdentity: Sendable {
    let chain: [NIOSSLCertificateSource]
    let key: NIOSSLPrivateKeySource

    /// - Throws: `WorldError` with the code `certificate-invalid`.
    package init(certificate: String, key: String) throws {
        do {
            chain = try NIOSSLCertificate.fromPEMFile(certificate).map { .certificate($0) }
            self.key = .privateKey(try NIOSSLPrivateKey(file: key, format: .pem))
        } catch {
            throw WorldError(
                code: "certificate-invalid", operation: "read the certificate \(certificate) and its key \(key)",
                underlying: "\(error)", hint: "Give both in PEM, the key without a passphrase.")
        }
    }
}
