import Crypto
import NIOCore
import NIOSSL

/// One certificate, by the SHA-256 of its DER form: whoever shows it and has its key is trusted, whatever names it holds.
package struct CertificatePin: Sendable, Hashable {
    /// 64 digits, in lower case.
    package let hex: String

    /// - Returns: `nil` for anything but 64 hexadecimal digits.
    package init?(hex: String) {
        let text = hex.lowercased()
        guard text.utf8.count == 64, text.allSatisfy({ $0.isASCII && $0.isHexDigit }) else { return nil }
        self.hex = text
    }

    /// The first certificate of a file in PEM: the one that a server with it shows.
    ///
    /// - Throws: `WorldError` with the code `certificate-invalid`.
    package init(ofFile path: String) throws {
        do {
            guard let first = try NIOSSLCertificate.fromPEMFile(path).first else { throw Mismatch() }
            hex = try Self.hex(first)
        } catch {
            throw WorldError(
                code: "certificate-invalid", operation: "read the certificate \(path)",
                underlying: "it holds no certificate in PEM: \(error)",
                hint: "Give a certificate chain in PEM, the server's own first.")
        }
    }

    /// Fails for a connection over which another certificate was shown, and closes it.
    func check(_ channel: any Channel) -> EventLoopFuture<Void> {
        channel.nioSSL_peerCertificate().flatMapThrowing { shown in
            guard let shown, try Self.hex(shown) == hex else { throw Mismatch() }
        }.flatMapErrorThrowing { error in
            channel.close(promise: nil)
            throw error
        }
    }

    /// Another certificate was shown.
    struct Mismatch: Error {}

    private static func hex(_ certificate: NIOSSLCertificate) throws -> String {
        let digits = Array("0123456789abcdef")
        var text = ""
        for byte in SHA256.hash(data: try certificate.toDERBytes()) {
            text.append(digits[Int(byte >> 4)])
            text.append(digits[Int(byte & 15)])
        }
        return text
    }
}
