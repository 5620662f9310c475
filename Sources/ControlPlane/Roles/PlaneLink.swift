import FoundationEssentials
import Response
package import World

/// Where the role that decides is, and what is shown to it.
package struct PlaneAddress: Sendable, Hashable {
    /// Scheme, host and port.
    package let url: String
    package let token: Secret
    /// Whether it is on this machine.
    package let isHere: Bool
    /// Certificates in PEM that alone may vouch for it; `nil`: the system's.
    package let authorities: String?

    /// - Throws: `WorldError`: `bad-url`, or `in-clear` where others could read the token on its way.
    package init(url: String, token: Secret, authorities: String? = nil) throws(WorldError) {
        var text = url
        while text.last == "/" { text.removeLast() }
        let isSecure = text.hasPrefix("https://")
        let host = text.dropFirst(isSecure ? 8 : 7)
        guard isSecure || text.hasPrefix("http://"), !host.isEmpty, !host.contains(where: { "/@?#".contains($0) })
        else {
            throw WorldError(
                code: "bad-url", operation: "find the control plane",
                underlying: "its address is scheme, host and port",
                hint: "Write it as https://incidents.example.org:9443 or http://127.0.0.1:9093.")
        }
        guard isSecure || IPAddress(host)?.isLoopback == true || host.prefix(while: { $0 != ":" }) == "localhost" else {
            throw WorldError(
                code: "in-clear", operation: "show the plane's token to \(text)",
                underlying: "others on the way could read it", hint: "Use its https:// address.")
        }
        self.url = text
        isHere = !isSecure || IPAddress(host)?.isLoopback == true || host.prefix { $0 != ":" } == "localhost"
        self.token = token
        self.authorities = authorities
    }
}

/// Asks the role that decides, for this process and for its clients.
final class PlaneLink: Sendable {
    struct Reply: Sendable {
        var status: Int
        var body: [UInt8]
    }

    private let address: PlaneAddress
    private let caller: HTTPCaller
    /// How long a client's request may take.
    static let patience = Duration.seconds(60)
    /// The longest answer that is passed on.
    static let answerBytes = 256 << 20

    init(_ address: PlaneAddress) {
        self.address = address
        caller = HTTPCaller(.init(connectionsPerServer: 512), authorities: address.authorities)
    }

    func close() async { await caller.close() }

    /// Asks for this process.
    ///
    /// - Throws: `WorldError` when no whole answer came in time.
    func ask(_ method: String, _ path: String, body: [UInt8] = [], within deadline: Duration) async throws -> Reply {
        let answer = try await caller.open(
            method, address.url + InnerDoor.prefix + path,
            fields: [(Hop.tokenField, address.token.exposed), ("Content-Type", "application/json")], body: body,
            within: deadline)
        return Reply(status: answer.status, body: try await answer.bytes(upTo: 64 << 20, within: deadline))
    }

    /// Passes a client's request on, and gives back what it is answered.
    ///
    /// - Throws: `WorldError` when no whole answer came in time. What is not only read may have been done all the same.
    func forward(_ request: APIRequest, _ hop: Hop) async throws -> Answer {
        do {
            return try await pass(request, hop)
        } catch let error as WorldError
            where error.code == "request-failed" && Authority.isSafe(request.method)
        {
            // A connection that was kept may have been closed by a start of the other side.
            return try await pass(request, hop)
        }
    }

    private func pass(_ request: APIRequest, _ hop: Hop) async throws -> Answer {
        var fields = request.fields.filter { !Self.ownFields.contains($0.key) && !$0.key.hasPrefix("x-forwarded-") }
            .sorted { $0.key < $1.key }.map { (name: $0.key, value: $0.value) }
        fields.append((Hop.tokenField, address.token.exposed))
        fields.append((Hop.field, hop.text))
        let target = request.path + (request.query.isEmpty ? "" : "?" + request.query)
        // What a HEAD is answered says how long the body would be: our own connection leaves it out.
        let isBare =
            request.method == "HEAD" && !request.path.hasPrefix("/api/v2") && !request.path.hasSuffix("/events")
        let incoming = try await caller.open(
            isBare ? "GET" : request.method, address.url + target, fields: fields, body: request.body,
            within: Self.patience)
        let type = incoming.field("content-type")
        var answer = Answer(
            status: incoming.status,
            fields: incoming.fields.filter { !Self.ownAnswerFields.contains($0.name.lowercased()) })
        if let type, type.hasPrefix("text/event-stream") {
            answer.body = .relay(Relay(incoming, type: type))
        } else {
            let bytes = try await incoming.bytes(upTo: Self.answerBytes, within: Self.patience)
            if let type { answer.body = .bytes(bytes, type: type) }
        }
        return answer
    }

    /// What is said from one connection to the next (RFC 9110 §7.6.1), what is written anew, and what only we say.
    private static let ownFields: Set<String> = [
        "connection", "keep-alive", "proxy-connection", "te", "trailer", "transfer-encoding", "upgrade", "expect",
        "host", "content-length", "forwarded", Hop.tokenField, Hop.field,
    ]
    private static let ownAnswerFields: Set<String> = [
        "connection", "keep-alive", "transfer-encoding", "trailer", "upgrade", "content-length", "content-type", "date",
    ]
}
