import FoundationEssentials
import GRDB
import Response
import World

extension Alert {
    init(row: Row) throws {
        self.init(
            labels: LabelSet(try StoredPart.dictionary(row["labels"])),
            annotations: Annotations(try StoredPart.dictionary(row["annotations"])),
            startsAt: Moment(milliseconds: row["starts_at"]), endsAt: Moment(milliseconds: row["ends_at"]),
            endIsAssumed: row["end_is_assumed"], updatedAt: Moment(milliseconds: row["updated_at"]),
            source: row["source"], generatorURL: row["generator_url"],
            receivedAt: Moment(milliseconds: row["received_at"]))
        endedAt = (row["ended_at"] as Int?).map { Moment(milliseconds: $0) }
        let again: String = row["began_again"]
        beganAgain = again.split(separator: " ").compactMap { Int($0) }.map { Moment(milliseconds: $0) }
    }

    func arguments(row: Int64) -> StatementArguments {
        var labels = JSONWriter()
        labels.write(self.labels)
        var annotations = JSONWriter()
        annotations.write(self.annotations)
        return [
            row, labels.text, annotations.text, generatorURL, source, startsAt.milliseconds, endsAt.milliseconds,
            endIsAssumed, updatedAt.milliseconds, receivedAt.milliseconds, endedAt?.milliseconds,
            beganAgain.isEmpty ? "" : beganAgain.map { "\($0.milliseconds)" }.joined(separator: " "),
        ]
    }
}

/// Parts as JSON.
enum StoredPart {
    struct Unreadable: Error, CustomStringConvertible {
        var text: String
        var description: String { "a stored value cannot be read: \(text.prefix(200))" }
    }

    static func text(_ part: Part) throws -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys]
        return String(decoding: try encoder.encode(part), as: UTF8.self)
    }

    static func read(_ text: String) throws -> Part {
        do {
            return try JSONDecoder().decode(Part.self, from: Data(text.utf8))
        } catch {
            throw Unreadable(text: text)
        }
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
