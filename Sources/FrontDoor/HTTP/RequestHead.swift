/// A request method, as far as the front door treats methods differently.
package enum Method: UInt8, Sendable {
    case get, head, post, put, patch, delete, options, trace, connect, other

    init(_ bytes: UnsafeRawBufferPointer) {
        func equals(_ text: StaticString) -> Bool {
            bytes.count == text.utf8CodeUnitCount
                && bytes.elementsEqual(UnsafeRawBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount))
        }
        self =
            switch bytes.count {
            case 3: equals("GET") ? .get : equals("PUT") ? .put : .other
            case 4: equals("POST") ? .post : equals("HEAD") ? .head : .other
            case 5: equals("PATCH") ? .patch : equals("TRACE") ? .trace : .other
            case 6: equals("DELETE") ? .delete : .other
            case 7: equals("OPTIONS") ? .options : equals("CONNECT") ? .connect : .other
            default: .other
            }
    }

    /// Whether doing it twice is as doing it once (RFC 9110 §9.2.2).
    var isIdempotent: Bool {
        switch self {
        case .get, .head, .put, .delete, .options, .trace: true
        case .post, .patch, .connect, .other: false
        }
    }
}

/// What a parsed request asks for, with offsets into its head; the rules are RFC 9112 §3, §6 and RFC 9110 §7.
struct RequestHead {
    var method = Method.other
    var methodSpan = Span32.empty
    /// Path and query in origin form.
    var target = Span32.empty
    /// The target without its query.
    var path = Span32.empty
    var host = Span32.empty
    /// Whether `host` comes from an absolute-form target, which overrides the Host field (RFC 9112 §3.2.2).
    var hostFromTarget = false
    /// Whether there is a Host field; it may be empty.
    var hasHostField = false
    var isHTTP10 = false
    var framing = Framing.none
    /// What Content-Length says; 0 is said onwards, absence is not.
    var contentLength: Int?
    var keepAlive = true
    /// The request asks for another protocol than HTTP on this connection.
    var upgrades = false
    /// The protocols of its Upgrade fields.
    var protocols: [Span32] = []
    /// One of them is WebSocket (RFC 6455 §4.1).
    var asksForWebSocket = false
    /// Of TRACE and OPTIONS: how many more intermediaries may pass the request on (RFC 9110 §7.6.2).
    var maxForwards: Int?
    var expectsContinue = false
    var requestID = Span32.empty
    var traceparent = Span32.empty
    var cloudTrace = Span32.empty
    var forwardedFor = Span32.empty
    var hasForwardedProto = false
    var hasForwardedHost = false
    /// Field names that a Connection field nominates as meant for this hop only.
    var nominated: [Span32] = []
    private var asksToClose = false

    init() {}

    static func analyze(_ bytes: UnsafeRawBufferPointer, _ parser: HeadParser) -> Result<RequestHead, Reason> {
        var head = RequestHead()
        do throws(Reason) {
            try head.readRequestLine(bytes, parser.startLine)
            try head.readFields(bytes, parser.fields)
        } catch {
            return .failure(error)
        }
        return .success(head)
    }

    private mutating func readRequestLine(_ bytes: UnsafeRawBufferPointer, _ line: Span32) throws(Reason) {
        let start = Int(line.start)
        let end = Int(line.end)
        var position = start
        while position < end, Token.contains(bytes[position]) { position += 1 }
        guard position > start, position < end, bytes[position] == 0x20 else { throw .requestLine }
        methodSpan = Span32(start, position)
        method = Method(bytes.slice(methodSpan))
        position += 1
        let targetStart = position
        while position < end, bytes[position] > 0x20, bytes[position] != 0x7F { position += 1 }
        guard position > targetStart, position < end, bytes[position] == 0x20 else { throw .requestLine }
        let targetEnd = position
        try readVersion(UnsafeRawBufferPointer(rebasing: bytes[(position + 1)..<end]))
        if method == .connect { throw .connectMethod }
        try readTarget(bytes, targetStart, targetEnd)
    }

    private mutating func readVersion(_ version: UnsafeRawBufferPointer) throws(Reason) {
        let prefix: StaticString = "HTTP/"
        guard version.count == 8,
            version.prefix(5).elementsEqual(UnsafeRawBufferPointer(start: prefix.utf8Start, count: 5)),
            (0x30...0x39).contains(version[5]), version[6] == UInt8(ascii: "."), (0x30...0x39).contains(version[7])
        else { throw .requestLine }
        guard version[5] == UInt8(ascii: "1") else { throw .version }
        // A higher minor version is answered as 1.1 (RFC 9110 §2.5).
        isHTTP10 = version[7] == UInt8(ascii: "0")
        keepAlive = !isHTTP10
    }

    private mutating func readTarget(_ bytes: UnsafeRawBufferPointer, _ start: Int, _ end: Int) throws(Reason) {
        var pathStart = start
        if bytes[start] == UInt8(ascii: "*") {
            guard end - start == 1, method == .options else { throw .requestLine }
        } else if bytes[start] != UInt8(ascii: "/") {
            // absolute-form: scheme "://" authority path
            let scheme: StaticString =
                end - start > 8 && bytes[start + 4] | 0x20 == UInt8(ascii: "s") ? "https://" : "http://"
            let authority = start + scheme.utf8CodeUnitCount
            guard authority < end,
                UnsafeRawBufferPointer(rebasing: bytes[start..<authority]).equalsIgnoringCase(scheme)
            else { throw .requestLine }
            pathStart = authority
            while pathStart < end, bytes[pathStart] != UInt8(ascii: "/"), bytes[pathStart] != UInt8(ascii: "?") {
                pathStart += 1
            }
            // The path may be empty, and means "/" then, or "*" for OPTIONS (RFC 9112 §3.2.2, §3.2.4).
            host = Span32(authority, pathStart)
            guard Authority.isValid(bytes.slice(host)), !host.isEmpty else { throw .hostInvalid }
            hostFromTarget = true
        }
        var pathEnd = pathStart
        while pathEnd < end, bytes[pathEnd] != UInt8(ascii: "?") {
            if bytes[pathEnd] == UInt8(ascii: "#") { throw .requestLine }
            pathEnd += 1
        }
        target = Span32(pathStart, end)
        path = Span32(pathStart, pathEnd)
    }

    private mutating func readFields(_ bytes: UnsafeRawBufferPointer, _ fields: [HeadParser.Field]) throws(Reason) {
        var hosts = 0
        var length: Int?
        var codings = 0
        var upgradeField: Bool?
        var connectionUpgrade = false
        for field in fields {
            let value = field.value
            switch field.known {
            case .host:
                hosts += 1
                hasHostField = true
                if hosts > 1 { throw .hostDuplicate }
                guard Authority.isValid(bytes.slice(value)) else { throw .hostInvalid }
                if !hostFromTarget { host = value }
            case .contentLength:
                if length != nil { throw .contentLengthDuplicate }
                length = try Self.length(bytes.slice(value))
            case .transferEncoding:
                codings += 1
                try Self.requireChunked(bytes.slice(value))
            case .connection:
                readConnection(bytes, value, &connectionUpgrade)
            case .upgrade:
                // A list that names h2c anywhere is not passed on: the tunnel would carry requests past this front
                // door's routing (RFC 9113 §3.1).
                ConnectionOptions.forEach(bytes, value) { token in
                    let text = bytes.slice(token)
                    upgradeField = (upgradeField ?? true) && !text.isHTTP2
                    protocols.append(token)
                    if text.equalsIgnoringCase("websocket") { asksForWebSocket = true }
                }
            case .expect: expectsContinue = bytes.slice(value).equalsIgnoringCase("100-continue")
            case .maxForwards:
                // Other methods, and what is no number, go on as they came: only TRACE and OPTIONS are counted.
                if method == .trace || method == .options { maxForwards = try? Self.length(bytes.slice(value)) }
            case .requestID: requestID = value
            case .traceparent: traceparent = value
            case .cloudTrace: cloudTrace = value
            case .forwardedFor: forwardedFor = value
            case .forwardedProto: hasForwardedProto = true
            case .forwardedHost: hasForwardedHost = true
            case .other, .keepAlive, .proxyConnection, .proxyAuthorization, .te, .http2Settings, .forwarded, .realIP,
                .via, .date, .transportSecurity, .ambiguous:
                break
            }
        }
        if hosts == 0, !isHTTP10 { throw .hostMissing }
        if codings > 0 {
            // RFC 9112 §6.1: both together, or chunked on HTTP/1.0, is an attack or a fault.
            if length != nil { throw .lengthAndEncoding }
            if codings > 1 || isHTTP10 { throw .transferEncoding }
            framing = .chunked
        } else if let length {
            framing = length == 0 ? .none : .length(length)
            contentLength = length
        }
        upgrades = upgradeField == true && connectionUpgrade && !isHTTP10
        asksForWebSocket = asksForWebSocket && upgrades
        if isHTTP10 { expectsContinue = false }
        // "close" wins over "keep-alive", in whichever order they come (RFC 9112 §9.3).
        if asksToClose { keepAlive = false }
    }

    private mutating func readConnection(
        _ bytes: UnsafeRawBufferPointer, _ value: Span32, _ upgrade: inout Bool
    ) {
        ConnectionOptions.forEach(bytes, value) { token in
            let text = bytes.slice(token)
            if text.equalsIgnoringCase("close") {
                asksToClose = true
            } else if text.equalsIgnoringCase("keep-alive") {
                if isHTTP10 { keepAlive = true }
            } else if text.equalsIgnoringCase("upgrade") {
                upgrade = true
            } else {
                nominated.append(token)
            }
        }
    }

    static func length(_ text: UnsafeRawBufferPointer) throws(Reason) -> Int {
        guard !text.isEmpty, text.count <= 18 else { throw .contentLength }
        var length = 0
        for byte in text {
            guard byte &- UInt8(ascii: "0") < 10 else { throw .contentLength }
            length = length * 10 + Int(byte - UInt8(ascii: "0"))
        }
        return length
    }

    private static func requireChunked(_ text: UnsafeRawBufferPointer) throws(Reason) {
        if text.equalsIgnoringCase("chunked") { return }
        // "gzip, chunked" is well formed but unknown here (RFC 9112 §6.1: 501); anything else is malformed.
        let suffix: StaticString = "chunked"
        guard text.count > suffix.utf8CodeUnitCount,
            UnsafeRawBufferPointer(rebasing: text.suffix(7)).equalsIgnoringCase(suffix),
            text.prefix(text.count - 7).allSatisfy({
                Token.contains($0) || $0 == 0x20 || $0 == UInt8(ascii: ",")
            }),
            text.prefix(text.count - 7).last(where: { $0 != 0x20 }) == UInt8(ascii: ",")
        else { throw .transferEncoding }
        let earlier = UnsafeRawBufferPointer(rebasing: text.prefix(text.count - 7))
        var found = false
        ConnectionOptions.forEach(earlier, Span32(0, earlier.count)) {
            if earlier.slice($0).equalsIgnoringCase(suffix) { found = true }
        }
        throw found ? .transferEncoding : .transferCodingUnknown
    }
}

/// The comma-separated tokens of a field such as Connection (RFC 9110 §7.6.1).
enum ConnectionOptions {
    static func forEach(_ bytes: UnsafeRawBufferPointer, _ value: Span32, _ body: (Span32) -> Void) {
        var position = Int(value.start)
        let end = Int(value.end)
        while position < end {
            while position < end,
                bytes[position] == 0x20 || bytes[position] == 0x09 || bytes[position] == UInt8(ascii: ",")
            {
                position += 1
            }
            let start = position
            while position < end, bytes[position] != UInt8(ascii: ",") { position += 1 }
            var tokenEnd = position
            while tokenEnd > start, bytes[tokenEnd - 1] == 0x20 || bytes[tokenEnd - 1] == 0x09 { tokenEnd -= 1 }
            if tokenEnd > start { body(Span32(start, tokenEnd)) }
        }
    }
}

extension UnsafeRawBufferPointer {
    /// Whether a protocol of an Upgrade field is HTTP/2 without TLS: `h2c`, whatever version follows its slash.
    fileprivate var isHTTP2: Bool {
        let name = UnsafeRawBufferPointer(rebasing: self[..<(firstIndex(of: UInt8(ascii: "/")) ?? endIndex)])
        return name.equalsIgnoringCase("h2c") || name.equalsIgnoringCase("h2") || equalsIgnoringCase("http/2.0")
            || equalsIgnoringCase("http/2")
    }
}
