import Glibc

/// Who counts as one client: an IPv4 address, or the /64 of an IPv6 address, since that is the least that one subscriber
/// is given (RFC 6177).
package struct ClientAddress: Hashable, Sendable {
    private let bits: UInt64
    private let isIPv6: Bool

    /// Reads an entry of X-Forwarded-For: an address, perhaps with a port or in brackets.
    package init?(_ text: Substring) {
        var text = text
        if text.first == "[", let end = text.firstIndex(of: "]") {
            text = text[text.index(after: text.startIndex)..<end]
        } else if text.count(where: { $0 == ":" }) == 1, let colon = text.firstIndex(of: ":") {
            text = text[..<colon]
        }
        // Room for either; the kernel's types for them are not the same module's in every build.
        var bytes = [UInt8](repeating: 0, count: 16)
        if inet_pton(AF_INET, String(text), &bytes) == 1 {
            self.init(v4: bytes[..<4])
        } else if inet_pton(AF_INET6, String(text), &bytes) == 1 {
            self.init(v6: bytes)
        } else {
            return nil
        }
    }

    private init(v4 bytes: ArraySlice<UInt8>) {
        bits = Self.number(bytes)
        isIPv6 = false
    }

    private init(v6 bytes: [UInt8]) {
        let mapped: [UInt8] = [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF]
        isIPv6 = !bytes.starts(with: mapped)
        bits = Self.number(isIPv6 ? bytes[..<8] : bytes[12...])
    }

    private static func number(_ bytes: ArraySlice<UInt8>) -> UInt64 { bytes.reduce(0) { $0 << 8 | UInt64($1) } }

    /// Whether only a process of this machine can have it.
    private var isLoopback: Bool { isIPv6 ? bits == 0 : bits >> 24 == 127 }

    /// The client of a request that came through a trusted peer: the rightmost address of X-Forwarded-For that is not of
    /// this machine. Everything left of it was written by somebody whom nobody vouches for.
    ///
    /// - Parameter forwardedFor: the last field of that name.
    /// - Returns: `nil` when the field has no address in that place; the peer itself counts then.
    package static func forwarded(_ forwardedFor: String) -> ClientAddress? { forwardedEntry(forwardedFor)?.address }

    /// The same with its text.
    static func forwardedEntry(_ forwardedFor: String) -> (text: Substring, address: ClientAddress)? {
        for entry in forwardedFor.split(separator: ",").reversed() {
            let text = entry.drop { $0 == " " || $0 == "\t" }.prefix { $0 != " " && $0 != "\t" }
            guard let address = ClientAddress(text) else { return nil }
            if !address.isLoopback { return (text, address) }
        }
        return nil
    }
}
