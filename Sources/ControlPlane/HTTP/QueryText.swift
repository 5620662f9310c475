/// The parameters of a request's query, in their order (WHATWG URL, "application/x-www-form-urlencoded").
package struct QueryText: Sendable {
    private var pairs: [(name: String, value: String)] = []

    package init(_ text: String) {
        guard !text.isEmpty else { return }
        for part in text.utf8.split(separator: UInt8(ascii: "&")) {
            let sides = part.split(separator: UInt8(ascii: "="), maxSplits: 1, omittingEmptySubsequences: false)
            pairs.append((Self.decoded(sides[0]), sides.count > 1 ? Self.decoded(sides[1]) : ""))
        }
    }

    /// Every name and value.
    package var entries: [(name: String, value: String)] { pairs }

    package func all(_ name: String) -> [String] { pairs.filter { $0.name == name }.map(\.value) }

    package func first(_ name: String) -> String? { pairs.first { $0.name == name }?.value }

    /// A flag as go-openapi reads it: what is not one of its words for yes is no; an empty one is as if not given.
    package func flag(_ name: String, default fallback: Bool) -> Bool {
        guard let text = first(name), !text.isEmpty else { return fallback }
        return ["true", "1", "yes", "ok", "y", "on", "selected", "checked", "t", "enabled"].contains(text.lowercased())
    }

    /// Undoes percent-encoding; in forms a plus sign is a blank.
    static func decoded(_ text: some Collection<UInt8>, plus: Bool = true) -> String {
        var bytes: [UInt8] = []
        let text = Array(text)
        var index = 0
        while index < text.count {
            if text[index] == UInt8(ascii: "%"), index + 2 < text.count, let high = hex(text[index + 1]),
                let low = hex(text[index + 2])
            {
                bytes.append(high << 4 | low)
                index += 3
            } else {
                bytes.append(plus && text[index] == UInt8(ascii: "+") ? 0x20 : text[index])
                index += 1
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    private static func hex(_ byte: UInt8) -> UInt8? {
        switch byte {
        case 0x30...0x39: byte - 0x30
        case 0x41...0x46: byte - 0x37
        case 0x61...0x66: byte - 0x57
        default: nil
        }
    }
}
