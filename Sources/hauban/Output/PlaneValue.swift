import Response
package import World

extension JSONValue {
    /// A member's text as it may be printed; empty where there is none.
    func words(_ key: String) -> String { self[key]?.string.map(Self.printable) ?? "" }

    /// As `words`, with a dash in the place of nothing.
    func cell(_ key: String) -> String {
        let words = words(key)
        return words.isEmpty ? "-" : words
    }

    func moment(_ key: String) -> Moment? { self[key]?.string.flatMap { Moment($0) } }

    func items(_ key: String) -> [JSONValue] {
        guard case .array(let values)? = self[key] else { return [] }
        return values
    }

    func texts(_ key: String) -> [String] { items(key).compactMap { $0.string.map(Self.printable) } }

    func members(_ key: String) -> [Member] {
        guard case .object(let members)? = self[key] else { return [] }
        return members
    }

    func integer(_ key: String) -> Int {
        guard case .number(let digits)? = self[key] else { return 0 }
        return Int(digits) ?? 0
    }

    func seconds(_ key: String) -> Duration? {
        guard case .number(let digits)? = self[key], let seconds = Double(digits) else { return nil }
        return .milliseconds(Int(seconds * 1000))
    }

    func flag(_ key: String) -> Bool { self[key] == .bool(true) }

    /// On one line and without control characters: what others sent must not steer the terminal.
    package static func printable(_ text: String) -> String {
        var scalars = String.UnicodeScalarView()
        for scalar in text.unicodeScalars {
            let isControl = scalar.value < 0x20 || (0x7f...0x9f).contains(scalar.value)
            scalars.append(isControl ? " " : scalar)
        }
        return String(scalars)
    }
}
