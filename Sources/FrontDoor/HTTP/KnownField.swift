/// The header fields that the front door acts on; every other one is passed on as it came.
enum KnownField: UInt8 {
    case other
    case host
    case contentLength
    case transferEncoding
    case connection
    case keepAlive
    case proxyConnection
    case proxyAuthorization
    case te
    case upgrade
    case expect
    case http2Settings
    case maxForwards
    case forwarded
    case forwardedFor
    case forwardedProto
    case forwardedHost
    case realIP
    case requestID
    case traceparent
    case cloudTrace
    case via
    case date
    case transportSecurity
    /// A known name written with `_` for `-`: gateways such as WSGI fold both into one variable, so it is never passed on.
    case ambiguous

    /// Whether a Connection field cannot take it away: without them the next recipient would read another message, or
    /// another client (RFC 9110 §7.6.1).
    var isForAllHops: Bool {
        switch self {
        case .host, .contentLength, .forwardedFor, .forwardedProto, .forwardedHost, .forwarded, .realIP: true
        case .other, .transferEncoding, .connection, .keepAlive, .proxyConnection, .proxyAuthorization, .te, .upgrade,
            .expect, .http2Settings, .maxForwards, .requestID, .traceparent, .cloudTrace, .via, .date,
            .transportSecurity, .ambiguous:
            false
        }
    }

    /// Finds the field of a name, without regard to case.
    init(name: UnsafeRawBufferPointer, hasUnderscore: Bool) {
        var candidate: (KnownField, StaticString)?
        switch name.count {
        case 2: candidate = (.te, "te")
        case 3: candidate = (.via, "via")
        case 4:
            candidate = name[0] | 0x20 == UInt8(ascii: "h") ? (.host, "host") : (.date, "date")
        case 6: candidate = (.expect, "expect")
        case 7: candidate = (.upgrade, "upgrade")
        case 9:
            candidate =
                name[0] | 0x20 == UInt8(ascii: "x") ? (.realIP, "x-real-ip") : (.forwarded, "forwarded")
        case 10:
            candidate =
                name[0] | 0x20 == UInt8(ascii: "c") ? (.connection, "connection") : (.keepAlive, "keep-alive")
        case 11: candidate = (.traceparent, "traceparent")
        case 12:
            candidate =
                name[0] | 0x20 == UInt8(ascii: "m") ? (.maxForwards, "max-forwards") : (.requestID, "x-request-id")
        case 14:
            candidate =
                name[0] | 0x20 == UInt8(ascii: "c")
                ? (.contentLength, "content-length") : (.http2Settings, "http2-settings")
        case 15: candidate = (.forwardedFor, "x-forwarded-for")
        case 16:
            candidate =
                switch name[12] | 0x20 {
                case UInt8(ascii: "h"): (.forwardedHost, "x-forwarded-host")
                default: (.proxyConnection, "proxy-connection")
                }
        case 17:
            candidate =
                name[0] | 0x20 == UInt8(ascii: "t")
                ? (.transferEncoding, "transfer-encoding") : (.forwardedProto, "x-forwarded-proto")
        case 19: candidate = (.proxyAuthorization, "proxy-authorization")
        case 21: candidate = (.cloudTrace, "x-cloud-trace-context")
        case 25: candidate = (.transportSecurity, "strict-transport-security")
        default: candidate = nil
        }
        guard let (field, text) = candidate else {
            self = .other
            return
        }
        if hasUnderscore {
            self = name.equalsIgnoringCase(text, underscoreAsDash: true) ? .ambiguous : .other
        } else {
            self = name.equalsIgnoringCase(text) ? field : .other
        }
    }
}

extension UnsafeRawBufferPointer {
    /// - Parameter text: in lower case.
    @inline(__always)
    func equalsIgnoringCase(_ text: StaticString, underscoreAsDash: Bool = false) -> Bool {
        guard count == text.utf8CodeUnitCount else { return false }
        let wanted = text.utf8Start
        for index in 0..<count {
            var byte = self[index]
            if byte &- UInt8(ascii: "A") < 26 { byte |= 0x20 }
            if underscoreAsDash, byte == UInt8(ascii: "_") { byte = UInt8(ascii: "-") }
            if byte != wanted[index] { return false }
        }
        return true
    }

    /// Compares two ranges of ASCII text without regard to case.
    func equalsIgnoringCase(_ other: UnsafeRawBufferPointer) -> Bool {
        guard count == other.count else { return false }
        for index in 0..<count {
            var left = self[index]
            var right = other[index]
            if left &- UInt8(ascii: "A") < 26 { left |= 0x20 }
            if right &- UInt8(ascii: "A") < 26 { right |= 0x20 }
            if left != right { return false }
        }
        return true
    }

    func slice(_ span: Span32) -> UnsafeRawBufferPointer {
        UnsafeRawBufferPointer(rebasing: self[Int(span.start)..<Int(span.end)])
    }
}
