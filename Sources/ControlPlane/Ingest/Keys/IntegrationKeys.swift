import FoundationEssentials
package import Response

/// Every integration and its keys: a value that is kept as the records that it hands out.
package struct IntegrationKeys: Sendable {
    package enum Refusal: Error, Hashable, Sendable {
        /// There is one of that name, or the name is empty, too long, or holds what no path may.
        case badName(String)
        case nameTaken(String)
        case unknownIntegration(String)
        case unknownKey(String)
        /// Too few random bytes, or a key's public part came twice.
        case badRandom
    }

    /// Why a key does not admit.
    package enum Denial: Error, Hashable, Sendable {
        case unknown
        case revoked
        case expired
    }

    package static let integrationKind = "integration"
    package static let keyKind = "integration-key"
    /// How much later a key's last use must be to be worth a write.
    static let useStep = Duration.seconds(60)

    /// By name.
    package private(set) var integrations: [String: Integration] = [:]
    /// By their public part.
    package private(set) var keys: [String: IntegrationKey] = [:]
    private var used: Set<String> = []

    /// - Parameter records: what is stored; other kinds are passed over, and so is what cannot be read.
    package init(_ records: some Sequence<Record> = []) {
        for record in records {
            let body = Data(record.body.utf8)
            switch record.key.kind {
            case Self.integrationKind:
                guard let one = try? JSONDecoder().decode(Integration.self, from: body) else { continue }
                integrations[one.name] = one
            case Self.keyKind:
                guard let one = try? JSONDecoder().decode(IntegrationKey.self, from: body) else { continue }
                keys[one.id] = one
            default: continue
            }
        }
    }

    // MARK: What people do

    /// Adds an integration with its first key.
    ///
    /// - Returns: the key's text, to be shown once, and the records to be saved before it is shown.
    package mutating func create(
        _ integration: Integration, random: [UInt8]
    ) throws(Refusal) -> (key: String, saves: [Record]) {
        let name = integration.name
        guard !name.isEmpty, name.utf8.count <= 100, name.utf8.allSatisfy({ $0 > 0x20 && $0 != 0x2f && $0 != 0x7f })
        else { throw .badName(name) }
        guard integrations[name] == nil else { throw .nameTaken(name) }
        let made = try make(name, by: integration.createdBy, random, integration.created)
        integrations[name] = integration
        keys[made.key.id] = made.key
        return (made.text, [Self.record(integration), Self.record(made.key)])
    }

    /// Adds or changes an integration that a file declares; its first key is made by ``rotate(_:oldUntil:by:random:now:)``.
    ///
    /// - Returns: what is to be saved; nothing where it is as it was.
    package mutating func declare(_ integration: Integration) -> [Record] {
        var declared = integration
        if let known = integrations[integration.name] {
            declared.created = known.created
            declared.createdBy = known.createdBy
        }
        guard integrations[integration.name] != declared else { return [] }
        integrations[integration.name] = declared
        return [Self.record(declared)]
    }

    /// Changes what is made of an integration's messages; its name stays.
    package mutating func change(_ integration: Integration) throws(Refusal) -> [Record] {
        guard integrations[integration.name] != nil else { throw .unknownIntegration(integration.name) }
        integrations[integration.name] = integration
        return [Self.record(integration)]
    }

    /// Gives an integration a new key; the ones that it has stay valid until a time, so that senders can be moved over.
    package mutating func rotate(
        _ integration: String, oldUntil: Moment, by: String, random: [UInt8], now: Moment
    ) throws(Refusal) -> (key: String, saves: [Record]) {
        guard integrations[integration] != nil else { throw .unknownIntegration(integration) }
        let made = try make(integration, by: by, random, now)
        var saves = [Self.record(made.key)]
        for key in keys(of: integration) where key.isValid(at: now) {
            var old = key
            old.expires = min(key.expires ?? oldUntil, oldUntil)
            keys[old.id] = old
            saves.append(Self.record(old))
        }
        keys[made.key.id] = made.key
        return (made.text, saves)
    }

    /// Ends a key at once.
    package mutating func revoke(_ id: String, now: Moment) throws(Refusal) -> [Record] {
        guard var key = keys[id] else { throw .unknownKey(id) }
        if key.revoked == nil { key.revoked = now }
        keys[id] = key
        return [Self.record(key)]
    }

    /// Takes an integration and its keys away.
    package mutating func remove(_ integration: String) throws(Refusal) -> [Record.Key] {
        guard integrations.removeValue(forKey: integration) != nil else { throw .unknownIntegration(integration) }
        var drops = [Record.Key(kind: Self.integrationKind, id: integration)]
        for key in keys(of: integration) {
            keys[key.id] = nil
            used.remove(key.id)
            drops.append(Record.Key(kind: Self.keyKind, id: key.id))
        }
        return drops
    }

    /// An integration's keys, the oldest first.
    package func keys(of integration: String) -> [IntegrationKey] {
        keys.values.filter { $0.integration == integration }.sorted { ($0.created, $0.id) < ($1.created, $1.id) }
    }

    // MARK: What senders do

    /// Whose key this is. A text is hashed and compared whether or not there is a key of that name.
    package mutating func admit(_ text: String, now: Moment) throws(Denial) -> Integration {
        let digest = IntegrationKey.digest(of: text)
        let id = IntegrationKey.id(of: text) ?? ""
        let found = keys[id]
        let isRight = (found ?? Self.nobody).matches(digest)
        guard isRight, var key = found, let integration = integrations[key.integration] else { throw .unknown }
        guard key.revoked == nil else { throw .revoked }
        guard key.isValid(at: now) else { throw .expired }
        if key.lastUsed.map({ $0 + Self.useStep <= now }) ?? true {
            key.lastUsed = now
            keys[id] = key
            used.insert(id)
        }
        return integration
    }

    /// Records of keys that were used since the last call, for the next commit that has time.
    package mutating func takeUsed() -> [Record] {
        defer { used.removeAll() }
        return used.sorted().compactMap { keys[$0].map(Self.record) }
    }

    /// Takes the word of a process that admits by a copy of these keys.
    package mutating func noteUse(_ other: IntegrationKey) {
        guard var key = keys[other.id], let used = other.lastUsed,
            key.lastUsed.map({ $0 + Self.useStep <= used }) ?? true
        else { return }
        key.lastUsed = used
        keys[key.id] = key
        self.used.insert(key.id)
    }

    /// Everything, as it is stored.
    package var records: [Record] {
        integrations.values.sorted { $0.name < $1.name }.map(Self.record)
            + keys.values.sorted { $0.id < $1.id }.map(Self.record)
    }

    private static let nobody = IntegrationKey(
        id: "", integration: "", digest: [UInt8](repeating: 0, count: 32), created: Moment(milliseconds: 0),
        createdBy: "")

    private func make(
        _ integration: String, by: String, _ random: [UInt8], _ now: Moment
    ) throws(Refusal) -> (key: IntegrationKey, text: String) {
        guard let made = IntegrationKey.make(integration: integration, by: by, random: random, now: now),
            keys[made.key.id] == nil
        else { throw .badRandom }
        return made
    }

    private static func record(_ integration: Integration) -> Record {
        Record(kind: integrationKind, id: integration.name, body: text(of: integration))
    }

    private static func record(_ key: IntegrationKey) -> Record {
        Record(kind: keyKind, id: key.id, body: text(of: key))
    }

    private static func text(of value: some Encodable) -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = .sortedKeys
        guard let data = try? encoder.encode(value) else { preconditionFailure("a record of ours is always JSON") }
        return String(decoding: data, as: UTF8.self)
    }
}
