import NIOCore
import Response
import World

/// Silences in Alertmanager's JSON.
enum SilenceText {
    /// Reads the body of `POST /api/v2/silences`; what it asks of a body before it looks at its meaning comes in the order of
    /// go-openapi.
    static func read(_ body: ByteBuffer) -> Result<SilenceWish, AlertText.Fault> {
        let bytes = Array(body.readableBytesView)
        if bytes.allSatisfy({ $0 == 0x20 || $0 == 0x0a || $0 == 0x0d || $0 == 0x09 }) {
            return .failure(.unprocessable(code: 602, "silence in body is required"))
        }
        guard let value = JSONValue(parsing: bytes), case .object = value else {
            return .failure(.unreadable("the body is no object in JSON"))
        }
        do throws(AlertText.Fault) {
            return .success(try wish(value))
        } catch {
            return .failure(error)
        }
    }

    private static func wish(_ value: JSONValue) throws(AlertText.Fault) -> SilenceWish {
        let comment = try text(value, "comment")
        let owner = try text(value, "createdBy")
        let end = try moment(value, "endsAt")
        let list = try matchers(value)
        let start = try moment(value, "startsAt")
        let id = try text(value, "id")
        guard let comment else { throw missing("comment") }
        guard let owner else { throw missing("createdBy") }
        guard let end else { throw missing("endsAt") }
        guard let list else { throw missing("matchers") }
        guard !list.isEmpty else {
            throw .unprocessable(code: 612, "matchers in body should have at least 1 items")
        }
        for (index, matcher) in list.enumerated() {
            guard matcher.isRegex != nil else { throw missing("matchers.\(index).isRegex") }
            guard matcher.name != nil else { throw missing("matchers.\(index).name") }
            guard matcher.value != nil else { throw missing("matchers.\(index).value") }
        }
        guard let start else { throw missing("startsAt") }
        var made: [Matcher] = []
        for (index, matcher) in list.enumerated() {
            let name = matcher.name ?? ""
            guard AlertRules.isLabelName(name) else {
                throw .invalid(
                    "silence invalid: invalid label matcher \(index): invalid label name \(AlertRules.quoted(name))")
            }
            let pattern = matcher.value ?? ""
            do throws(Matcher.Problem) {
                made.append(try Matcher(name, matcher.way, pattern))
            } catch {
                throw .invalid(
                    "silence invalid: invalid label matcher \(index): invalid regular expression "
                        + "\(AlertRules.quoted(pattern)): \(error)")
            }
        }
        return SilenceWish(
            id: id ?? "", matchers: made, start: start, end: end, owner: owner, reason: comment)
    }

    private struct MatcherText {
        var name: String?
        var value: String?
        var isRegex: Bool?
        var isEqual = true

        var way: Matcher.Way {
            switch (isEqual, isRegex ?? false) {
            case (true, false): .equals
            case (false, false): .differs
            case (true, true): .matches
            case (false, true): .matchesNot
            }
        }
    }

    private static func missing(_ name: String) -> AlertText.Fault {
        .unprocessable(code: 602, "\(name) in body is required")
    }

    private static func matchers(_ value: JSONValue) throws(AlertText.Fault) -> [MatcherText]? {
        switch value["matchers"] {
        case nil, .null?: return nil
        case .array(let list)?:
            var found: [MatcherText] = []
            for entry in list {
                guard case .object = entry else { throw .unreadable("matchers holds something else than objects") }
                found.append(
                    MatcherText(
                        name: try text(entry, "name"), value: try text(entry, "value"),
                        isRegex: try flag(entry, "isRegex"), isEqual: try flag(entry, "isEqual") ?? true))
            }
            return found
        default: throw .unreadable("matchers is no list")
        }
    }

    private static func text(_ value: JSONValue, _ key: String) throws(AlertText.Fault) -> String? {
        switch value[key] {
        case nil, .null?: return nil
        case .string(let text)?: return text
        default: throw .unreadable("\(key) is no text")
        }
    }

    private static func flag(_ value: JSONValue, _ key: String) throws(AlertText.Fault) -> Bool? {
        switch value[key] {
        case nil, .null?: return nil
        case .bool(let flag)?: return flag
        default: throw .unreadable("\(key) is neither true nor false")
        }
    }

    private static func moment(_ value: JSONValue, _ key: String) throws(AlertText.Fault) -> Moment? {
        guard var text = try text(value, key) else { return nil }
        let outcome = text.withUTF8 { InstantText.read(UnsafeRawBufferPointer($0)) }
        switch outcome {
        case .moment(let moment): return moment
        case .none, .unreadable: throw .unreadable("\(key) is no date-time: \(text)")
        }
    }

    /// Writes a silence as `GET /api/v2/silences` shows it.
    static func write(_ silence: Silence, now: Moment, to writer: inout JSONWriter) {
        writer.object { writer in
            writer.key("id")
            writer.write(silence.id)
            writer.key("status")
            writer.object { writer in
                writer.key("state")
                writer.write(silence.state(at: now).rawValue)
            }
            writer.key("updatedAt")
            writer.write(silence.updatedAt)
            writer.key("comment")
            writer.write(silence.reason)
            writer.key("createdBy")
            writer.write(silence.owner)
            writer.key("endsAt")
            writer.write(silence.end)
            writer.key("matchers")
            writer.array { writer in
                for matcher in silence.matchers {
                    writer.object { writer in
                        writer.key("isEqual")
                        writer.write(matcher.way == .equals || matcher.way == .matches)
                        writer.key("isRegex")
                        writer.write(matcher.way == .matches || matcher.way == .matchesNot)
                        writer.key("name")
                        writer.write(matcher.name)
                        writer.key("value")
                        writer.write(matcher.value)
                    }
                }
            }
            writer.key("startsAt")
            writer.write(silence.start)
        }
    }

    /// The order of `GET /api/v2/silences`: active ones first, the next to end before the others; then pending ones as they
    /// begin; then ended ones, the latest first.
    static func isListed(_ one: Silence, before other: Silence, now: Moment) -> Bool {
        func rank(_ state: Silence.State) -> Int {
            switch state {
            case .active: 0
            case .pending: 1
            case .expired: 2
            }
        }
        let (mine, theirs) = (one.state(at: now), other.state(at: now))
        if mine != theirs { return rank(mine) < rank(theirs) }
        switch mine {
        case .active: return (one.end, one.id) < (other.end, other.id)
        case .pending: return (one.start, one.id) < (other.start, other.id)
        case .expired: return (other.end, other.id) < (one.end, one.id)
        }
    }
}
