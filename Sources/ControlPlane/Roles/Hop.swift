import FoundationEssentials
import World

/// What a role saw of a client whose request it passes on.
package struct Hop: Sendable, Hashable, Codable {
    package var client: Client
    /// Whether senders need no key there: it listens on its own machine's address.
    package var isOpen: Bool

    /// The field that shows the token.
    static let tokenField = "x-hauban-plane-token"
    /// The field that holds this.
    static let field = "x-hauban-client"

    init(client: Client, isOpen: Bool) {
        self.client = client
        self.isOpen = isOpen
    }

    /// As a field's value.
    var text: String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = .sortedKeys
        guard let data = try? encoder.encode(self) else { preconditionFailure("a hop is always JSON") }
        return data.base64EncodedString()
    }

    /// - Returns: `nil` for what is none.
    init?(_ text: String) {
        guard let data = Data(base64Encoded: text), let hop = try? JSONDecoder().decode(Hop.self, from: data) else {
            return nil
        }
        self = hop
    }
}
