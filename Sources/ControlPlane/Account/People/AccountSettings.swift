/// How long things last and what a password costs.
package struct AccountSettings: Sendable {
    package var cost = PasswordHash.Cost.standard
    /// A session that is not used.
    package var idle = Duration.seconds(12 * 3600)
    /// A session that is.
    package var longest = Duration.seconds(7 * 86_400)
    package var setUp = Duration.seconds(24 * 3600)
    package var invitation = Duration.seconds(72 * 3600)
    /// Between the password and the code of the second factor.
    package var challenge = Duration.seconds(300)
    /// Between the secret of a second factor and its first code.
    package var enrolment = Duration.seconds(900)
    /// What an authenticator shows.
    package var issuer = "Hauban"
    /// Sessions of one account; the one that was idle longest ends for the next.
    package var sessions = 30
    package var tokens = 50

    package init() {}
}
