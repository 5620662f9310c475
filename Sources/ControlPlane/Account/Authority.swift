import Crypto
package import Response
package import World

/// Says who asks, and changes who may: accounts, sessions, tokens and the requests about them.
///
/// One event loop holds it. ``judge(_:_:)`` stands before every request that needs somebody; ``handle(_:_:_:)`` answers those about
/// accounts themselves.
package struct Authority: Sendable {
    package var accounts: Accounts
    package var tokens: APITokens
    package let listener: GuardedListener

    /// - Parameter records: everything of ``Record`` that is stored; other kinds are passed over.
    /// - Throws: `WorldError` with `store-corrupt`
    package init(
        _ records: [Record] = [], listener: GuardedListener, settings: AccountSettings = AccountSettings(),
        random: RandomBytes = .live
    ) throws(WorldError) {
        accounts = try Accounts(records, settings: settings, random: random)
        tokens = try APITokens(records)
        self.listener = listener
    }

    /// Who sends this request: by a bearer token, or by the cookie of a session with its proof against forgery.
    ///
    /// - Throws: 401 for nobody, 403 for a request from another site or over a line that others can read.
    package mutating func judge(_ request: APIRequest, _ now: Moment) throws(Problem) -> Principal {
        let client = listener.client(of: request)
        guard client.isPrivate else { throw .inClear }
        if let token = Self.bearer(request) { return try judge(token, client, now) }
        guard let cookie = request.cookie(SessionCookie.name(client)), !cookie.isEmpty,
            let (session, account) = accounts.useSession(Secret(cookie), now)
        else { throw .notSignedIn }
        let csrf = Self.csrf(Secret(cookie))
        if !Self.isSafe(request.method) {
            try Self.refuseOtherSites(request, client)
            guard Self.isProven(request, csrf) else { throw .forged }
        }
        return Principal(
            account: account.id, name: account.name, role: account.role, scopes: nil,
            session: .init(id: session.id, csrf: csrf), token: nil, address: client.address)
    }

    /// As ``judge(_:_:)``, and that they may do this.
    ///
    /// - Throws: also 403 with the permission that lacks, as the member `needs`.
    package mutating func judge(
        _ request: APIRequest, needs permission: Permission, _ now: Moment
    ) throws(Problem) -> Principal {
        let principal = try judge(request, now)
        guard principal.may(permission) else { throw .notAllowed(permission) }
        return principal
    }

    private mutating func judge(_ secret: Secret, _ client: Client, _ now: Moment) throws(Problem) -> Principal {
        guard let token = tokens.use(secret, now), let owner = accounts.accounts[token.owner], owner.isActive else {
            throw .badToken
        }
        return Principal(
            account: owner.id, name: owner.name, role: owner.role, scopes: token.scopes, session: nil, token: token.id,
            address: client.address)
    }

    /// Once a minute: what is over, and when things were used. Needs not be written before anything is answered.
    package mutating func sweep(_ now: Moment) -> AccountChanges {
        var changes = AccountChanges()
        accounts.sweep(now, &changes)
        tokens.sweep(&changes)
        return changes
    }

    // MARK: What a browser proves

    private static func bearer(_ request: APIRequest) -> Secret? {
        guard let field = request.field("authorization") else { return nil }
        let parts = field.split(separator: " ", maxSplits: 1)
        guard parts.count == 2, parts[0].lowercased() == "bearer" else { return nil }
        return Secret(parts[1].filter { $0 != " " })
    }

    /// Methods that change nothing (RFC 9110 §9.2.1).
    static func isSafe(_ method: String) -> Bool { ["GET", "HEAD", "OPTIONS"].contains(method) }

    /// Follows from the cookie, which no other site can read, and is not stored.
    static func csrf(_ cookie: Secret) -> String {
        let mac = HMAC<SHA256>.authenticationCode(
            for: Array("csrf".utf8), using: SymmetricKey(data: Array(cookie.exposed.utf8)))
        return Base64URL.text(Array(mac))
    }

    private static func isProven(_ request: APIRequest, _ csrf: String) -> Bool {
        let isForm = request.field("content-type")?.lowercased().hasPrefix("application/x-www-form-urlencoded") ?? false
        guard let shown = request.field("x-csrf-token") ?? (isForm ? request.form.first("csrf") : nil) else {
            return false
        }
        return PasswordHash.areEqual(Array(shown.utf8), Array(csrf.utf8))
    }

    /// Browsers say where a request comes from: `Sec-Fetch-Site` (Fetch Metadata) and `Origin` (RFC 6454 §7). What says neither
    /// is no browser of today.
    static func refuseOtherSites(_ request: APIRequest, _ client: Client) throws(Problem) {
        let site = request.field("sec-fetch-site")?.lowercased()
        if let site, site != "same-origin", site != "none" { throw .otherSite }
        guard let origin = request.field("origin")?.lowercased() else { return }
        // A page with `Referrer-Policy: no-referrer` sends `null` with its forms.
        if origin == "null", site == "same-origin" { return }
        guard origin == client.origin else { throw .otherSite }
    }
}

/// The cookie of a session.
enum SessionCookie {
    /// With `__Host-` a browser takes it only from us over TLS, for this host and all paths (RFC 6265bis §4.1.3.2). In clear, which
    /// is on this machine only, a browser would not take it at all.
    static func name(_ client: Client) -> String { client.isSecure ? "__Host-hauban" : "hauban-session" }

    static func set(_ token: Secret, _ client: Client, lasting: Duration) -> String {
        line("\(name(client))=\(token.exposed)", client, seconds: Int(lasting.components.seconds))
    }

    static func clear(_ client: Client) -> String { line("\(name(client))=", client, seconds: 0) }

    private static func line(_ pair: String, _ client: Client, seconds: Int) -> String {
        "\(pair); Path=/; Max-Age=\(seconds); HttpOnly; SameSite=Lax\(client.isSecure ? "; Secure" : "")"
    }
}
