import AsyncHTTPClient
import NIOCore
import NIOHTTP1
import NIOSSL

/// Sends requests over connections that stay open between them.
///
/// Made once and shared: a client for each request costs a connection, and with TLS a handshake, each time. Who makes one
/// closes it.
package struct HTTPCaller: Sendable {
    package struct Limits: Sendable, Hashable {
        package var connecting: Duration
        /// How long a connection without a request stays open.
        package var idle: Duration
        /// At most so many at once to one server; further requests wait for one of them.
        package var connectionsPerServer: Int
        /// What is longer of an answer's body is not read.
        package var answerBytes: Int
        /// Whether a connection that is refused is tried again until the request's deadline.
        package var connectsAgain: Bool

        package init(
            connecting: Duration = .seconds(5), idle: Duration = .seconds(30), connectionsPerServer: Int = 16,
            answerBytes: Int = 1 << 20, connectsAgain: Bool = false
        ) {
            self.connecting = connecting
            self.idle = idle
            self.connectionsPerServer = connectionsPerServer
            self.answerBytes = answerBytes
            self.connectsAgain = connectsAgain
        }
    }

    private let client: HTTPClient
    private let limits: Limits

    /// - Parameters:
    ///   - pin: the one certificate that is trusted, in place of the machine's authorities and of names; then only `https` can
    ///     be asked.
    ///   - authorities: a file of certificates in PEM, which alone may vouch for servers; the system's by default.
    ///   - identity: files in PEM with the certificate that is shown to servers, and its key.
    ///   - addresses: where servers of these names are, whatever the names are said to lead to.
    package init(
        _ limits: Limits = Limits(), trusting pin: CertificatePin? = nil, authorities: String? = nil,
        identity: ClientIdentity? = nil, addresses: [String: String] = [:]
    ) {
        var configuration = HTTPClient.Configuration(redirectConfiguration: .disallow)
        configuration.timeout.connect = TimeAmount(limits.connecting)
        configuration.connectionPool.idleTimeout = TimeAmount(limits.idle)
        configuration.connectionPool.concurrentHTTP1ConnectionsPerHostSoftLimit = limits.connectionsPerServer
        configuration.connectionPool.retryConnectionEstablishment = limits.connectsAgain
        configuration.dnsOverride = addresses
        if authorities != nil || identity != nil {
            var tls = TLSConfiguration.makeClientConfiguration()
            if let authorities { tls.trustRoots = .file(authorities) }
            if let identity {
                tls.certificateChain = identity.chain
                tls.privateKey = identity.key
            }
            configuration.tlsConfiguration = tls
        }
        if let pin {
            var tls = TLSConfiguration.makeClientConfiguration()
            tls.certificateVerification = .none
            configuration.tlsConfiguration = tls
            configuration.httpVersion = .http1Only
            // Called after the handshake and before the connection takes a request.
            configuration.http1_1ConnectionDebugInitializer = { pin.check($0) }
        }
        client = HTTPClient(eventLoopGroupProvider: .singleton, configuration: configuration)
        self.limits = limits
    }

    /// Ends its connections; nothing can be sent after it.
    package func close() async { try? await client.shutdown() }

    /// Sends a request and reads the answer to its end; redirects are answers, not orders.
    ///
    /// A request is sent once. A server may close a connection that is idle just when it is used again (RFC 9112 §9.3.1): that
    /// is a failure too, since nobody knows here whether the server read the request.
    ///
    /// - Throws: `WorldError`, with the code `timed-out` when no whole answer came in time, `certificate-mismatch` for another than the
    ///   trusted certificate, else `request-failed`. It names the
    ///   server and never path, query or fields, which may hold secrets.
    package func send(_ request: HTTPRequest, within deadline: Duration) async throws -> HTTPRequest.Answer {
        let operation = "\(request.method) \(Self.server(of: request.url))"
        do {
            return try await Deadline.run(deadline, for: operation) {
                try await answer(request, deadline)
            }
        } catch {
            throw Self.failure(error, operation, deadline)
        }
    }

    /// Sends bytes, and gives back the answer's head with its body still to be read: for what is passed on, and for answers
    /// without an end.
    ///
    /// - Parameter deadline: until the head has come; the body has none of its own.
    /// - Throws: `WorldError`, as ``send(_:within:)``.
    package func open(
        _ method: String, _ url: String, fields: [(name: String, value: String)], body: [UInt8],
        within deadline: Duration
    ) async throws -> IncomingAnswer {
        let isEmpty = body.isEmpty && !["POST", "PUT", "PATCH"].contains(method)
        return try await open(method, url, fields, isEmpty ? nil : .bytes(ByteBuffer(bytes: body)), deadline)
    }

    /// Sends a body piece by piece, as the server takes it, in chunks; else as ``open(_:_:fields:body:within:)``.
    ///
    /// The server may answer before it has read all; then the rest is not sent.
    package func open<Pieces: AsyncSequence & Sendable>(
        _ method: String, _ url: String, fields: [(name: String, value: String)], pieces: Pieces,
        within deadline: Duration
    ) async throws -> IncomingAnswer where Pieces.Element == [UInt8] {
        let buffers = pieces.map { ByteBuffer(bytes: $0) }
        return try await open(method, url, fields, .stream(buffers, length: .unknown), deadline)
    }

    private func open(
        _ method: String, _ url: String, _ fields: [(name: String, value: String)], _ body: HTTPClientRequest.Body?,
        _ deadline: Duration
    ) async throws -> IncomingAnswer {
        var outgoing = HTTPClientRequest(url: url)
        outgoing.method = HTTPMethod(rawValue: method)
        for (name, value) in fields { outgoing.headers.add(name: name, value: value) }
        outgoing.body = body
        let operation = "\(method) \(Self.server(of: url))"
        do {
            return IncomingAnswer(
                try await client.execute(outgoing, timeout: TimeAmount(deadline)), operation: operation)
        } catch {
            throw Self.failure(error, operation, deadline)
        }
    }

    private static func failure(_ error: any Error, _ operation: String, _ deadline: Duration) -> WorldError {
        switch error {
        case let error as WorldError: error
        case is CancellationError:
            WorldError(code: "cancelled", operation: operation, underlying: "broken off")
        case is CertificatePin.Mismatch:
            WorldError(
                code: "certificate-mismatch", operation: operation,
                underlying: "it shows another certificate than the one that was to be expected")
        case let error as HTTPClientError where error == .deadlineExceeded:
            WorldError(code: "timed-out", operation: operation, underlying: "not done within \(deadline)")
        default: WorldError(code: "request-failed", operation: operation, underlying: Self.words(error))
        }
    }

    private func answer(_ request: HTTPRequest, _ deadline: Duration) async throws -> HTTPRequest.Answer {
        var outgoing = HTTPClientRequest(url: request.url)
        outgoing.method = HTTPMethod(rawValue: request.method)
        for (name, value) in request.headers.sorted(by: { $0.key < $1.key }) {
            outgoing.headers.add(name: name, value: value)
        }
        if let body = request.body { outgoing.body = .bytes(ByteBuffer(string: body)) }
        let response = try await client.execute(outgoing, timeout: TimeAmount(deadline))
        var body = ByteBuffer()
        for try await part in response.body {
            body.writeImmutableBuffer(part)
            if body.readableBytes >= limits.answerBytes { break }
        }
        return HTTPRequest.Answer(
            status: Int(response.status.code),
            body: String(decoding: body.readableBytesView.prefix(limits.answerBytes), as: UTF8.self),
            fields: Dictionary(
                response.headers.map { ($0.name.lowercased(), $0.value) }, uniquingKeysWith: { "\($0), \($1)" }))
    }

    /// Scheme, host and port of an address, without a name or password in it.
    package static func server(of url: String) -> String {
        guard let scheme = url.firstRange(of: "://") else { return "an address without a scheme" }
        let authority = url[scheme.upperBound...].prefix { !"/?#".contains($0) }
        let host = authority.split(separator: "@", omittingEmptySubsequences: false).last ?? ""
        return String(url[..<scheme.upperBound]) + host
    }

    /// What went wrong, in few words.
    static func words(_ error: any Error) -> String {
        if let error = error as? HTTPClientError {
            // It repeats the values that it refuses.
            return "\(error)".contains("eader") ? "a field that cannot be sent" : error.shortDescription
        }
        return words(connection: "\(error)")
    }

    /// What the description of a failed connection comes to: the system's words, or those of TLS.
    package static func words(connection text: String) -> String {
        if text.contains("CERTIFICATE_VERIFY_FAILED") { return "its certificate is not trusted" }
        if let start = text.firstRange(of: "OPENSSL_internal:") {
            return "TLS cannot begin: \(text[start.upperBound...].prefix { $0 != " " })"
        }
        if text.contains("UnknownHost") || text.contains("unknown(host") { return "its name is not known" }
        // `connection reset (error set): Connection refused) (errno: 111)`
        guard let end = text.firstRange(of: " (errno") else { return text }
        let words = text[..<end.lowerBound].split(separator: ":").last ?? ""
        return words.drop { $0 == " " }.prefix { $0 != ")" }.lowercased()
    }
}

extension TimeAmount {
    fileprivate init(_ duration: Duration) { self = .nanoseconds(Int64(duration / .nanoseconds(1))) }
}
