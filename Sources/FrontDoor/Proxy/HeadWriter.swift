import NIOCore

/// What the front door adds to a request that it passes on.
struct ForwardedContext {
    var peer: ByteBuffer
    var trustsForwarded: Bool
    /// The request came over TLS.
    var isSecure: Bool
    /// Leading bytes of the path that the service does not see.
    var stripped: Int
    var requestID: RequestIdentity
    var trace: TraceContext
    var writesTraceparent: Bool
    var writesCloudTrace: Bool
}

/// A request's id: the client's own if it is usable, else one of ours.
enum RequestIdentity {
    case given(ByteBuffer)
    case made(UInt64, UInt64)

    func write(_ out: inout HeadBuffer) {
        switch self {
        case .given(let text): out.writeImmutableBuffer(text)
        case .made(let high, let low):
            out.writeHex16(high)
            out.writeHex16(low)
        }
    }

    func write(_ out: inout ByteBuffer) { out.writeString(text) }

    var text: String {
        var out = HeadBuffer(capacity: 128)
        write(&out)
        return out.text
    }
}

/// Writes the heads that leave the front door: the received lines as they came, without the ones meant for one hop
/// (RFC 9110 §7.6.1), and our own behind them.
enum HeadWriter {
    static func request(
        _ bytes: UnsafeRawBufferPointer, _ head: RequestHead, _ fields: [HeadParser.Field],
        _ context: ForwardedContext, into buffer: inout ByteBuffer
    ) {
        var out = HeadBuffer(capacity: bytes.count + 512)
        defer { out.move(into: &buffer) }
        out.writeBytes(bytes.slice(head.methodSpan))
        out.writeInteger(UInt8(ascii: " "))
        if head.path.count == context.stripped {
            // An empty path means the root, or with OPTIONS and no query the server as a whole (RFC 9112 §3.2.4).
            let asksForServer = head.method == .options && head.target.isEmpty
            out.writeInteger(asksForServer ? UInt8(ascii: "*") : UInt8(ascii: "/"))
        }
        out.writeBytes(bytes.slice(Span32(Int(head.target.start) + context.stripped, Int(head.target.end))))
        out.writeStaticString(" HTTP/1.1\r\n")
        copy(bytes, fields, nominated: head.nominated, into: &out) { field in
            switch field.known {
            case .other, .date, .via, .transportSecurity: true
            case .host: !head.hostFromTarget
            case .expect: !head.isHTTP10
            case .traceparent: !context.writesTraceparent
            case .cloudTrace: !context.writesCloudTrace
            case .forwardedProto, .forwardedHost, .realIP, .forwarded: context.trustsForwarded
            case .maxForwards: head.maxForwards == nil
            case .connection, .keepAlive, .proxyConnection, .proxyAuthorization, .te, .upgrade, .http2Settings,
                .contentLength, .transferEncoding, .forwardedFor, .requestID, .ambiguous:
                false
            }
        }
        if let left = head.maxForwards {
            out.writeStaticString("Max-Forwards: ")
            out.writeDecimal(UInt64(max(0, left - 1)))
            out.writeStaticString("\r\n")
        }
        if head.hostFromTarget || !head.hasHostField {
            out.writeStaticString("Host: ")
            if head.host.isEmpty { out.writeStaticString("localhost") } else { out.writeBytes(bytes.slice(head.host)) }
            out.writeStaticString("\r\n")
        }
        switch head.framing {
        case .chunked: out.writeStaticString("Transfer-Encoding: chunked\r\n")
        case .none, .length, .untilClose:
            if let length = head.contentLength {
                out.writeStaticString("Content-Length: ")
                out.writeDecimal(UInt64(length))
                out.writeStaticString("\r\n")
            }
        }
        if head.upgrades { upgrade(bytes, fields, into: &out) }
        forwarded(bytes, head, fields, context, into: &out)
        out.writeStaticString(head.isHTTP10 ? "Via: 1.0 hauban\r\n" : "Via: 1.1 hauban\r\n")
        out.writeStaticString("X-Request-Id: ")
        context.requestID.write(&out)
        out.writeStaticString("\r\n")
        if context.writesTraceparent { context.trace.writeTraceparent(&out) }
        if context.writesCloudTrace { context.trace.writeCloudTrace(&out) }
        out.writeStaticString("\r\n")
    }

    private static func forwarded(
        _ bytes: UnsafeRawBufferPointer, _ head: RequestHead, _ fields: [HeadParser.Field],
        _ context: ForwardedContext, into out: inout HeadBuffer
    ) {
        out.writeStaticString("X-Forwarded-For: ")
        if context.trustsForwarded, !head.forwardedFor.isEmpty {
            for field in fields where field.known == .forwardedFor && !field.value.isEmpty {
                out.writeBytes(bytes.slice(field.value))
                out.writeStaticString(", ")
            }
        }
        out.writeImmutableBuffer(context.peer)
        out.writeStaticString("\r\n")
        if !(context.trustsForwarded && head.hasForwardedProto) {
            out.writeStaticString(context.isSecure ? "X-Forwarded-Proto: https\r\n" : "X-Forwarded-Proto: http\r\n")
        }
        if !(context.trustsForwarded && head.hasForwardedHost), !head.host.isEmpty {
            out.writeStaticString("X-Forwarded-Host: ")
            out.writeBytes(bytes.slice(head.host))
            out.writeStaticString("\r\n")
        }
    }

    private static func upgrade(
        _ bytes: UnsafeRawBufferPointer, _ fields: [HeadParser.Field], into out: inout HeadBuffer
    ) {
        out.writeStaticString("Connection: Upgrade\r\n")
        for field in fields where field.known == .upgrade {
            out.writeStaticString("Upgrade: ")
            out.writeBytes(bytes.slice(field.value))
            out.writeStaticString("\r\n")
        }
    }

    /// How an answer's body reaches the client, which may be another way than it reached us.
    enum ClientFraming {
        case asIs
        case chunked
        case untilClose
    }

    static func response(
        _ bytes: UnsafeRawBufferPointer, _ head: ResponseHead, _ fields: [HeadParser.Field],
        requestID: RequestIdentity, framing: ClientFraming, connection: StaticString?, date: ByteBuffer? = nil,
        cookie: ByteBuffer? = nil, security: ByteBuffer? = nil, into buffer: inout ByteBuffer
    ) {
        var out = HeadBuffer(capacity: bytes.count + 512)
        defer { out.move(into: &buffer) }
        out.writeStaticString("HTTP/1.1 ")
        out.writeBytes(bytes.slice(head.statusLine))
        if head.statusLine.count == 3 { out.writeInteger(UInt8(ascii: " ")) }
        out.writeStaticString("\r\n")
        var wroteLength = false
        copy(bytes, fields, nominated: head.nominated, into: &out) { field in
            switch field.known {
            case .contentLength:
                if head.keepsLength, !wroteLength {
                    wroteLength = true
                    return true
                }
                return false
            case .upgrade: return head.status == 101 || head.status == 426
            case .connection, .keepAlive, .proxyConnection, .transferEncoding, .requestID: return false
            case .other, .host, .proxyAuthorization, .te, .expect, .http2Settings, .maxForwards, .forwarded,
                .forwardedFor, .forwardedProto, .forwardedHost, .realIP, .traceparent, .cloudTrace, .via, .date,
                .transportSecurity, .ambiguous:
                return true
            }
        }
        out.writeStaticString("X-Request-Id: ")
        requestID.write(&out)
        out.writeStaticString("\r\n")
        if framing == .chunked { out.writeStaticString("Transfer-Encoding: chunked\r\n") }
        if let date { out.writeImmutableBuffer(date) }
        if let cookie { out.writeImmutableBuffer(cookie) }
        if let security { out.writeImmutableBuffer(security) }
        if let connection { out.writeStaticString(connection) }
        out.writeStaticString("\r\n")
    }

    /// Copies whole lines; neighbours that are both kept go in one piece.
    private static func copy(
        _ bytes: UnsafeRawBufferPointer, _ fields: [HeadParser.Field], nominated: [Span32],
        into out: inout HeadBuffer, keeps: (HeadParser.Field) -> Bool
    ) {
        var runStart: Int32 = -1
        var runEnd: Int32 = -1
        for field in fields {
            let isKept =
                keeps(field)
                && (nominated.isEmpty || field.known.isForAllHops
                    || !nominated.contains { bytes.slice($0).equalsIgnoringCase(bytes.slice(field.name)) })
            if isKept {
                if runStart < 0 { runStart = field.name.start }
                runEnd = field.lineEnd
            } else if runStart >= 0 {
                out.writeBytes(bytes.slice(Span32(Int(runStart), Int(runEnd))))
                runStart = -1
            }
        }
        if runStart >= 0 { out.writeBytes(bytes.slice(Span32(Int(runStart), Int(runEnd)))) }
    }
}
