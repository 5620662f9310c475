import Response
import World

// Bearer tokens: everybody's own, and all of them for administrators.
extension Authority {
    /// The tokens that somebody may see.
    func tokens(seenBy principal: Principal) -> [TokenView] {
        (principal.may(.administer) ? tokens.all : tokens.owned(by: principal.account)).map(view)
    }

    mutating func tokens(
        _ request: APIRequest, _ route: [String], _ now: Moment, _ changes: inout AccountChanges
    ) throws(Problem) -> AccountReply {
        switch (request.method, route.count) {
        case ("GET", 0):
            let principal = try judge(request, now)
            return AccountReply(changes: changes, view: .tokens(tokens(seenBy: principal)))
        case ("POST", 0): return try makeToken(request, now, &changes)
        case ("POST", 2) where route[1] == "revoke", ("DELETE", 1):
            let principal = try judge(request, now)
            guard
                let token = tokens.all.first(where: {
                    $0.id == route[0] && ($0.owner == principal.account || principal.may(.administer))
                })
            else { throw .notFound("There is no such token.") }
            // A token may end itself, and others only where it may administer.
            if let own = principal.token, own != token.id, !principal.may(.administer) {
                throw .notAllowed(.administer)
            }
            tokens.revoke(token, &changes)
            changes.note(
                AuditEvent(
                    who: principal.name, from: principal.address, what: "revoked", on: Self.title(token),
                    before: Self.words(token.scopes)))
            return AccountReply(changes: changes, view: .done)
        case (_, 0): throw Self.wrongMethod("GET, POST")
        default: throw .notFound("There is no such path.")
        }
    }

    /// `POST tokens` with `name`, `scopes` and `days` until it ends; without them it does not end.
    private mutating func makeToken(
        _ request: APIRequest, _ now: Moment, _ changes: inout AccountChanges
    ) throws(Problem) -> AccountReply {
        // A token that could make tokens would outlive its own end.
        let (principal, _, account) = try inSession(request, now)
        let input = try AccountInput(request)
        let name = try input.text("name", longest: 100)
        var scopes: Set<Permission> = []
        for text in input.list("scopes") {
            guard let scope = Permission(rawValue: text) else {
                throw .invalid(
                    "scopes", "a scope is one of \(Permission.allCases.map(\.rawValue).joined(separator: ", "))")
            }
            guard principal.may(scope) else { throw .notAllowed(scope) }
            scopes.insert(scope)
        }
        guard !scopes.isEmpty else { throw .invalid("scopes", "a token has at least one scope") }
        let days = try input.number("days")
        guard days.map((1...3660).contains) ?? true else { throw .invalid("days", "days are between 1 and 3660") }
        guard tokens.owned(by: account.id).count < accounts.settings.tokens else {
            throw .conflict("An account has at most \(accounts.settings.tokens) tokens. Revoke one that is not used.")
        }
        let end = days.map { now + .seconds($0 * 86_400) }
        let (secret, token) = tokens.make(
            name, owner: account.id, scopes: scopes, expiresAt: end, accounts.random, now, &changes)
        changes.note(
            AuditEvent(
                who: principal.name, from: principal.address, what: "made", on: Self.title(token),
                after: Self.words(scopes) + (end.map { ", until \($0)" } ?? ", without end")))
        return AccountReply(changes: changes, view: .newToken(secret, view(token)), status: 201)
    }

    private func view(_ token: APIToken) -> TokenView {
        TokenView(
            id: token.id, name: token.name, owner: accounts.accounts[token.owner]?.name ?? "",
            scopes: Permission.allCases.filter { token.scopes.contains($0) }, createdAt: token.createdAt,
            expiresAt: token.expiresAt, lastUsedAt: token.lastUsedAt)
    }

    private static func title(_ token: APIToken) -> String { "token \(token.id) (\(token.name))" }

    private static func words(_ scopes: Set<Permission>) -> String {
        Permission.allCases.filter { scopes.contains($0) }.map(\.rawValue).joined(separator: " ")
    }
}
