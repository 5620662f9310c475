/// Quoting for text that goes into a statement (PostgreSQL 15, 4.1.1 and 4.1.2.1).
enum SQL {
    static func identifier(_ name: String) -> String { "\"" + name.replacing("\"", with: "\"\"") + "\"" }

    /// With `standard_conforming_strings`, which is on by default, only the quote itself is special.
    static func literal(_ text: String) -> String { "'" + text.replacing("'", with: "''") + "'" }
}
