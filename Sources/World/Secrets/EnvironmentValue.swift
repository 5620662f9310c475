/// Text whose secret parts are references, so that what is stored on disk or printed holds no secret.
package struct EnvironmentValue: Codable, Hashable, Sendable, ExpressibleByStringLiteral {
    /// A piece of the text.
    package enum Part: Codable, Hashable, Sendable {
        case text(String)
        /// The key of a value in the `SecretStore`.
        case secret(String)
    }

    package var parts: [Part]

    package init(parts: [Part]) { self.parts = parts }

    package init(text: String) { parts = [.text(text)] }

    package init(stringLiteral value: String) { self.init(text: value) }
}
