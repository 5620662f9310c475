import FoundationEssentials
import World

/// What an operation leaves to be written before it is answered.
package struct AccountChanges: Sendable {
    package var saves: [Record] = []
    package var drops: [Record.Key] = []
    /// For the audit log, in this order.
    package var events: [AuditEvent] = []

    package init() {}

    package var isEmpty: Bool { saves.isEmpty && drops.isEmpty && events.isEmpty }

    mutating func save(_ account: Account) { save(account, Account.kind, account.id) }
    mutating func save(_ session: Session) { save(session, Session.kind, session.id.hex) }
    mutating func save(_ link: EntryLink) { save(link, EntryLink.kind, link.id.hex) }
    mutating func save(_ token: APIToken) { save(token, APIToken.kind, token.id) }

    /// The last change of a key is the one that is kept.
    private mutating func save(_ value: some Encodable, _ kind: String, _ id: String) {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys]
        guard let body = try? encoder.encode(value) else {
            preconditionFailure("a \(kind) holds only what JSON can hold")
        }
        let record = Record(kind: kind, id: id, body: String(decoding: body, as: UTF8.self))
        saves.removeAll { $0.key == record.key }
        drops.removeAll { $0 == record.key }
        saves.append(record)
    }

    mutating func drop(_ kind: String, _ id: String) {
        let key = Record.Key(kind: kind, id: id)
        saves.removeAll { $0.key == key }
        if !drops.contains(key) { drops.append(key) }
    }

    mutating func note(_ event: AuditEvent) { events.append(event) }

    static func read<Value: Decodable>(_ record: Record) throws(WorldError) -> Value {
        do {
            return try JSONDecoder().decode(Value.self, from: Data(record.body.utf8))
        } catch {
            throw WorldError(
                code: "store-corrupt", operation: "read the \(record.key.kind) \(record.key.id.prefix(16))",
                underlying: "its text is not what this version wrote",
                hint: "Put a backup of the store in its place.")
        }
    }
}
