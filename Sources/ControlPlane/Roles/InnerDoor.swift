import Crypto
import World

/// Where the other roles come in to the one that decides: who shows the token is believed about clients.
///
/// Belongs to one event loop.
final class InnerDoor {
    enum Admission {
        /// Another role asks for itself.
        case asks
        /// Another role passes a client's request on.
        case passedOn(Hop)
        case refused(Problem)
        /// Somebody else.
        case stranger
    }

    static let prefix = "/inner/v1/"
    private let digest: [UInt8]
    private let listener: GuardedListener
    private let desk: InnerDesk
    private let bodyBytes: Int

    init(token: Secret, listener: GuardedListener, desk: InnerDesk, bodyBytes: Int) {
        digest = Self.digest(token.exposed)
        self.listener = listener
        self.desk = desk
        self.bodyBytes = bodyBytes
    }

    func admit(_ request: APIRequest) -> Admission {
        let isInner = request.path.hasPrefix(Self.prefix)
        if !isInner, request.body.count > bodyBytes { return .refused(Self.tooLarge(bodyBytes)) }
        guard let shown = request.field(Hop.tokenField) else { return isInner ? .refused(Self.denied) : .stranger }
        let peer = listener.client(of: request)
        guard peer.isPrivate else { return .refused(.inClear) }
        // Digests are compared: the time says nothing of the token.
        guard PasswordHash.areEqual(Self.digest(shown), digest) else { return .refused(Self.denied) }
        if isInner {
            // What a client asked for is never a role's own question, however its path was written.
            return request.field(Hop.field) == nil ? .asks : .refused(Self.denied)
        }
        guard var hop = request.field(Hop.field).flatMap({ Hop($0) }) else { return .stranger }
        // The token of this machine's programs is good on this machine.
        hop.client.isLocal = hop.client.isLocal && peer.isLocal
        return .passedOn(hop)
    }

    func handle(_ request: APIRequest, _ answer: @escaping (Answer) -> Void) {
        desk.handle(request, Array(request.segments.dropFirst(2)), answer)
    }

    private static func digest(_ text: String) -> [UInt8] { Array(SHA256.hash(data: Array(text.utf8))) }

    private static let denied = Problem(
        "plane-token", status: 401, title: "The token of the control plane's roles is needed",
        detail: "Each role is given the same file with --plane-token-file.")

    private static func tooLarge(_ limit: Int) -> Problem {
        Problem("too-large", status: 413, title: "The body is too large", detail: "At most \(limit) bytes are taken.")
    }
}
