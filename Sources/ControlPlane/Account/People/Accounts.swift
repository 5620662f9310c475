package import Response
package import World

/// The accounts, their sessions and the links by which they came.
///
/// A value that one event loop holds. Operations change it and hand out what is to be written; the caller writes it before it
/// answers.
package struct Accounts: Sendable {
    /// A password was right, and the second factor's code is awaited. In memory only.
    struct Challenge: Sendable {
        var account: String
        var password: PasswordHash
        var expiresAt: Moment
        var tries = 0
    }

    /// A secret whose first code is awaited. In memory only.
    struct Enrolment: Sendable {
        var code: OneTimeCode
        var session: ContentHash
        var expiresAt: Moment
    }

    let settings: AccountSettings
    let random: RandomBytes
    private(set) var accounts: [String: Account] = [:]
    private var idsByName: [String: String] = [:]
    private(set) var sessions: [ContentHash: Session] = [:]
    private(set) var links: [ContentHash: EntryLink] = [:]
    var challenges: [ContentHash: Challenge] = [:]
    var enrolments: [String: Enrolment] = [:]
    package var lockout = Lockout()
    /// Sessions whose last use is not written yet, or whose time is up.
    private var touched: Set<ContentHash> = []
    /// What a password is tried on where there is none, so that both take the same time.
    let nobody: PasswordHash

    /// - Parameter records: those of other kinds are passed over.
    /// - Throws: `WorldError` with `store-corrupt`
    package init(
        _ records: some Sequence<Record> = [], settings: AccountSettings = AccountSettings(),
        random: RandomBytes = .live
    ) throws(WorldError) {
        self.settings = settings
        self.random = random
        nobody = PasswordHash(
            cost: settings.cost, salt: random.take(PasswordHash.saltBytes), key: random.take(PasswordHash.keyBytes))
        for record in records {
            switch record.key.kind {
            case Account.kind:
                let account: Account = try AccountChanges.read(record)
                accounts[account.id] = account
                idsByName[account.name] = account.id
            case Session.kind:
                let session: Session = try AccountChanges.read(record)
                sessions[session.id] = session
            case EntryLink.kind:
                let link: EntryLink = try AccountChanges.read(record)
                links[link.id] = link
            default: continue
            }
        }
    }

    package var all: [Account] { accounts.values.sorted { $0.name < $1.name } }

    package func account(named name: String) -> Account? { idsByName[name].flatMap { accounts[$0] } }

    package func account(id: String) -> Account? { accounts[id] }

    /// Nobody can administer yet: the set-up link is the only way in.
    package var needsSetUp: Bool { !accounts.values.contains { $0.role == .administrator && $0.isActive } }

    func isLastAdministrator(_ account: Account) -> Bool {
        account.role == .administrator && account.isActive
            && !accounts.values.contains { $0.id != account.id && $0.role == .administrator && $0.isActive }
    }

    mutating func put(_ account: Account, _ changes: inout AccountChanges) {
        accounts[account.id] = account
        idsByName[account.name] = account.id
        changes.save(account)
    }

    mutating func remove(_ account: Account, _ changes: inout AccountChanges) {
        endSessions(of: account.id, &changes)
        dropLinks(&changes) { $0.account == account.id }
        challenges = challenges.filter { $0.value.account != account.id }
        enrolments[account.id] = nil
        accounts[account.id] = nil
        idsByName[account.name] = nil
        changes.drop(Account.kind, account.id)
    }

    // MARK: Links

    /// What a start prints while nobody can administer; a link of an earlier start is good no more.
    ///
    /// - Returns: `nil` where there is an administrator.
    package mutating func openSetUp(_ now: Moment, _ changes: inout AccountChanges) -> Secret? {
        dropLinks(&changes) { $0.purpose == .setUp }
        guard needsSetUp else { return nil }
        changes.note(AuditEvent(who: "hauban", from: "", what: "opened the set-up", on: "accounts"))
        return makeLink(.setUp, account: nil, lasting: settings.setUp, now, &changes)
    }

    /// For the one who holds the machine, when nobody else can help: a link to a new password, without the second factor.
    ///
    /// - Returns: `nil` where there is no such account, or it is disabled and somebody else can administer.
    package mutating func rescue(_ name: String, _ now: Moment, _ changes: inout AccountChanges) -> Secret? {
        guard var account = account(named: name.lowercased()), !account.isDisabled || needsSetUp else { return nil }
        account.isDisabled = false
        account.secondFactor = nil
        account.recoveryCodes = []
        put(account, &changes)
        dropLinks(&changes) { $0.account == account.id }
        changes.note(
            AuditEvent(
                who: "hauban", from: "", what: "was told on this machine to make a link for a new password",
                on: "account \(account.name)", after: "without the second factor"))
        return makeLink(.reset, account: account.id, lasting: settings.setUp, now, &changes)
    }

    mutating func makeLink(
        _ purpose: EntryLink.Purpose, account: String?, lasting: Duration, _ now: Moment,
        _ changes: inout AccountChanges
    ) -> Secret {
        let token = random.secret()
        let link = EntryLink(
            id: ContentHash(of: token), purpose: purpose, account: account, expiresAt: now + lasting)
        links[link.id] = link
        changes.save(link)
        return token
    }

    /// The link of a token, if it is good now.
    package func link(_ token: Secret, _ now: Moment) -> EntryLink? { link(ContentHash(of: token), now) }

    func link(_ id: ContentHash, _ now: Moment) -> EntryLink? {
        guard let link = links[id], now < link.expiresAt else { return nil }
        switch link.purpose {
        case .setUp: return needsSetUp ? link : nil
        case .invitation, .reset:
            guard let account = link.account.flatMap({ accounts[$0] }), !account.isDisabled else { return nil }
            return link
        }
    }

    mutating func dropLinks(_ changes: inout AccountChanges, where isGone: (EntryLink) -> Bool) {
        for link in links.values where isGone(link) {
            links[link.id] = nil
            changes.drop(EntryLink.kind, link.id.hex)
        }
    }

    // MARK: Sessions

    /// Signs a browser in.
    ///
    /// - Returns: the value of its cookie.
    mutating func openSession(
        _ account: Account, _ client: Client, agent: String, _ now: Moment, _ changes: inout AccountChanges
    ) -> Secret {
        let token = random.secret()
        let own = sessions(of: account.id)
        for session in own.dropLast(max(0, settings.sessions - 1)) { endSession(session.id, &changes) }
        let session = Session(
            id: ContentHash(of: token), account: account.id, createdAt: now, seenAt: now, address: client.address,
            agent: String(agent.prefix(200)))
        sessions[session.id] = session
        changes.save(session)
        return token
    }

    /// Those of an account, the one that was idle longest first.
    package func sessions(of account: String) -> [Session] {
        sessions.values.filter { $0.account == account }
            .sorted { ($0.seenAt, $0.createdAt, $0.id) < ($1.seenAt, $1.createdAt, $1.id) }
    }

    /// The session of a cookie, with its account, if both are good now; it counts as used.
    mutating func useSession(_ token: Secret, _ now: Moment) -> (Session, Account)? {
        let id = ContentHash(of: token)
        guard var session = sessions[id], let account = accounts[session.account], account.isActive else { return nil }
        guard isAlive(session, now) else {
            touched.insert(id)
            return nil
        }
        if now - session.seenAt >= .seconds(60) {
            session.seenAt = now
            sessions[id] = session
            touched.insert(id)
        }
        return (session, account)
    }

    func isAlive(_ session: Session, _ now: Moment) -> Bool {
        now - session.seenAt < settings.idle && now - session.createdAt < settings.longest
    }

    mutating func endSession(_ id: ContentHash, _ changes: inout AccountChanges) {
        guard sessions.removeValue(forKey: id) != nil else { return }
        touched.remove(id)
        changes.drop(Session.kind, id.hex)
    }

    @discardableResult
    mutating func endSessions(
        of account: String, but kept: ContentHash? = nil, _ changes: inout AccountChanges
    ) -> Int {
        let ended = sessions(of: account).filter { $0.id != kept }
        for session in ended { endSession(session.id, &changes) }
        return ended.count
    }

    /// Once a minute: what was used since, and what is over.
    mutating func sweep(_ now: Moment, _ changes: inout AccountChanges) {
        for session in sessions.values {
            if !isAlive(session, now) {
                endSession(session.id, &changes)
            } else if touched.contains(session.id) {
                changes.save(session)
            }
        }
        touched = []
        dropLinks(&changes) { now >= $0.expiresAt }
        challenges = challenges.filter { now < $0.value.expiresAt }
        enrolments = enrolments.filter { now < $0.value.expiresAt }
        lockout.sweep(now)
    }
}
