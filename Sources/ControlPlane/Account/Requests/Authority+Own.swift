import Response
import World

// What people change about their own account: password, second factor, sessions.
extension Authority {
    mutating func own(
        _ request: APIRequest, _ route: [String], _ now: Moment, _ changes: inout AccountChanges
    ) throws(Problem) -> AccountOutcome {
        guard request.method == "POST" else { throw Self.wrongMethod("POST") }
        switch route {
        case ["password"]: return try beginChange(request, now, &changes)
        case ["second-factor"]: return try beginConfirm(.enrol, request, now, &changes)
        case ["second-factor", "confirm"]: return .reply(try confirmFactor(request, now, &changes))
        case ["second-factor", "remove"]: return try beginConfirm(.removeSecondFactor, request, now, &changes)
        case ["second-factor", "recovery-codes"]: return try beginConfirm(.newRecoveryCodes, request, now, &changes)
        default: throw .notFound("There is no such path.")
        }
    }

    /// `POST password` with `current` and `new`.
    private mutating func beginChange(
        _ request: APIRequest, _ now: Moment, _ changes: inout AccountChanges
    ) throws(Problem) -> AccountOutcome {
        let (principal, _, account) = try inSession(request, now)
        let input = try AccountInput(request)
        let current = try input.secret("current")
        let renewal = try renewal(try input.secret("new"), name: account.name, member: "new")
        guard let hash = account.password else { throw .notSignedIn }
        let keys: [Lockout.Key] = [.code(account: account.id)]
        try begin(keys, who: account.name, from: principal.address, now, &changes)
        let work = PasswordWork(trial: .init(password: current, hash: hash), renewal: renewal)
        return .hashing(work, step(.changePassword(principal, account: account, keys: keys), request, changes))
    }

    mutating func finishChange(
        _ principal: Principal, _ tried: Account, _ result: PasswordWork.Result, _ changes: inout AccountChanges
    ) throws(Problem) -> AccountReply {
        guard case .matches(let hash?) = result, var account = accounts.accounts[tried.id] else {
            throw .passwordRefused
        }
        account.password = hash
        accounts.put(account, &changes)
        accounts.dropLinks(&changes) { $0.account == account.id }
        let ended = accounts.endSessions(of: account.id, but: principal.session?.id, &changes)
        changes.note(
            AuditEvent(
                who: principal.name, from: principal.address, what: "changed the password",
                on: "account \(account.name)", after: "\(ended) other sessions ended"))
        return AccountReply(changes: changes, view: .done)
    }

    /// `POST second-factor`, `…/remove`, `…/recovery-codes`, each with `password`.
    private mutating func beginConfirm(
        _ purpose: AccountStep.Confirmed, _ request: APIRequest, _ now: Moment, _ changes: inout AccountChanges
    ) throws(Problem) -> AccountOutcome {
        let (principal, _, account) = try inSession(request, now)
        let password = try AccountInput(request).secret("password")
        guard let hash = account.password else { throw .notSignedIn }
        switch purpose {
        case .enrol: break
        case .removeSecondFactor, .newRecoveryCodes:
            guard account.secondFactor != nil else { throw .conflict("The account has no second factor.") }
        }
        let keys: [Lockout.Key] = [.code(account: account.id)]
        try begin(keys, who: account.name, from: principal.address, now, &changes)
        let work = PasswordWork(trial: .init(password: password, hash: hash))
        return .hashing(work, step(.confirm(principal, account: account, keys: keys, purpose), request, changes))
    }

    /// The password was right, and the account and the session are still as they were when it was typed.
    mutating func confirmed(
        _ tried: Account, _ keys: [Lockout.Key], _ principal: Principal, _ result: PasswordWork.Result,
        _ changes: inout AccountChanges
    ) throws(Problem) {
        guard let session = principal.session, accounts.sessions[session.id] != nil,
            let account = accounts.accounts[tried.id], account.isActive, account.password == tried.password
        else { throw .notSignedIn }
        guard case .matches = result else {
            changes.note(
                AuditEvent(
                    who: principal.name, from: principal.address, what: "gave a wrong password",
                    on: "account \(account.name)"))
            throw .passwordRefused
        }
        accounts.lockout.succeed(keys)
    }

    mutating func finish(
        _ purpose: AccountStep.Confirmed, _ principal: Principal, _ tried: Account, _ now: Moment,
        _ changes: inout AccountChanges
    ) throws(Problem) -> AccountReply {
        guard var account = accounts.accounts[tried.id], let session = principal.session else { throw .notSignedIn }
        switch purpose {
        case .enrol:
            let code = OneTimeCode(accounts.random)
            accounts.enrolments[account.id] = Accounts.Enrolment(
                code: code, session: session.id, expiresAt: now + accounts.settings.enrolment)
            let view = EnrolmentView(
                secret: Secret(RecoveryCode.grouped(code.base32, by: " ")),
                uri: code.uri(issuer: accounts.settings.issuer, account: account.name))
            return AccountReply(changes: changes, view: .enrolment(view))
        case .removeSecondFactor:
            account.secondFactor = nil
            account.recoveryCodes = []
            accounts.put(account, &changes)
            changes.note(
                AuditEvent(
                    who: principal.name, from: principal.address, what: "removed the second factor",
                    on: "account \(account.name)"))
            return AccountReply(changes: changes, view: .done)
        case .newRecoveryCodes:
            guard account.secondFactor != nil else { throw .conflict("The account has no second factor.") }
            return newRecoveryCodes(account, principal, "made new recovery codes", &changes)
        }
    }

    /// `POST second-factor/confirm` with the first `code`: the second factor is asked for from now on, and other sessions,
    /// which came without it, end.
    private mutating func confirmFactor(
        _ request: APIRequest, _ now: Moment, _ changes: inout AccountChanges
    ) throws(Problem) -> AccountReply {
        var (principal, session, account) = try inSession(request, now)
        let typed = try AccountInput(request).text("code", longest: 64)
        guard let enrolment = accounts.enrolments[account.id], enrolment.session == session.id,
            now < enrolment.expiresAt
        else { throw .conflict("No second factor is on its way in. Begin again.") }
        let keys: [Lockout.Key] = [.code(account: account.id)]
        try begin(keys, who: account.name, from: principal.address, now, &changes)
        guard let step = enrolment.code.step(of: typed.filter { $0 != " " }, at: now, after: nil) else {
            throw .codeRefused
        }
        accounts.lockout.succeed(keys)
        accounts.enrolments[account.id] = nil
        let isFirst = account.secondFactor == nil
        account.secondFactor = .init(secret: enrolment.code.base32, lastStep: step)
        accounts.endSessions(of: account.id, but: session.id, &changes)
        return newRecoveryCodes(
            account, principal, isFirst ? "added a second factor" : "replaced the second factor", &changes)
    }

    private mutating func newRecoveryCodes(
        _ account: Account, _ principal: Principal, _ what: String, _ changes: inout AccountChanges
    ) -> AccountReply {
        var account = account
        let codes = RecoveryCode.make(accounts.random)
        account.recoveryCodes = codes.map { RecoveryCode.hash($0.exposed) }
        accounts.put(account, &changes)
        changes.note(
            AuditEvent(
                who: principal.name, from: principal.address, what: what, on: "account \(account.name)",
                after: "\(codes.count) recovery codes"))
        return AccountReply(changes: changes, view: .recoveryCodes(codes))
    }

    // MARK: Sessions

    /// The sessions of an account that go on, the latest first.
    func sessions(of account: String, this: Principal.Session, _ now: Moment) -> [SessionView] {
        accounts.sessions(of: account).filter { accounts.isAlive($0, now) }.reversed().map { session in
            SessionView(
                id: Self.shortID(session.id), createdAt: session.createdAt, seenAt: session.seenAt,
                address: session.address, agent: session.agent, isThis: session.id == this.id)
        }
    }

    mutating func sessions(
        _ request: APIRequest, _ route: [String], _ now: Moment, _ changes: inout AccountChanges
    ) throws(Problem) -> AccountReply {
        let (principal, current, account) = try inSession(request, now)
        switch (request.method, route.count) {
        case ("GET", 0):
            return AccountReply(
                changes: changes, view: .sessions(sessions(of: account.id, this: current, now)))
        case ("POST", 1) where route[0] == "end-others":
            let ended = accounts.endSessions(of: account.id, but: current.id, &changes)
            changes.note(
                AuditEvent(
                    who: principal.name, from: principal.address, what: "ended other sessions",
                    on: "account \(account.name)", after: "\(ended) ended"))
            return AccountReply(changes: changes, view: .done)
        case ("POST", 2) where route[1] == "end", ("DELETE", 1):
            guard let session = accounts.sessions(of: account.id).first(where: { Self.shortID($0.id) == route[0] })
            else { throw .notFound("There is no such session.") }
            accounts.endSession(session.id, &changes)
            changes.note(
                AuditEvent(
                    who: principal.name, from: principal.address, what: "ended a session",
                    on: "account \(account.name)", before: "from \(session.address)"))
            return AccountReply(changes: changes, view: .done)
        default: throw .notFound("There is no such path.")
        }
    }

    /// Enough of the hash to tell sessions apart, and of no use as a cookie.
    private static func shortID(_ id: ContentHash) -> String { String(id.hex.prefix(16)) }
}
