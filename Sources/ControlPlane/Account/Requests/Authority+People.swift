import Response
import World

// What administrators change about accounts.
extension Authority {
    mutating func accounts(
        _ request: APIRequest, _ route: [String], _ now: Moment, _ changes: inout AccountChanges
    ) throws(Problem) -> AccountReply {
        let principal = try judge(request, needs: .administer, now)
        if route.isEmpty {
            guard request.method == "GET" else { throw Self.wrongMethod("GET") }
            return AccountReply(changes: changes, view: .accounts(accounts.all.map(AccountRow.init)))
        }
        guard let account = accounts.account(named: route[0].lowercased()) else {
            throw .notFound("There is no account \(route[0]).")
        }
        switch (request.method, route.dropFirst().joined(separator: "/")) {
        case ("GET", ""): return AccountReply(changes: changes, view: .account(AccountRow(account)))
        case ("DELETE", ""), ("POST", "remove"): return try remove(account, principal, &changes)
        case ("POST", "role"):
            return try change(account, to: try role(try AccountInput(request)), principal, &changes)
        case ("POST", "disable"): return try disable(account, principal, &changes)
        case ("POST", "enable"): return enable(account, principal, &changes)
        case ("POST", "link"): return try newLink(account, principal, now, &changes)
        case ("POST", "clear-second-factor"): return try clearSecondFactor(account, principal, &changes)
        default: throw .notFound("There is no such path.")
        }
    }

    private mutating func remove(
        _ account: Account, _ principal: Principal, _ changes: inout AccountChanges
    ) throws(Problem) -> AccountReply {
        guard !accounts.isLastAdministrator(account) else { throw .lastAdministrator }
        accounts.remove(account, &changes)
        tokens.revoke(ownedBy: account.id, &changes)
        changes.note(
            AuditEvent(
                who: principal.name, from: principal.address, what: "removed", on: "account \(account.name)",
                before: account.role.rawValue))
        return AccountReply(changes: changes, view: .done)
    }

    private mutating func change(
        _ account: Account, to role: Role, _ principal: Principal, _ changes: inout AccountChanges
    ) throws(Problem) -> AccountReply {
        guard role == .administrator || !accounts.isLastAdministrator(account) else { throw .lastAdministrator }
        return put(account, principal, "changed the role", account.role.rawValue, role.rawValue, &changes) {
            $0.role = role
        }
    }

    private mutating func disable(
        _ account: Account, _ principal: Principal, _ changes: inout AccountChanges
    ) throws(Problem) -> AccountReply {
        guard !accounts.isLastAdministrator(account) else { throw .lastAdministrator }
        accounts.endSessions(of: account.id, &changes)
        accounts.dropLinks(&changes) { $0.account == account.id }
        return put(account, principal, "disabled", "", "", &changes) { $0.isDisabled = true }
    }

    private mutating func enable(
        _ account: Account, _ principal: Principal, _ changes: inout AccountChanges
    ) -> AccountReply {
        put(account, principal, "enabled", "", "", &changes) { $0.isDisabled = false }
    }

    /// A new invitation, or a way to a new password.
    private mutating func newLink(
        _ account: Account, _ principal: Principal, _ now: Moment, _ changes: inout AccountChanges
    ) throws(Problem) -> AccountReply {
        guard !account.isDisabled else { throw .conflict("The account is disabled.") }
        let purpose: EntryLink.Purpose = account.password == nil ? .invitation : .reset
        changes.note(
            AuditEvent(
                who: principal.name, from: principal.address, what: "made a link for a new password",
                on: "account \(account.name)"))
        return link(purpose, to: account, now, &changes)
    }

    private mutating func clearSecondFactor(
        _ account: Account, _ principal: Principal, _ changes: inout AccountChanges
    ) throws(Problem) -> AccountReply {
        guard account.secondFactor != nil else { throw .conflict("The account has no second factor.") }
        return put(account, principal, "removed the second factor", "", "", &changes) {
            $0.secondFactor = nil
            $0.recoveryCodes = []
        }
    }

    private mutating func put(
        _ account: Account, _ principal: Principal, _ what: String, _ before: String, _ after: String,
        _ changes: inout AccountChanges, _ change: (inout Account) -> Void
    ) -> AccountReply {
        var account = account
        change(&account)
        accounts.put(account, &changes)
        changes.note(
            AuditEvent(
                who: principal.name, from: principal.address, what: what, on: "account \(account.name)", before: before,
                after: after))
        return AccountReply(changes: changes, view: .account(AccountRow(account)))
    }
}
