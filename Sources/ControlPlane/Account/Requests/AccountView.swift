package import Response
package import World

/// What an answer about accounts shows; a page or JSON is made of it.
package enum AccountView: Sendable {
    case signedIn(WhoView)
    /// The password was right; the code of the second factor comes next, with this challenge.
    case needsCode(challenge: Secret)
    case done
    case enrolment(EnrolmentView)
    /// Shown this once.
    case recoveryCodes([Secret])
    case link(LinkView)
    case newToken(Secret, TokenView)
    case tokens([TokenView])
    case sessions([SessionView])
    case accounts([AccountRow])
    case account(AccountRow)
    case refused(Problem)
}

/// Who is signed in, as a page's head shows it.
package struct WhoView: Sendable, Hashable {
    package var name: String
    package var role: Role
    package var permissions: [Permission]
    /// For the forms of the page; `nil` for a token.
    package var csrf: String?
    package var hasSecondFactor: Bool
}

/// A second factor on its way in.
package struct EnrolmentView: Sendable {
    /// Base32 in groups of four, to be typed.
    package var secret: Secret
    /// For a link.
    package var uri: Secret

    /// The same to be photographed; `nil` where name and issuer are too long for it.
    package var code: QRCode? { QRCode(Array(uri.exposed.utf8)) }
}

/// A link that is to be handed to somebody; shown this once.
package struct LinkView: Sendable {
    package var purpose: EntryLink.Purpose
    package var account: String
    package var token: Secret
    package var expiresAt: Moment
}

/// A token without its secret.
package struct TokenView: Sendable, Hashable {
    package var id: String
    package var name: String
    package var owner: String
    package var scopes: [Permission]
    package var createdAt: Moment
    package var expiresAt: Moment?
    /// To the minute.
    package var lastUsedAt: Moment?
}

/// A session of somebody, as they see it themselves.
package struct SessionView: Sendable, Hashable {
    package var id: String
    package var createdAt: Moment
    /// To the minute.
    package var seenAt: Moment
    package var address: String
    package var agent: String
    /// The one that asks.
    package var isThis: Bool
}

/// An account, as administrators see it.
package struct AccountRow: Sendable, Hashable {
    package enum State: String, Sendable, Hashable {
        case invited, active, disabled
    }

    package var name: String
    package var role: Role
    package var state: State
    package var hasSecondFactor: Bool
    package var createdAt: Moment
    package var lastSignInAt: Moment?

    init(_ account: Account) {
        name = account.name
        role = account.role
        state = account.isDisabled ? .disabled : account.password == nil ? .invited : .active
        hasSecondFactor = account.secondFactor != nil
        createdAt = account.createdAt
        lastSignInAt = account.lastSignInAt
    }
}
