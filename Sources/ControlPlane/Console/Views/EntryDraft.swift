import Response
import Spec
import World

/// A person's entry as a form shows it: one line of text for each thing.
struct EntryDraft: Sendable, Hashable {
    var email = ""
    var phone = ""
    var slack = ""
    var language = Person.Language.english.rawValue
    var zone = "UTC"
    /// `sms, call 2m`; empty for the usual order.
    var order: [Level: String] = [:]
    /// `22:00-07:00; sat,sun`; empty for none.
    var quiet = ""
    var below = Level.critical

    /// What holds now.
    init(_ card: ContactCard) {
        func address(_ kinds: Channel.Kind...) -> String {
            card.contacts.first { kinds.contains($0.kind) }?.address ?? ""
        }
        email = address(.email)
        phone = address(.sms, .call)
        slack = address(.slack)
        language = card.language.rawValue
        for (level, steps) in card.order {
            order[level] = steps.map { step in
                let contact = step.contact
                let isOwn =
                    switch contact.kind {
                    case .email: contact.address == email
                    case .sms, .call: contact.address == phone
                    case .slack: contact.address == slack
                    case .pagerduty, .webhook: contact.address == "default"
                    case .push: false
                    }
                return (isOwn ? contact.kind.rawValue : contact.description)
                    + (step.after > .zero ? " " + Self.text(step.after) : "")
            }.joined(separator: ", ")
        }
        guard let quiet = card.quiet else { return }
        zone = quiet.hours.zone.name
        below = quiet.breakThrough
        self.quiet = quiet.hours.hours.map {
            WeekHours(weekdays: $0.weekdays, from: $0.from / 60, to: $0.to / 60).text
        }.joined(separator: "; ")
    }

    init(_ form: QueryText) {
        func field(_ name: String) -> String { Self.trimmed(form.first(name) ?? "") }
        email = field("email")
        phone = field("phone")
        slack = field("slack")
        language = field("language")
        zone = field("zone")
        quiet = field("quiet")
        below = Level(rawValue: field("below")) ?? .critical
        for level in Level.allCases { order[level] = field("order-\(level.rawValue)") }
    }

    /// As it stands below `people.NAME` in hauban.yaml, as JSON; what is empty is left out.
    var json: JSONValue {
        var members: [JSONValue.Member] = []
        for (name, value) in [("email", email), ("phone", phone), ("slack", slack)] where !value.isEmpty {
            members.append(.init(name, .string(value)))
        }
        let levels = Level.allCases.compactMap { level -> JSONValue.Member? in
            let ways = Self.parts(order[level] ?? "", ",").map(Self.way)
            return ways.isEmpty ? nil : .init(level.rawValue, .array(ways))
        }
        if !levels.isEmpty { members.append(.init("order", .object(levels))) }
        let hours = Self.parts(quiet, ";")
        if !hours.isEmpty {
            members.append(
                .init(
                    "quiet",
                    .object([
                        .init("hours", .array(hours.map { .string($0) })), .init("below", .string(below.rawValue)),
                    ])))
        }
        if !zone.isEmpty { members.append(.init("zone", .string(zone))) }
        if !language.isEmpty { members.append(.init("language", .string(language))) }
        return .object(members)
    }

    /// `call 2m`, `call after 2m`: the first word is the way, the last when.
    private static func way(_ text: String) -> JSONValue {
        let words = text.split(separator: " ")
        guard words.count > 1, let by = words.first, let after = words.last else { return .string(text) }
        return .object([.init("by", .string(String(by))), .init("after", .string(String(after)))])
    }

    private static func parts(_ text: String, _ separator: Character) -> [String] {
        text.split(separator: separator).map { trimmed(String($0)) }.filter { !$0.isEmpty }
    }

    private static func trimmed(_ text: String) -> String {
        let start = text.drop { $0.isWhitespace }
        return String(start.reversed().drop { $0.isWhitespace }.reversed())
    }

    private static func text(_ length: Duration) -> String {
        let seconds = length.milliseconds / 1000
        if seconds % 3600 == 0 { return "\(seconds / 3600)h" }
        return seconds % 60 == 0 ? "\(seconds / 60)m" : "\(seconds)s"
    }
}
