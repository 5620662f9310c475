/// The host and port of a request, as the Host field or an absolute target has them.
enum Authority {
    /// Whether the text can be `uri-host [":" port]` (RFC 9110 §7.2, RFC 3986 §3.2.2); an empty one is allowed there.
    static func isValid(_ text: UnsafeRawBufferPointer) -> Bool {
        guard text.first == UInt8(ascii: "[") else { return hasNameAndPort(text[...]) }
        guard let close = text.firstIndex(of: UInt8(ascii: "]")), close > 2,
            text[1..<close].allSatisfy({ isAddress($0) })
        else { return false }
        let rest = text[(close + 1)...]
        return rest.isEmpty || rest.first == UInt8(ascii: ":") && rest.dropFirst().allSatisfy { isDigit($0) }
    }

    private static func hasNameAndPort(_ text: Slice<UnsafeRawBufferPointer>) -> Bool {
        guard let colon = text.firstIndex(of: UInt8(ascii: ":")) else { return text.allSatisfy { isName($0) } }
        return colon > text.startIndex && text[..<colon].allSatisfy { isName($0) }
            && text[(colon + 1)...].allSatisfy { isDigit($0) }
    }

    private static func isName(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "-"),
            UInt8(ascii: "."), UInt8(ascii: "_"), UInt8(ascii: "~"):
            true
        default: isDigit(byte)
        }
    }

    /// Of an IPv6 address, without a zone.
    private static func isAddress(_ byte: UInt8) -> Bool {
        Hex.value(byte) != nil || byte == UInt8(ascii: ":") || byte == UInt8(ascii: ".")
    }

    private static func isDigit(_ byte: UInt8) -> Bool { byte &- UInt8(ascii: "0") < 10 }
}
