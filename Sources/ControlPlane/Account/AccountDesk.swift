import Crypto
import NIOCore
import Response
import World

/// Knows who asks, and answers requests about accounts, with what they change written before.
///
/// Belongs to one event loop. Passwords are hashed on a thread of their own.
final class AccountDesk {
    private var authority: Authority
    private let commits: CommitQueue
    private let audit: AuditDesk
    private let now: () -> Moment
    private let passwords: PasswordThread
    /// What programs of this machine show that can read our folder; `nil`: nothing.
    private let local: Secret?

    init(
        _ authority: Authority, local: Secret?, commits: CommitQueue, audit: AuditDesk, loop: any EventLoop,
        now: @escaping () -> Moment
    ) {
        self.authority = authority
        self.local = local
        self.commits = commits
        self.audit = audit
        passwords = PasswordThread(loop: loop)
        self.now = now
    }

    /// Who asks, and that they may do this.
    func judge(_ request: APIRequest, needs permission: Permission) throws(Problem) -> Principal {
        if let principal = localPrincipal(request) { return principal }
        return try authority.judge(request, needs: permission, now())
    }

    /// Who asks; `nil`: nobody that is known.
    func principal(_ request: APIRequest) -> Principal? {
        if let principal = localPrincipal(request) { return principal }
        do throws(Problem) { return try authority.judge(request, now()) } catch { return nil }
    }

    /// Whether a form that changes nothing of ours is none of our own: another site's, or without what its session proves.
    func isForged(_ request: APIRequest) -> Bool {
        do throws(Problem) {
            try Authority.refuseOtherSites(request, authority.listener.client(of: request))
        } catch { return true }
        guard localPrincipal(request) == nil else { return false }
        do throws(Problem) {
            _ = try authority.judge(request, now())
            return false
        } catch { return error.word == Problem.forged.word }
    }

    /// Whether the token of this machine's programs came from this machine.
    private func localPrincipal(_ request: APIRequest) -> Principal? {
        guard let local, let field = request.field("authorization"), field.lowercased().hasPrefix("bearer "),
            authority.listener.client(of: request).isLocal
        else { return nil }
        let shown = SHA256.hash(data: Array(field.dropFirst(7).utf8))
        guard shown == SHA256.hash(data: Array(local.exposed.utf8)) else { return nil }
        let name = request.field("x-hauban-user").flatMap { $0.isEmpty ? nil : String($0.prefix(100)) } ?? "local"
        return Principal(
            account: "local", name: name, role: .administrator, scopes: nil, session: nil, token: nil,
            address: authority.listener.client(of: request).address)
    }

    /// Whose tokens let them do this, for a role that goes on answering while this one is away.
    func readers(_ permission: Permission) -> [OnCallCopy.Reader] {
        var all = authority.tokens.all.compactMap { token -> OnCallCopy.Reader? in
            guard let owner = authority.accounts.accounts[token.owner], owner.isActive else { return nil }
            let principal = Principal(
                account: owner.id, name: owner.name, role: owner.role, scopes: token.scopes, session: nil,
                token: token.id, address: "")
            guard principal.may(permission) else { return nil }
            return .init(hash: token.hash, name: owner.name, expires: token.expiresAt, isLocal: false)
        }
        if let local { all.append(.init(hash: ContentHash(of: local), name: "local", expires: nil, isLocal: true)) }
        return all
    }

    func hasSecondFactor(_ account: String) -> Bool { authority.accounts.accounts[account]?.secondFactor != nil }

    /// Every account, as administrators see it.
    var rows: [AccountRow] { authority.accounts.all.map { AccountRow($0) } }

    func sessions(of account: String, this: Principal.Session) -> [SessionView] {
        authority.sessions(of: account, this: this, now())
    }

    func tokens(of principal: Principal) -> [TokenView] { authority.tokens(seenBy: principal) }

    /// Nobody can administer yet.
    var needsSetUp: Bool { authority.accounts.needsSetUp }

    /// The link that a start prints while nobody can administer.
    func openSetUp() -> Secret? {
        var changes = AccountChanges()
        let link = authority.accounts.openSetUp(now(), &changes)
        write(changes)
        return link
    }

    /// Refuses what waits for a password to be hashed; when that is done, only commits are left to wait for.
    func stop() -> EventLoopFuture<Void> { passwords.stop() }

    /// Once a minute.
    func sweep() { write(authority.sweep(now())) }

    /// Answers a request about accounts.
    ///
    /// - Parameter route: the path's segments after the prefix.
    /// - Returns: whether it is about accounts; only then it is answered.
    func handle(_ request: APIRequest, _ route: [String], _ answer: @escaping (AccountReply) -> Void) -> Bool {
        if route.count == 3, route[0] == "accounts", route[2] == "rescue", localPrincipal(request) != nil {
            rescue(request, route[1], answer)
            return true
        }
        guard let outcome = authority.handle(request, route, now()) else { return false }
        switch outcome {
        case .reply(let reply): finish(reply, answer)
        case .hashing(let work, let step):
            let isTaken = passwords.perform(work) { [self] result in
                finish(authority.resume(step, result, now()), answer)
            }
            if !isTaken { finish(authority.abandon(step, now()), answer) }
        }
        return true
    }

    /// For this machine's own programs only: they can read our folder, and could do it without us.
    private func rescue(_ request: APIRequest, _ name: String, _ answer: @escaping (AccountReply) -> Void) {
        var changes = AccountChanges()
        let view: AccountView
        do throws(Problem) {
            guard request.method == "POST" else { throw Authority.wrongMethod("POST") }
            view = .link(try authority.accounts.rescueLink(name, now(), &changes))
        } catch {
            view = .refused(error)
        }
        finish(AccountReply(changes: changes, view: view, status: 201), answer)
    }

    private func finish(_ reply: AccountReply, _ answer: @escaping (AccountReply) -> Void) {
        guard !reply.changes.isEmpty else { return answer(reply) }
        write(reply.changes)
        commits.afterCommit { result in
            switch result {
            case .success: answer(reply)
            case .failure(let error):
                let problem = Problem.tryLater("it cannot be written: \(error)", status: 503, seconds: 5)
                answer(AccountReply(changes: AccountChanges(), view: .refused(problem)))
            }
        }
    }

    private func write(_ changes: AccountChanges) {
        for record in changes.saves { commits.save(record) }
        for key in changes.drops { commits.drop(key) }
        for event in changes.events { audit.note(event) }
    }
}
