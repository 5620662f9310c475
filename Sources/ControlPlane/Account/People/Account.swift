package import Response
package import World

/// Somebody who may sign in.
package struct Account: Sendable, Hashable, Codable {
    /// Stays when the name changes hands.
    package let id: String
    /// As it is typed and shown: the person's name in `hauban.yaml` where they are on call.
    package var name: String
    package var role: Role
    /// `nil` until an invitation was taken.
    package var password: PasswordHash?
    package var isDisabled = false
    package var createdAt: Moment
    package var lastSignInAt: Moment?
    package var secondFactor: SecondFactor?
    /// Of the codes that were not used yet.
    package var recoveryCodes: [ContentHash] = []
    /// Where they signed in from lately; nobody elsewhere can lock these out.
    package var knownAddresses: [KnownAddress] = []

    package struct SecondFactor: Sendable, Hashable, Codable {
        /// Base32.
        package var secret: String
        package var lastStep: Int
    }

    package struct KnownAddress: Sendable, Hashable, Codable {
        package var address: String
        package var at: Moment
    }

    /// May come in with its password.
    package var isActive: Bool { !isDisabled && password != nil }

    static let kind = "account"
    static let knownFor = Duration.seconds(30 * 86_400)

    func knows(_ address: String, at now: Moment) -> Bool {
        knownAddresses.contains { $0.address == address && now - $0.at < Self.knownFor }
    }

    mutating func learn(_ address: String, at now: Moment) {
        knownAddresses.removeAll { $0.address == address }
        knownAddresses = knownAddresses.suffix(7) + [KnownAddress(address: address, at: now)]
    }

    /// What the audit log calls those who are no account.
    static let reserved: Set<String> = ["hauban", "somebody"]

    /// - Returns: `nil` unless it can be a name: 1 to 64 of `a-z 0-9 . _ @ + -`, and not one that the audit log uses.
    package static func name(_ typed: String) -> String? {
        let name = typed.lowercased()
        let isFit = name.utf8.allSatisfy { byte in
            switch byte {
            case 0x61...0x7a, 0x30...0x39, 0x2e, 0x5f, 0x40, 0x2b, 0x2d: true
            default: false
            }
        }
        guard isFit, !reserved.contains(name), (1...64).contains(name.utf8.count),
            name.first?.isLetter == true || name.first?.isNumber == true
        else { return nil }
        return name
    }
}

/// A browser that is signed in.
package struct Session: Sendable, Hashable, Codable {
    /// Of the cookie's value.
    package var id: ContentHash
    package var account: String
    package var createdAt: Moment
    package var seenAt: Moment
    package var address: String
    /// Its User-Agent.
    package var agent: String

    static let kind = "session"
}

/// A link with which somebody chooses a password: the first administrator, one who was invited, one who forgot.
package struct EntryLink: Sendable, Hashable, Codable {
    package enum Purpose: String, Sendable, Hashable, Codable {
        case setUp = "set-up"
        case invitation
        case reset
    }

    /// Of the link's token.
    package var id: ContentHash
    package var purpose: Purpose
    /// `nil` for the set-up.
    package var account: String?
    package var expiresAt: Moment

    static let kind = "entry-link"
}

/// A bearer token of the API, without the token itself.
package struct APIToken: Sendable, Hashable, Codable {
    package let id: String
    package var hash: ContentHash
    package var name: String
    /// The account whose rights bound it.
    package var owner: String
    package var scopes: Set<Permission>
    package var createdAt: Moment
    package var expiresAt: Moment?
    package var lastUsedAt: Moment?

    static let kind = "api-token"
}
