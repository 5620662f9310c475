package import Response
package import World

/// A line of the audit log; its hash covers it and the hash of the line before.
package struct AuditLine: Sendable, Hashable {
    /// From 1.
    package let number: Int
    package let at: Moment
    package let event: AuditEvent
    /// Of the line before; 64 zeros for the first.
    package let previous: ContentHash
    package let hash: ContentHash

    init(number: Int, at: Moment, event: AuditEvent, previous: ContentHash) {
        self.number = number
        self.at = at
        self.event = event
        self.previous = previous
        let content = Self.content(number, at, event)
        hash = ContentHash(of: Array((previous.hex + "\n" + content.text).utf8))
    }

    /// What the hash covers: keys in the order of the alphabet, no blanks (RFC 8785 for what occurs here).
    private static func content(
        _ number: Int, _ at: Moment, _ event: AuditEvent, hash: ContentHash? = nil, previous: ContentHash? = nil
    ) -> JSONValue {
        var members: [JSONValue.Member] = [
            .init("after", .string(event.after)), .init("at", .number("\(at.milliseconds)")),
            .init("before", .string(event.before)), .init("from", .string(event.from)),
        ]
        if let hash { members.append(.init("hash", .string(hash.hex))) }
        members += [.init("number", .number("\(number)")), .init("on", .string(event.on))]
        if let previous { members.append(.init("previous", .string(previous.hex))) }
        members += [.init("what", .string(event.what)), .init("who", .string(event.who))]
        return .object(members)
    }

    /// As it is stored: one line of JSON.
    package var text: String { Self.content(number, at, event, hash: hash, previous: previous).text }

    /// A stored line as it stands, whether its hash is right or not; `nil` unless it is exactly what ``text`` writes for it.
    static func read(_ text: String) -> (line: AuditLine, hash: ContentHash)? {
        guard let value = JSONValue(parsing: Array(text.utf8)), case .number(let digits)? = value["number"],
            let number = Int(digits), case .number(let instant)? = value["at"], let at = Int(instant),
            let previous = value["previous"]?.string.flatMap(ContentHash.init(hex:)),
            let hash = value["hash"]?.string.flatMap(ContentHash.init(hex:)),
            let who = value["who"]?.string, let from = value["from"]?.string, let what = value["what"]?.string,
            let on = value["on"]?.string, let before = value["before"]?.string, let after = value["after"]?.string
        else { return nil }
        let event = AuditEvent(who: who, from: from, what: what, on: on, before: before, after: after)
        let line = AuditLine(number: number, at: Moment(milliseconds: at), event: event, previous: previous)
        guard content(number, line.at, event, hash: hash, previous: previous).text == text else { return nil }
        return (line, hash)
    }
}
