import NIOCore

/// A listener that sends everyone to https, as one configuration describes it.
final class RedirectEntry: Sendable {
    /// The port behind the host, with its colon; empty for 443.
    let port: String

    init(_ redirect: FrontDoorConfiguration.Redirect) {
        port = redirect.port == 443 ? "" : ":\(redirect.port)"
    }
}

extension ClientConnection {
    /// Sends the client to the same address over https, by 308 (RFC 9110 §15.4.9): what is posted stays posted, and every
    /// method is answered alike. A certificate authority asks over http (RFC 8555 §8.3): its path is never redirected.
    func redirect(_ entry: RedirectEntry, _ raw: UnsafeRawBufferPointer) {
        let head = exchange.head
        if ChallengeFolder.isChallenge(raw.slice(head.path)) {
            fail(.fileMissing)
            return
        }
        guard !head.host.isEmpty else {
            fail(.hostMissing)
            return
        }
        loop.redirects += 1
        var fields = ByteBuffer(staticString: "Location: https://")
        fields.writeBytes(RouteTable.withoutPort(raw.slice(head.host)))
        fields.writeString(entry.port)
        // The asterisk of OPTIONS is no part of an address.
        if raw[Int(head.target.start)] == UInt8(ascii: "/") {
            fields.writeBytes(raw.slice(head.target))
        } else {
            fields.writeStaticString("/")
        }
        fields.writeStaticString("\r\n")
        writeOwnHead(status: 308, fields: fields, length: 0)
        finishOwn()
    }
}
