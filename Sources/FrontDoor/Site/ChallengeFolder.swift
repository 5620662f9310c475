/// Where an ACME client leaves its answers to a certificate authority's questions (HTTP-01, RFC 8555 §8.3), as a web root.
final class ChallengeFolder: Sendable {
    let folder: SiteFolder

    /// Bytes of the longest answer; a token with the thumbprint of a key has fewer than 200.
    static let answerLimit = 1024

    /// - Parameter root: absolute path of the folder that `.well-known` lies in.
    init(root: String) {
        folder = SiteFolder(.init(root: root, precompressed: false), sizeLimit: Self.answerLimit)
    }

    private static let prefix: StaticString = "/.well-known/acme-challenge/"

    /// Whether a path is a question's; such a path leads to no service.
    static func isChallenge(_ path: UnsafeRawBufferPointer) -> Bool {
        path.count > prefix.utf8CodeUnitCount
            && path.starts(with: UnsafeBufferPointer(start: prefix.utf8Start, count: prefix.utf8CodeUnitCount))
    }

    /// Whether what follows the prefix is a token: base64url and nothing else, so that it names one file and no way out.
    static func hasToken(_ path: UnsafeRawBufferPointer) -> Bool {
        let token = path.dropFirst(prefix.utf8CodeUnitCount)
        return (1...256).contains(token.count)
            && token.allSatisfy { byte in
                (0x30...0x39).contains(byte) || (0x61...0x7A).contains(byte | 0x20) || byte == 0x2D || byte == 0x5F
            }
    }
}

extension ClientConnection {
    /// Answers a certificate authority; what is no token, or of none, is 404.
    func answerChallenge(_ challenges: ChallengeFolder, _ raw: UnsafeRawBufferPointer) {
        let path = raw.slice(exchange.head.path)
        guard ChallengeFolder.hasToken(path) else {
            fail(.fileMissing)
            return
        }
        exchange.site = challenges.folder
        serveFile(challenges.folder, String(decoding: path, as: UTF8.self))
    }
}
