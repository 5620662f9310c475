package import Response

/// What the pages about signing in and about one's own account are told.
package struct OwnAccount: Sendable {
    package struct Session: Sendable, Hashable {
        package var id: String
        package var began: Moment
        package var seen: Moment
        package var address: String
        package var agent: String
        package var isThis: Bool

        package init(id: String, began: Moment, seen: Moment, address: String, agent: String, isThis: Bool) {
            self.id = id
            self.began = began
            self.seen = seen
            self.address = address
            self.agent = agent
            self.isThis = isThis
        }
    }

    package struct Token: Sendable, Hashable {
        package var id: String
        package var name: String
        package var owner: String
        package var scopes: [String]
        package var ends: Moment?
        package var lastUsed: Moment?

        package init(
            id: String, name: String, owner: String, scopes: [String], ends: Moment? = nil, lastUsed: Moment? = nil
        ) {
            self.id = id
            self.name = name
            self.owner = owner
            self.scopes = scopes
            self.ends = ends
            self.lastUsed = lastUsed
        }
    }

    /// Why something about an account was refused.
    package enum Problem: Sendable, Hashable {
        case wrongPassword
        case wrongCode
        case lockedOut
        case passwordsDiffer
        case linkIsOver
        case sessionIsOver
        case lastAdministrator
        case busy
        /// In English, with the status it was refused with.
        case other(String, status: Int)

        /// By the name that the account API gives it.
        package init(code: String, status: Int, detail: String) {
            switch code {
            case "sign-in-refused", "password-refused": self = .wrongPassword
            case "code-refused": self = .wrongCode
            case "link-refused": self = .linkIsOver
            case "sign-in-again", "not-signed-in": self = .sessionIsOver
            case "last-administrator": self = .lastAdministrator
            default: self = status == 429 ? .lockedOut : status == 503 ? .busy : .other(detail, status: status)
            }
        }

        var status: Int {
            switch self {
            case .wrongPassword, .wrongCode, .sessionIsOver: 401
            case .lockedOut: 429
            case .passwordsDiffer: 422
            case .linkIsOver: 403
            case .lastAdministrator: 409
            case .busy: 503
            case .other(_, let status): status
            }
        }
    }

    /// The second step of signing in: goes with the code.
    package var challenge: String = ""
    /// A second factor that is being set up: what is typed, and what an authenticator reads.
    package var secret: String?
    package var otpauth: String?
    /// Shown once.
    package var recoveryCodes: [String] = []
    /// A token's text, shown once.
    package var newToken: String?
    /// A link that is to be handed to somebody, shown once.
    package var link: (account: String, address: String, ends: Moment)?
    package var sessions: [Session] = []
    package var tokens: [Token] = []
    /// The scopes that they may give to a token.
    package var scopes: [String] = []
    package var problem: Problem?

    package init(problem: Problem? = nil) { self.problem = problem }
}
