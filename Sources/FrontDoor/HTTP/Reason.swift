/// Why the front door itself answered, or broke off, a request. The raw value is what `X-Hauban-Reason` carries.
package enum Reason: String, Error, Sendable, Hashable, CaseIterable, Codable {
    case requestLine = "request-line"
    case bareLineFeed = "bare-line-feed"
    case foldedHeader = "folded-header"
    case headerName = "header-name"
    case headerValue = "header-value"
    case hostMissing = "host-missing"
    case hostDuplicate = "host-duplicate"
    case hostInvalid = "host-invalid"
    case contentLength = "content-length"
    case contentLengthDuplicate = "content-length-duplicate"
    case lengthAndEncoding = "length-and-encoding"
    case transferEncoding = "transfer-encoding"
    case chunk = "chunk"
    case pseudoHeader = "pseudo-header"
    case connectionField = "connection-field"
    case noRoute = "no-route"
    case fileMissing = "file-missing"
    case methodNotAllowed = "method-not-allowed"
    case traceMethod = "trace-method"
    case headerTimeout = "header-timeout"
    case bodyTimeout = "body-timeout"
    case bodyTooLarge = "body-too-large"
    case targetTooLong = "target-too-long"
    case rateLimited = "rate-limited"
    case headersTooLarge = "headers-too-large"
    case headersTooMany = "headers-too-many"
    case fileUnreadable = "file-unreadable"
    case transferCodingUnknown = "transfer-coding-unknown"
    case connectMethod = "connect-method"
    case connectFailed = "connect-failed"
    case upstreamClosed = "upstream-closed"
    case upstreamInvalid = "upstream-invalid"
    case noRelease = "no-release"
    case maintenance = "maintenance"
    case connectionLimit = "connection-limit"
    case connectTimeout = "connect-timeout"
    case responseTimeout = "response-timeout"
    case drainDeadline = "drain-deadline"
    case version = "version"

    /// The status code of the answer (RFC 9110 §15, RFC 6585 §4 and §5 for 429 and 431).
    package var status: Int {
        switch self {
        case .requestLine, .bareLineFeed, .foldedHeader, .headerName, .headerValue, .hostMissing, .hostDuplicate,
            .hostInvalid, .contentLength, .contentLengthDuplicate, .lengthAndEncoding, .transferEncoding, .chunk,
            .pseudoHeader, .connectionField:
            400
        case .noRoute, .fileMissing: 404
        case .methodNotAllowed, .traceMethod: 405
        case .headerTimeout, .bodyTimeout: 408
        case .bodyTooLarge: 413
        case .targetTooLong: 414
        case .rateLimited: 429
        case .headersTooLarge, .headersTooMany: 431
        case .fileUnreadable: 500
        case .transferCodingUnknown, .connectMethod: 501
        case .connectFailed, .upstreamClosed, .upstreamInvalid: 502
        case .noRelease, .maintenance, .connectionLimit, .drainDeadline: 503
        case .connectTimeout, .responseTimeout: 504
        case .version: 505
        }
    }

    /// One sentence for the body of the answer.
    package var sentence: String {
        switch self {
        case .requestLine: "The request line is not METHOD SP TARGET SP HTTP-VERSION."
        case .bareLineFeed: "A line ends in LF without CR."
        case .foldedHeader: "A header field is folded over several lines."
        case .headerName: "A header field's name is empty, holds a forbidden character, or is followed by whitespace."
        case .headerValue: "A header field's value holds a control character."
        case .hostMissing: "The request has no Host header field."
        case .hostDuplicate: "The request has more than one Host header field."
        case .hostInvalid: "The Host header field is not a host with an optional port."
        case .contentLength: "Content-Length is not a number of bytes."
        case .contentLengthDuplicate: "The message has more than one Content-Length."
        case .lengthAndEncoding: "The message has both Content-Length and Transfer-Encoding."
        case .transferEncoding: "Transfer-Encoding does not end the message exactly once with chunked."
        case .chunk: "A chunk of the body is malformed."
        case .pseudoHeader: "The request's pseudo-header fields are not those of an HTTP/2 request."
        case .connectionField: "The request has a header field that HTTP/2 forbids."
        case .noRoute: "No route leads from this host and path to a service."
        case .fileMissing: "There is no such file."
        case .methodNotAllowed: "Files answer GET and HEAD only."
        case .traceMethod: "The front door itself does not answer TRACE."
        case .headerTimeout: "The request's head did not arrive in time."
        case .bodyTimeout: "The request's body stopped arriving."
        case .bodyTooLarge: "The request's body is larger than this service takes."
        case .targetTooLong: "The request line is too long."
        case .rateLimited: "This client sends more requests than it may; try again later."
        case .headersTooLarge: "The header fields are too large."
        case .headersTooMany: "There are too many header fields."
        case .fileUnreadable: "The file could not be read."
        case .transferCodingUnknown: "The request uses a transfer coding other than chunked."
        case .connectMethod: "CONNECT is not supported."
        case .connectFailed: "No replica of the service took a connection."
        case .upstreamClosed: "The service closed the connection before it answered."
        case .upstreamInvalid: "The service's answer is not valid HTTP/1.1."
        case .noRelease: "The service has no release that serves."
        case .maintenance: "The service is closed for maintenance; try again later."
        case .connectionLimit: "The front door holds as many connections as it may."
        case .connectTimeout: "No replica of the service took a connection in time."
        case .responseTimeout: "The service did not answer in time."
        case .drainDeadline: "The release that held this request was stopped."
        case .version: "The HTTP version is not 1.0 or 1.1."
        }
    }
}
