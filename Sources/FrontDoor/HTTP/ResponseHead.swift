/// What a service's answer says about itself, with offsets into its head (RFC 9112 §4, §6.3).
struct ResponseHead {
    var status = 0
    /// Status code and reason phrase, behind the version.
    var statusLine = Span32.empty
    var framing = Framing.none
    var keepAlive = true
    /// The field Content-Length goes to the client.
    var keepsLength = false
    /// A recipient with a clock adds the Date that the service left out (RFC 9110 §6.6.1).
    var hasDate = false
    /// The service has its own Strict-Transport-Security; there may be one only (RFC 6797 §6.1).
    var hasTransportSecurity = false
    var nominated: [Span32] = []
    private(set) var isHTTP10 = false
    /// The protocol that a 101 switches to.
    private(set) var upgrade = Span32.empty

    init() {}

    /// - Parameter method: of the request, since an answer to HEAD has no body whatever its fields say.
    static func analyze(
        _ bytes: UnsafeRawBufferPointer, _ parser: HeadParser, method: Method
    ) -> Result<ResponseHead, Reason> {
        var head = ResponseHead()
        do throws(Reason) {
            try head.readStatusLine(bytes, parser.startLine)
            try head.readFields(bytes, parser.fields, method: method)
        } catch {
            return .failure(error)
        }
        return .success(head)
    }

    private mutating func readStatusLine(_ bytes: UnsafeRawBufferPointer, _ line: Span32) throws(Reason) {
        let text = bytes.slice(line)
        let prefix: StaticString = "HTTP/1."
        guard text.count >= 12,
            text.prefix(7).elementsEqual(UnsafeRawBufferPointer(start: prefix.utf8Start, count: 7)),
            (0x30...0x39).contains(text[7]), text[8] == 0x20, text.count == 12 || text[12] == 0x20
        else { throw .upstreamInvalid }
        for index in 9..<12 {
            guard (0x30...0x39).contains(text[index]) else { throw .upstreamInvalid }
            status = status * 10 + Int(text[index] - 0x30)
        }
        guard status >= 100, !text.contains(where: { $0 < 0x20 && $0 != 0x09 || $0 == 0x7F }) else {
            throw .upstreamInvalid
        }
        isHTTP10 = text[7] == UInt8(ascii: "0")
        keepAlive = !isHTTP10
        statusLine = Span32(Int(line.start) + 9, Int(line.end))
    }

    private mutating func readFields(
        _ bytes: UnsafeRawBufferPointer, _ fields: [HeadParser.Field], method: Method
    ) throws(Reason) {
        var length: Int?
        var chunked = false
        var asksToClose = false
        for field in fields {
            switch field.known {
            case .contentLength:
                let value = try RequestHead.length(bytes.slice(field.value))
                if let length, length != value { throw .contentLengthDuplicate }
                length = value
            case .transferEncoding:
                guard !chunked, bytes.slice(field.value).equalsIgnoringCase("chunked") else { throw .transferEncoding }
                chunked = true
            case .date: hasDate = true
            case .transportSecurity: hasTransportSecurity = true
            case .connection:
                ConnectionOptions.forEach(bytes, field.value) { token in
                    let text = bytes.slice(token)
                    if text.equalsIgnoringCase("close") {
                        asksToClose = true
                    } else if text.equalsIgnoringCase("keep-alive") {
                        keepAlive = true
                    } else if !text.equalsIgnoringCase("upgrade") {
                        nominated.append(token)
                    }
                }
            case .upgrade: upgrade = field.value
            case .other, .host, .keepAlive, .proxyConnection, .proxyAuthorization, .te, .expect,
                .http2Settings, .maxForwards, .forwarded, .forwardedFor, .forwardedProto, .forwardedHost, .realIP,
                .requestID,
                .traceparent, .cloudTrace, .via, .ambiguous:
                break
            }
        }
        if length != nil, chunked { throw .lengthAndEncoding }
        // HTTP/1.0 has no transfer codings: the framing is faulty (RFC 9112 §6.1).
        if isHTTP10, chunked { throw .transferEncoding }
        // "close" wins over "keep-alive", in whichever order they come (RFC 9112 §9.3).
        if asksToClose { keepAlive = false }
        // These have no body, and may not say that they have one (RFC 9110 §8.6, RFC 9112 §6.1): whoever sends one would
        // have it taken for the next answer.
        if status < 200 || status == 204, chunked || (length ?? 0) > 0 {
            if status < 200 { throw .upstreamInvalid }
            keepAlive = false
        }
        let bodiless = method == .head || status < 200 || status == 204 || status == 304
        keepsLength = length != nil && status >= 200 && status != 204
        if bodiless {
            framing = .none
        } else if chunked {
            framing = .chunked
        } else if let length {
            framing = .length(length)
        } else {
            framing = .untilClose
            keepAlive = false
        }
    }
}
