/// A release of an environment: 1, 2, 3 and so on, written `r3`.
package struct ReleaseID: Codable, Hashable, Sendable, Comparable, CustomStringConvertible {
    package let number: Int

    package init(_ number: Int) { self.number = number }

    /// - Returns: `nil` when the text is not `r` and a positive number.
    package init?(_ text: String) {
        guard text.first == "r", let number = Int(text.dropFirst()), number > 0, text == "r\(number)" else {
            return nil
        }
        self.number = number
    }

    package init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        let text = try container.decode(String.self)
        guard let id = ReleaseID(text) else {
            throw DecodingError.dataCorruptedError(in: container, debugDescription: "'\(text)' is not a release")
        }
        self = id
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(description)
    }

    package var description: String { "r\(number)" }
    package static func < (left: Self, right: Self) -> Bool { left.number < right.number }
}
