import ArgumentParser

/// Long identities as people type them: by their beginning.
package enum ShortID {
    /// The first eight characters.
    package static func text(_ id: String) -> String { String(id.prefix(8)) }

    /// The identity that begins with a text.
    ///
    /// - Throws: `ValidationError` when none or several do.
    package static func find(_ text: String, among ids: [String], _ noun: String) throws -> String {
        if ids.contains(text) { return text }
        let found = ids.filter { !text.isEmpty && $0.hasPrefix(text) }
        if found.count == 1 { return found[0] }
        guard found.isEmpty else {
            throw ValidationError(
                "'\(text)' begins \(found.count) \(noun)s: \(found.sorted().joined(separator: ", ")). Give more of it.")
        }
        throw ValidationError("No \(noun) begins with '\(text)'.")
    }
}
