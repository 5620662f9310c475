package import Response
package import World

/// For who holds the machine, when nobody else can help: a link by which the owner of an account comes in again.
package enum AccountRescue {
    /// Where such a link leads, below the control plane's address.
    package static func path(_ token: Secret) -> String { "/invitation?token=\(token.exposed)" }

    /// Makes one while no control plane runs: the store is the caller's alone.
    ///
    /// - Throws: `WorldError`: `not-found`, `conflict`, and those of the store.
    package static func link(for name: String, in store: any Store, now: Moment) async throws -> LinkView {
        let stored = try await store.load()
        var accounts = try Accounts(stored.records)
        var changes = AccountChanges()
        let view: LinkView
        do throws(Problem) {
            view = try accounts.rescueLink(name, now, &changes)
        } catch {
            throw WorldError(
                code: error.word, operation: "rescue the account \(name)", underlying: error.detail,
                hint: "The console lists the accounts under People.")
        }
        var batch = StoreBatch()
        batch.records = changes.saves
        batch.droppedRecords = changes.drops
        let resumed = AuditDesk.resume(stored)
        var chain = resumed.chain
        batch.audit = chain.append((resumed.event.map { [$0] } ?? []) + changes.events, at: now).map { line in
            AuditEntry(number: line.number, body: line.text)
        }
        batch.records.append(AuditDesk.record(chain))
        try await store.commit(batch)
        return view
    }
}

extension Accounts {
    /// As ``rescue(_:_:_:)``, and why there is no link.
    mutating func rescueLink(
        _ name: String, _ now: Moment, _ changes: inout AccountChanges
    ) throws(Problem) -> LinkView {
        guard let account = account(named: name.lowercased()) else { throw .notFound("There is no account \(name).") }
        guard let token = rescue(name, now, &changes) else {
            throw .conflict("The account is disabled, and somebody else can administer: they can enable it.")
        }
        return LinkView(purpose: .reset, account: account.name, token: token, expiresAt: now + settings.setUp)
    }
}
