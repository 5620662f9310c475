import Response
package import World

/// The bearer tokens of the API. A value like ``Accounts``.
package struct APITokens: Sendable {
    private var tokens: [ContentHash: APIToken] = [:]
    private var touched: Set<ContentHash> = []

    static let prefix = "hbt_"

    /// - Parameter records: those of other kinds are passed over.
    /// - Throws: `WorldError` with `store-corrupt`
    package init(_ records: some Sequence<Record> = []) throws(WorldError) {
        for record in records where record.key.kind == APIToken.kind {
            let token: APIToken = try AccountChanges.read(record)
            tokens[token.hash] = token
        }
    }

    package var all: [APIToken] { tokens.values.sorted { ($0.createdAt, $0.id) < ($1.createdAt, $1.id) } }

    func owned(by account: String) -> [APIToken] { all.filter { $0.owner == account } }

    /// - Returns: the token, shown this once.
    mutating func make(
        _ name: String, owner: String, scopes: Set<Permission>, expiresAt: Moment?, _ random: RandomBytes,
        _ now: Moment,
        _ changes: inout AccountChanges
    ) -> (Secret, APIToken) {
        let secret = random.secret(prefix: Self.prefix)
        let token = APIToken(
            id: random.id(), hash: ContentHash(of: secret), name: name, owner: owner, scopes: scopes, createdAt: now,
            expiresAt: expiresAt)
        tokens[token.hash] = token
        changes.save(token)
        return (secret, token)
    }

    /// The token, if it is good now; it counts as used, to the minute.
    mutating func use(_ secret: Secret, _ now: Moment) -> APIToken? {
        let hash = ContentHash(of: secret)
        guard var token = tokens[hash], token.expiresAt.map({ now < $0 }) ?? true else { return nil }
        if token.lastUsedAt.map({ now - $0 >= .seconds(60) }) ?? true {
            token.lastUsedAt = now
            tokens[hash] = token
            touched.insert(hash)
        }
        return token
    }

    mutating func revoke(_ token: APIToken, _ changes: inout AccountChanges) {
        tokens[token.hash] = nil
        touched.remove(token.hash)
        changes.drop(APIToken.kind, token.id)
    }

    mutating func revoke(ownedBy account: String, _ changes: inout AccountChanges) {
        for token in owned(by: account) { revoke(token, &changes) }
    }

    /// Once a minute: what was used since.
    mutating func sweep(_ changes: inout AccountChanges) {
        for hash in touched.sorted() { if let token = tokens[hash] { changes.save(token) } }
        touched = []
    }
}
