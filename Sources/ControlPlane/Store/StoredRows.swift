import GRDB
import Response
import World

extension StoredAlert {
    init(row: Row) throws {
        let alert = Alert(
            labels: LabelSet(try StoredText.dictionary(row["labels"])),
            annotations: try StoredText.dictionary(row["annotations"]),
            startsAt: Moment(milliseconds: row["starts_at"]), endsAt: Moment(milliseconds: row["ends_at"]),
            endIsAssumed: row["end_is_assumed"], updatedAt: Moment(milliseconds: row["updated_at"]),
            source: row["source"], generatorURL: row["generator_url"])
        self.init(alert, isOver: row["is_over"])
    }

    func arguments(row: Int64) -> StatementArguments {
        var labels = JSONWriter()
        labels.write(alert.labels)
        var annotations = JSONWriter()
        annotations.write(alert.annotations)
        return [
            row, labels.text, annotations.text, alert.generatorURL, alert.source, alert.startsAt.milliseconds,
            alert.endsAt.milliseconds, alert.endIsAssumed, isOver, alert.updatedAt.milliseconds,
        ]
    }
}

extension StoredSilence {
    init(row: Row) throws {
        let text: String = row["matchers"]
        guard case .array(let list) = JSONValue(parsing: Array(text.utf8)) else {
            throw StoredText.Unreadable(text: text)
        }
        let matchers = try list.map { value in
            guard let name = value["name"]?.string, let pattern = value["value"]?.string,
                let way = value["way"]?.string.flatMap(Matcher.Way.init)
            else { throw StoredText.Unreadable(text: text) }
            return try Matcher(name, way, pattern)
        }
        let start = Moment(milliseconds: row["starts_at"])
        let end = Moment(milliseconds: row["ends_at"])
        // Made as it was when it was new; one that was ended before it began has its end at its start.
        var silence = try Silence(
            id: row["id"], matchers: matchers, start: start, end: max(end, start + .milliseconds(1)),
            owner: row["owner"], reason: row["reason"], now: start - .milliseconds(1), limit: .seconds(.max / 1000))
        silence.end = end
        self.init(silence, updatedAt: Moment(milliseconds: row["updated_at"]))
    }

    var arguments: StatementArguments {
        let matchers = JSONValue.array(
            silence.matchers.map { matcher in
                .object([
                    .init("name", .string(matcher.name)), .init("way", .string(matcher.way.rawValue)),
                    .init("value", .string(matcher.value)),
                ])
            })
        return [
            silence.id, matchers.text, silence.start.milliseconds, silence.end.milliseconds, silence.owner,
            silence.reason, updatedAt.milliseconds,
        ]
    }
}

/// Stored JSON, read back.
enum StoredText {
    struct Unreadable: Error, CustomStringConvertible {
        var text: String
        var description: String { "a stored value cannot be read: \(text.prefix(200))" }
    }

    static func dictionary(_ text: String) throws -> [String: String] {
        guard case .object(let members) = JSONValue(parsing: Array(text.utf8)) else { throw Unreadable(text: text) }
        return try Dictionary(
            members.map { member in
                guard let value = member.value.string else { throw Unreadable(text: text) }
                return (member.key, value)
            }, uniquingKeysWith: { $1 })
    }
}
