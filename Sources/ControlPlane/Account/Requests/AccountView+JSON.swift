import Response
package import World

extension AccountView {
    /// As the API's JSON; a refusal is problem details.
    package var json: JSONValue {
        switch self {
        case .signedIn(let who): who.json
        case .needsCode(let challenge): .members(("challenge", .string(challenge.exposed)))
        case .done: .object([])
        case .enrolment(let view):
            .members(("secret", .string(view.secret.exposed)), ("uri", .string(view.uri.exposed)))
        case .recoveryCodes(let codes): .members(("codes", .array(codes.map { .string($0.exposed) })))
        case .link(let view):
            .members(
                ("purpose", .string(view.purpose.rawValue)), ("account", .string(view.account)),
                ("token", .string(view.token.exposed)), ("expiresAt", .moment(view.expiresAt)))
        case .newToken(let secret, let view): .object([.init("token", .string(secret.exposed))] + view.members)
        case .tokens(let views): .members(("tokens", .array(views.map { .object($0.members) })))
        case .sessions(let views): .members(("sessions", .array(views.map(\.json))))
        case .accounts(let rows): .members(("accounts", .array(rows.map(\.json))))
        case .account(let row): row.json
        case .refused(let problem): problem.json
        }
    }
}

extension JSONValue {
    fileprivate static func members(_ members: (String, JSONValue)...) -> JSONValue {
        .object(members.map { Member($0.0, $0.1) })
    }

    fileprivate static func moment(_ moment: Moment?) -> JSONValue { moment.map { .string($0.description) } ?? .null }
}

extension WhoView {
    fileprivate var json: JSONValue {
        .members(
            ("name", .string(name)), ("role", .string(role.rawValue)),
            ("permissions", .array(permissions.map { .string($0.rawValue) })),
            ("csrf", csrf.map { .string($0) } ?? .null), ("hasSecondFactor", .bool(hasSecondFactor)))
    }
}

extension TokenView {
    fileprivate var members: [JSONValue.Member] {
        [
            .init("id", .string(id)), .init("name", .string(name)), .init("owner", .string(owner)),
            .init("scopes", .array(scopes.map { .string($0.rawValue) })), .init("createdAt", .moment(createdAt)),
            .init("expiresAt", .moment(expiresAt)), .init("lastUsedAt", .moment(lastUsedAt)),
        ]
    }
}

extension SessionView {
    fileprivate var json: JSONValue {
        .members(
            ("id", .string(id)), ("createdAt", .moment(createdAt)), ("seenAt", .moment(seenAt)),
            ("address", .string(address)), ("agent", .string(agent)), ("isThis", .bool(isThis)))
    }
}

extension AccountRow {
    fileprivate var json: JSONValue {
        .members(
            ("name", .string(name)), ("role", .string(role.rawValue)), ("state", .string(state.rawValue)),
            ("hasSecondFactor", .bool(hasSecondFactor)), ("createdAt", .moment(createdAt)),
            ("lastSignInAt", .moment(lastSignInAt)))
    }
}
