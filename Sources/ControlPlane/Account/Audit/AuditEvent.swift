/// Something that somebody did, in words; never with a secret.
package struct AuditEvent: Sendable, Hashable {
    /// The account's name, or `hauban` for what it does by itself, or `somebody` who is not known.
    package let who: String
    /// The address.
    package let from: String
    package let what: String
    package let on: String
    package let before: String
    package let after: String

    package init(who: String, from: String, what: String, on: String, before: String = "", after: String = "") {
        self.who = Self.line(who)
        self.from = Self.line(from)
        self.what = Self.line(what)
        self.on = Self.line(on)
        self.before = Self.line(before)
        self.after = Self.line(after)
    }

    /// One line without control characters, and no longer than a person reads: its JSON is the same by every writer's rules.
    private static func line(_ text: String) -> String {
        var out = String.UnicodeScalarView()
        for scalar in text.unicodeScalars.prefix(500) {
            out.append(scalar.value < 0x20 || scalar.value == 0x7f ? "\u{fffd}" : scalar)
        }
        return String(out)
    }
}
