/// A value that is never shown: it prints, encodes and dumps as `[redacted]`.
package struct Secret: Sendable, Hashable, Encodable, CustomStringConvertible, CustomDebugStringConvertible,
    CustomReflectable
{
    /// The value itself; every use of this property is a place to review.
    package let exposed: String

    package init(_ value: String) { exposed = value }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(Self.redacted)
    }

    package var description: String { Self.redacted }
    package var debugDescription: String { Self.redacted }
    package var customMirror: Mirror { Mirror(self, children: [(label: String?, value: Any)]()) }

    /// What stands for the value wherever it is printed.
    package static var redacted: String { "[redacted]" }

    /// Letters and digits only, so that the value needs no escaping in a URL, a shell or SQL; 32 of them hold 190 bits.
    package static func generated(length: Int = 32, using generator: inout some RandomNumberGenerator) -> Secret {
        let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789")
        return Secret(String((0..<length).map { _ in alphabet[Int.random(in: 0..<alphabet.count, using: &generator)] }))
    }
}
