import Response
import World

// Ways in for those who have no password yet: the set-up, an invitation, a reset.
extension Authority {
    mutating func entry(
        _ request: APIRequest, _ route: [String], _ now: Moment, _ changes: inout AccountChanges
    ) throws(Problem) -> AccountOutcome {
        guard request.method == "POST" else { throw Self.wrongMethod("POST") }
        switch route {
        case ["set-up"], ["invitations", "accept"]: return try beginEntry(request, route, now, changes)
        case ["invitations"]: return .reply(try invite(request, now, &changes))
        default: throw .notFound("There is no such path.")
        }
    }

    /// `POST set-up` with `token`, `name` and `password`; `POST invitations/accept` with `token` and `password`.
    private func beginEntry(
        _ request: APIRequest, _ route: [String], _ now: Moment, _ changes: AccountChanges
    ) throws(Problem) -> AccountOutcome {
        try Self.refuseOtherSites(request, listener.client(of: request))
        let input = try AccountInput(request)
        guard let link = accounts.link(try input.secret("token"), now),
            (link.purpose == .setUp) == (route == ["set-up"])
        else { throw .linkRefused }
        let password = try input.secret("password")
        if let id = link.account {
            guard let account = accounts.accounts[id] else { throw .linkRefused }
            let work = PasswordWork(renewal: try renewal(password, name: account.name, member: "password"))
            return .hashing(work, step(.enter(link: link, account: account), request, changes))
        }
        let name = try newName(input)
        let work = PasswordWork(renewal: try renewal(password, name: name, member: "password"))
        return .hashing(work, step(.setUp(link: link, name: name), request, changes))
    }

    mutating func finishSetUp(
        _ step: AccountStep, _ link: EntryLink, _ name: String, _ result: PasswordWork.Result, _ now: Moment,
        _ changes: inout AccountChanges
    ) throws(Problem) -> AccountReply {
        // Another request with the same link may have been first.
        guard case .matches(let hash?) = result, accounts.link(link.id, now) != nil else { throw .linkRefused }
        guard accounts.account(named: name) == nil else { throw .conflict("There is an account \(name) already.") }
        let account = Account(
            id: accounts.random.id(), name: name, role: .administrator, password: hash, createdAt: now)
        accounts.dropLinks(&changes) { $0.purpose == .setUp }
        accounts.put(account, &changes)
        changes.note(
            AuditEvent(
                who: name, from: step.client.address, what: "set up the first administrator", on: "account \(name)",
                after: Role.administrator.rawValue))
        return signedIn(account, step, now, &changes)
    }

    mutating func finishEntry(
        _ step: AccountStep, _ link: EntryLink, _ tried: Account, _ result: PasswordWork.Result, _ now: Moment,
        _ changes: inout AccountChanges
    ) throws(Problem) -> AccountReply {
        guard case .matches(let hash?) = result, accounts.link(link.id, now) != nil,
            var account = accounts.accounts[tried.id]
        else { throw .linkRefused }
        account.password = hash
        accounts.dropLinks(&changes) { $0.account == account.id }
        accounts.put(account, &changes)
        let ended = accounts.endSessions(of: account.id, &changes)
        changes.note(
            AuditEvent(
                who: account.name, from: step.client.address,
                what: link.purpose == .reset ? "chose a new password by a link" : "took an invitation",
                on: "account \(account.name)", after: ended == 0 ? "" : "\(ended) sessions ended"))
        // A link stands for the password, never for the second factor.
        guard account.secondFactor == nil else { return AccountReply(changes: changes, view: .done) }
        return signedIn(account, step, now, &changes)
    }

    /// `POST invitations` with `name` and `role`.
    private mutating func invite(
        _ request: APIRequest, _ now: Moment, _ changes: inout AccountChanges
    ) throws(Problem) -> AccountReply {
        let principal = try judge(request, needs: .administer, now)
        let input = try AccountInput(request)
        let name = try newName(input)
        let role = try role(input)
        guard accounts.account(named: name) == nil else { throw .conflict("There is an account \(name) already.") }
        let account = Account(id: accounts.random.id(), name: name, role: role, password: nil, createdAt: now)
        accounts.put(account, &changes)
        changes.note(
            AuditEvent(
                who: principal.name, from: principal.address, what: "invited", on: "account \(name)",
                after: role.rawValue))
        return link(.invitation, to: account, now, &changes)
    }

    /// A new link to an account; those it had are good no more.
    mutating func link(
        _ purpose: EntryLink.Purpose, to account: Account, _ now: Moment, _ changes: inout AccountChanges
    ) -> AccountReply {
        accounts.dropLinks(&changes) { $0.account == account.id }
        let lasting = accounts.settings.invitation
        let token = accounts.makeLink(purpose, account: account.id, lasting: lasting, now, &changes)
        let view = LinkView(purpose: purpose, account: account.name, token: token, expiresAt: now + lasting)
        return AccountReply(changes: changes, view: .link(view), status: 201)
    }

    private func newName(_ input: AccountInput) throws(Problem) -> String {
        guard let name = Account.name(try input.text("name")) else {
            throw .invalid("name", "a name has 1 to 64 of a-z, 0-9, . _ @ + - and begins with a letter or digit")
        }
        return name
    }

    func role(_ input: AccountInput) throws(Problem) -> Role {
        guard let role = Role(rawValue: try input.text("role")) else {
            throw .invalid("role", "a role is one of \(Role.allCases.map(\.rawValue).joined(separator: ", "))")
        }
        return role
    }
}
