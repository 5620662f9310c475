import Crypto
import CryptoExtras
import FoundationEssentials
import NIOSSL
import World

/// Whether a message of Amazon SNS comes from Amazon ("Verifying the signatures of Amazon SNS messages").
enum SNSSignature {
    /// The fields that are signed, in their order; one that is missing is passed over.
    private static let signed: [String: [String]] = [
        "Notification": ["Message", "MessageId", "Subject", "Timestamp", "TopicArn", "Type"],
        "SubscriptionConfirmation": [
            "Message", "MessageId", "SubscribeURL", "Timestamp", "Token", "TopicArn", "Type",
        ],
        "UnsubscribeConfirmation": ["Message", "MessageId", "SubscribeURL", "Timestamp", "Token", "TopicArn", "Type"],
    ]

    /// The text that is signed: each field's name and value, a line each.
    ///
    /// - Returns: `nil` for a type that is not known, or without a field that must be there.
    static func text(of message: JSONValue) -> String? {
        guard let type = message["Type"]?.string, let fields = signed[type] else { return nil }
        var text = ""
        for field in fields {
            guard let value = message[field]?.string else {
                if field == "Subject" { continue }
                return nil
            }
            text += "\(field)\n\(value)\n"
        }
        return text
    }

    /// Checks a message's signature by a certificate that came from ``certificateURL(of:)``.
    ///
    /// - Throws: `IngestFault`
    static func check(_ message: JSONValue, certificate: [UInt8], now: Int) throws(IngestFault) {
        guard let text = text(of: message) else { throw IngestFault("a field that SNS signs is missing") }
        guard let encoded = message["Signature"]?.string, let signature = Data(base64Encoded: encoded) else {
            throw IngestFault("the signature is not in base 64")
        }
        let key: _RSA.Signing.PublicKey
        do {
            let certificate = try NIOSSLCertificate(bytes: certificate, format: .pem)
            guard certificate.notValidBefore <= now, now <= certificate.notValidAfter else {
                throw IngestFault("the certificate is not valid now")
            }
            key = try _RSA.Signing.PublicKey(derRepresentation: certificate.extractPublicKey().toSPKIBytes())
        } catch let fault as IngestFault {
            throw fault
        } catch {
            throw IngestFault("the certificate cannot be read")
        }
        let rsa = _RSA.Signing.RSASignature(rawRepresentation: signature)
        let bytes = Array(text.utf8)
        // PKCS #1 v1.5, since that is what SNS signs with; SHA-1 for version 1.
        let isRight =
            switch message["SignatureVersion"]?.string {
            case "1": key.isValidSignature(rsa, for: Insecure.SHA1.hash(data: bytes), padding: .insecurePKCS1v1_5)
            case "2": key.isValidSignature(rsa, for: SHA256.hash(data: bytes), padding: .insecurePKCS1v1_5)
            default: false
            }
        guard isRight else { throw IngestFault("the signature is not right") }
    }

    /// Where the certificate of a message is, if Amazon alone can have put it there.
    static func certificateURL(of message: JSONValue) -> String? {
        guard let url = message["SigningCertURL"]?.string ?? message["SigningCertUrl"]?.string, isOfSNS(url),
            url.hasSuffix(".pem")
        else { return nil }
        return url
    }

    /// Whether a URL is `https` at a host of SNS itself: `sns.REGION.amazonaws.com`, in China `….com.cn`.
    static func isOfSNS(_ url: String) -> Bool {
        let prefix = "https://sns."
        guard url.hasPrefix(prefix), url.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7f && $0 != 0x5c }) else { return false }
        let rest = url.dropFirst(prefix.count)
        // A host ends at a slash; anything but a plain name before it (a port, a user) is no host of theirs.
        guard let slash = rest.firstIndex(of: "/") else { return false }
        var host = rest[..<slash]
        if host.hasSuffix(".cn") { host = host.dropLast(3) }
        guard host.hasSuffix(".amazonaws.com") else { return false }
        let region = host.dropLast(".amazonaws.com".count)
        return region.utf8.count >= 3
            && region.utf8.allSatisfy { (0x61...0x7a).contains($0) || (0x30...0x39).contains($0) || $0 == 0x2d }
    }
}
