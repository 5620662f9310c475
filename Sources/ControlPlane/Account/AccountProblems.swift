import World

extension Problem {
    /// What each 401 carries (RFC 9110 §15.5.2, RFC 6750 §3).
    private static let challenge = ["WWW-Authenticate": "Bearer realm=\"hauban\""]

    static let notSignedIn = Problem(
        "not-signed-in", status: 401, title: "Nobody is signed in",
        detail: "Sign in, or send a token as Authorization: Bearer hbt_….",
        fields: challenge)

    static let badToken = Problem(
        "token-refused", status: 401, title: "The token is not good",
        detail: "It is unknown, over, revoked, or its owner may not come in any more.",
        fields: ["WWW-Authenticate": "Bearer realm=\"hauban\", error=\"invalid_token\""])

    static func notAllowed(_ permission: Permission) -> Problem {
        Problem(
            "not-allowed", status: 403, title: "Not allowed",
            detail: "This needs the permission \(permission.rawValue).",
            members: [.init("needs", .string(permission.rawValue))],
            fields: [
                "WWW-Authenticate":
                    "Bearer realm=\"hauban\", error=\"insufficient_scope\", scope=\"\(permission.rawValue)\""
            ])
    }

    static let inClear = Problem(
        "in-clear", status: 403, title: "Others could listen",
        detail: "Passwords, cookies and tokens are taken over TLS or from this machine only.")

    static let otherSite = Problem(
        "other-site", status: 403, title: "The request comes from another site",
        detail: "Its Origin or Sec-Fetch-Site is not ours. A proxy before Hauban must be declared, and keep the Host.")

    static let forged = Problem(
        "csrf", status: 403, title: "The request does not show that it is ours",
        detail: "It needs the session's token in the form as csrf, or in the field X-CSRF-Token. Load the page again.")

    static let sessionNeeded = Problem(
        "session-needed", status: 403, title: "A token cannot do this",
        detail: "Sign in with a browser for it.")

    /// One text for a wrong name, a wrong password, and an account that may not come in.
    static let signInRefused = Problem(
        "sign-in-refused", status: 401, title: "Not signed in", detail: "The name or the password is wrong.",
        fields: challenge)

    static let passwordRefused = Problem(
        "password-refused", status: 403, title: "The password is wrong",
        detail: "It is not the password of this account.")

    static let codeRefused = Problem(
        "code-refused", status: 401, title: "The code is not good",
        detail: "It is wrong, too old, or was used before. Wait for the next one, or use a recovery code.",
        fields: challenge)

    static let signInAgain = Problem(
        "sign-in-again", status: 401, title: "It took too long", detail: "Begin again with name and password.",
        fields: challenge)

    static let linkRefused = Problem(
        "link-refused", status: 403, title: "The link is not good",
        detail: "It is unknown, over, or was used before. Ask for a new one.")

    static let lastAdministrator = Problem(
        "last-administrator", status: 409, title: "Nobody would be left to administer",
        detail: "Make somebody else an administrator first.")

    static func locked(_ rest: Duration) -> Problem {
        .tryLater(
            "There were too many attempts that failed.",
            seconds: Int(rest.components.seconds) + (rest.components.attoseconds > 0 ? 1 : 0))
    }

    static let busy = Problem.tryLater("Too many sign in at this moment.", status: 503, seconds: 2)
}
