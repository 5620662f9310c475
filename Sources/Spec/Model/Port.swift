/// A TCP port, 1 to 65535.
package struct Port: Sendable, Hashable, Comparable, Codable, CustomStringConvertible {
    package let number: Int

    /// - Returns: `nil` outside 1 to 65535.
    package init?(_ number: Int) {
        guard (1...65535).contains(number) else { return nil }
        self.number = number
    }

    package init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        guard let port = Port(try container.decode(Int.self)) else {
            throw DecodingError.dataCorruptedError(in: container, debugDescription: "not a port")
        }
        self = port
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(number)
    }

    package var description: String { String(number) }
    package static func < (left: Self, right: Self) -> Bool { left.number < right.number }
}
