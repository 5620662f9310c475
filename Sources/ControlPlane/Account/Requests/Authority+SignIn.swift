import Response
import World

// Signing in and out.
extension Authority {
    mutating func session(
        _ request: APIRequest, _ route: [String], _ now: Moment, _ changes: inout AccountChanges
    ) throws(Problem) -> AccountOutcome {
        switch (request.method, route) {
        case ("POST", []): return try beginSignIn(request, now, &changes)
        case ("GET", []): return .reply(try whoAmI(request, now))
        case ("POST", ["second-factor"]): return .reply(try secondStep(request, now, &changes))
        case ("POST", ["end"]), ("DELETE", []): return .reply(try signOut(request, now, &changes))
        case (_, []): throw Self.wrongMethod("GET, POST, DELETE")
        case (_, ["second-factor"]), (_, ["end"]): throw Self.wrongMethod("POST")
        default: throw .notFound("There is no such path.")
        }
    }

    /// `POST session` with `name` and `password`.
    private mutating func beginSignIn(
        _ request: APIRequest, _ now: Moment, _ changes: inout AccountChanges
    ) throws(Problem) -> AccountOutcome {
        let client = listener.client(of: request)
        try Self.refuseOtherSites(request, client)
        let input = try AccountInput(request)
        let name = try input.text("name").lowercased()
        let password = try input.secret("password")
        let account = accounts.account(named: name)
        let isKnown = account?.knows(client.neighbourhood, at: now) ?? false
        let keys: [Lockout.Key] = [
            .address(client.neighbourhood),
            isKnown ? .known(name: name, address: client.neighbourhood) : .name(name),
        ]
        // A password typed as the name must not get into the log.
        try begin(keys, who: account?.name ?? "somebody", from: client.address, now, &changes)
        let mayEnter = account?.isActive ?? false
        var work = PasswordWork(
            trial: .init(password: password, hash: (mayEnter ? account?.password : nil) ?? accounts.nobody))
        if let hash = account?.password, hash.cost.isWeaker(than: accounts.settings.cost) {
            work.renewal = .init(
                password: password, salt: accounts.random.take(PasswordHash.saltBytes), cost: accounts.settings.cost)
        }
        let way = AccountStep.Way.signIn(name: name, account: mayEnter ? account : nil, keys: keys)
        return .hashing(work, step(way, request, changes))
    }

    mutating func finishSignIn(
        _ step: AccountStep, _ name: String, _ tried: Account?, _ keys: [Lockout.Key], _ result: PasswordWork.Result,
        _ now: Moment, _ changes: inout AccountChanges
    ) throws(Problem) -> AccountReply {
        // The account may have been changed while its password was hashed.
        guard case .matches(let new) = result, let tried, var account = accounts.accounts[tried.id], account.isActive,
            let hash = account.password, hash == tried.password
        else {
            let known = accounts.account(named: name)
            changes.note(
                AuditEvent(
                    who: "somebody", from: step.client.address, what: "failed to sign in",
                    on: known.map { "account \($0.name)" } ?? "an unknown name"))
            throw .signInRefused
        }
        if let new {
            account.password = new
            accounts.put(account, &changes)
        }
        accounts.lockout.succeed(keys)
        guard account.secondFactor != nil else { return signedIn(account, step, now, &changes) }
        let challenge = accounts.random.secret()
        accounts.challenges[ContentHash(of: challenge)] = Accounts.Challenge(
            account: account.id, password: new ?? hash, expiresAt: now + accounts.settings.challenge)
        return AccountReply(changes: changes, view: .needsCode(challenge: challenge))
    }

    /// `POST session/second-factor` with `challenge` and `code`, which may be a recovery code.
    private mutating func secondStep(
        _ request: APIRequest, _ now: Moment, _ changes: inout AccountChanges
    ) throws(Problem) -> AccountReply {
        let client = listener.client(of: request)
        try Self.refuseOtherSites(request, client)
        let input = try AccountInput(request)
        let id = ContentHash(of: try input.secret("challenge"))
        let typed = try input.text("code", longest: 64)
        guard var challenge = accounts.challenges[id], now < challenge.expiresAt,
            var account = accounts.accounts[challenge.account], account.isActive,
            account.password == challenge.password, let factor = account.secondFactor,
            let code = OneTimeCode(base32: factor.secret)
        else {
            accounts.challenges[id] = nil
            throw .signInAgain
        }
        let keys: [Lockout.Key] = [.address(client.neighbourhood), .code(account: account.id)]
        try begin(keys, who: account.name, from: client.address, now, &changes)
        let plain = typed.filter { $0 != " " }
        if let step = code.step(of: plain, at: now, after: factor.lastStep) {
            account.secondFactor?.lastStep = step
        } else if let index = account.recoveryCodes.firstIndex(of: RecoveryCode.hash(typed)) {
            account.recoveryCodes.remove(at: index)
            changes.note(
                AuditEvent(
                    who: account.name, from: client.address, what: "used a recovery code",
                    on: "account \(account.name)", after: "\(account.recoveryCodes.count) left"))
        } else {
            challenge.tries += 1
            accounts.challenges[id] = challenge.tries < 5 ? challenge : nil
            changes.note(
                AuditEvent(
                    who: "somebody", from: client.address, what: "failed at the second factor",
                    on: "account \(account.name)"))
            throw .codeRefused
        }
        accounts.challenges[id] = nil
        accounts.lockout.succeed(keys)
        let way = AccountStep.Way.signIn(name: account.name, account: account, keys: keys)
        return signedIn(account, step(way, request, changes), now, &changes)
    }

    private mutating func whoAmI(_ request: APIRequest, _ now: Moment) throws(Problem) -> AccountReply {
        let principal = try judge(request, now)
        guard let account = accounts.accounts[principal.account] else { throw .notSignedIn }
        return AccountReply(
            changes: AccountChanges(),
            view: .signedIn(Self.who(account, csrf: principal.session?.csrf, principal.scopes)))
    }

    private mutating func signOut(
        _ request: APIRequest, _ now: Moment, _ changes: inout AccountChanges
    ) throws(Problem) -> AccountReply {
        let (principal, session, account) = try inSession(request, now)
        accounts.endSession(session.id, &changes)
        changes.note(
            AuditEvent(who: principal.name, from: principal.address, what: "signed out", on: "account \(account.name)"))
        return AccountReply(
            changes: changes, cookie: SessionCookie.clear(listener.client(of: request)), view: .done)
    }
}
