package import Response
import World

extension Authority {
    /// Answers a request about accounts.
    ///
    /// - Parameter route: the path's segments after the API's own prefix: `["session"]`.
    /// - Returns: `nil` where the path is not about accounts.
    package mutating func handle(_ request: APIRequest, _ route: [String], _ now: Moment) -> AccountOutcome? {
        guard let first = route.first, Self.roots.contains(first) else { return nil }
        var changes = AccountChanges()
        do throws(Problem) {
            guard listener.client(of: request).isPrivate else { throw .inClear }
            switch first {
            case "session": return try session(request, Array(route.dropFirst()), now, &changes)
            case "set-up", "invitations": return try entry(request, route, now, &changes)
            case "password", "second-factor": return try own(request, route, now, &changes)
            case "sessions": return .reply(try sessions(request, Array(route.dropFirst()), now, &changes))
            case "tokens": return .reply(try tokens(request, Array(route.dropFirst()), now, &changes))
            default: return .reply(try accounts(request, Array(route.dropFirst()), now, &changes))
            }
        } catch {
            return .reply(AccountReply(changes: changes, view: .refused(error)))
        }
    }

    private static let roots: Set<String> = [
        "session", "set-up", "invitations", "password", "second-factor", "sessions", "tokens", "accounts",
    ]

    /// Goes on with a request whose password was hashed.
    package mutating func resume(_ step: AccountStep, _ result: PasswordWork.Result, _ now: Moment) -> AccountReply {
        var changes = step.changes
        do throws(Problem) {
            if result == .failed {
                release(step)
                throw .busy
            }
            switch step.way {
            case .signIn(let name, let account, let keys):
                return try finishSignIn(step, name, account, keys, result, now, &changes)
            case .setUp(let link, let name): return try finishSetUp(step, link, name, result, now, &changes)
            case .enter(let link, let account): return try finishEntry(step, link, account, result, now, &changes)
            case .changePassword(let principal, let account, let keys):
                try confirmed(account, keys, principal, result, &changes)
                return try finishChange(principal, account, result, &changes)
            case .confirm(let principal, let account, let keys, let purpose):
                try confirmed(account, keys, principal, result, &changes)
                return try finish(purpose, principal, account, now, &changes)
            }
        } catch {
            return AccountReply(changes: changes, view: .refused(error))
        }
    }

    /// Refuses a request whose password there was no room to hash.
    package mutating func abandon(_ step: AccountStep, _ now: Moment) -> AccountReply {
        release(step)
        return AccountReply(changes: step.changes, view: .refused(.busy))
    }

    /// The attempt is not counted.
    private mutating func release(_ step: AccountStep) {
        switch step.way {
        case .signIn(_, _, let keys), .changePassword(_, _, let keys), .confirm(_, _, let keys, _):
            accounts.lockout.takeBack(keys)
        case .setUp, .enter: break
        }
    }

    // MARK: What all of them need

    func step(_ way: AccountStep.Way, _ request: APIRequest, _ changes: AccountChanges) -> AccountStep {
        let client = listener.client(of: request)
        return AccountStep(
            way: way, client: client, agent: request.field("user-agent") ?? "",
            cookie: request.cookie(SessionCookie.name(client)), changes: changes)
    }

    /// The hash of a new password that the rules allow.
    func renewal(_ password: Secret, name: String, member: String) throws(Problem) -> PasswordWork.Renewal {
        if let reason = PasswordRule.refusal(of: password.exposed, name: name) {
            var problem = Problem.invalid(member, reason.sentence)
            problem.members.append(.init("reason", .string(reason.rawValue)))
            throw problem
        }
        return PasswordWork.Renewal(
            password: password, salt: accounts.random.take(PasswordHash.saltBytes), cost: accounts.settings.cost)
    }

    /// Begins an attempt that is counted until it succeeds.
    mutating func begin(
        _ keys: [Lockout.Key], who: String, from address: String, _ now: Moment, _ changes: inout AccountChanges
    ) throws(Problem) {
        if let rest = accounts.lockout.wait(keys, now) { throw .locked(rest) }
        if accounts.lockout.begin(keys, now) {
            changes.note(
                AuditEvent(who: who, from: address, what: "must wait between attempts from now on", on: "sign-in"))
        }
    }

    /// A principal with a session: what a token must not do.
    mutating func inSession(
        _ request: APIRequest, _ now: Moment
    ) throws(Problem) -> (Principal, Principal.Session, Account) {
        let principal = try judge(request, now)
        guard let session = principal.session else { throw .sessionNeeded }
        guard let account = accounts.accounts[principal.account] else { throw .notSignedIn }
        return (principal, session, account)
    }

    /// Signs in, and ends the session that the browser had before.
    mutating func signedIn(
        _ account: Account, _ step: AccountStep, _ now: Moment, _ changes: inout AccountChanges
    ) -> AccountReply {
        if let old = step.cookie { accounts.endSession(ContentHash(of: Secret(old)), &changes) }
        var account = account
        account.lastSignInAt = now
        account.learn(step.client.neighbourhood, at: now)
        accounts.put(account, &changes)
        let token = accounts.openSession(account, step.client, agent: step.agent, now, &changes)
        changes.note(
            AuditEvent(who: account.name, from: step.client.address, what: "signed in", on: "account \(account.name)"))
        return AccountReply(
            changes: changes,
            cookie: SessionCookie.set(token, step.client, lasting: accounts.settings.longest),
            view: .signedIn(Self.who(account, csrf: Self.csrf(token))))
    }

    static func who(_ account: Account, csrf: String?, _ scopes: Set<Permission>? = nil) -> WhoView {
        let principal = Principal(
            account: account.id, name: account.name, role: account.role, scopes: scopes, session: nil, token: nil,
            address: "")
        return WhoView(
            name: account.name, role: account.role, permissions: Permission.allCases.filter { principal.may($0) },
            csrf: csrf, hasSecondFactor: account.secondFactor != nil)
    }

    static func wrongMethod(_ allowed: String) -> Problem {
        Problem(
            "method", status: 405, title: "Not with this method", detail: "This takes \(allowed).",
            fields: ["Allow": allowed])
    }
}
