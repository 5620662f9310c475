/// A way of telling somebody: `sms`, `slack:#alerts`.
package struct Channel: Sendable, Hashable {
    package enum Kind: String, CaseIterable, Sendable, Hashable, Codable {
        case pagerduty, sms, call, email, slack, webhook, push
    }

    package var kind: Kind
    /// Where; each person's own when absent.
    package var address: String?

    package init(kind: Kind, address: String?) {
        self.kind = kind
        self.address = address
    }

    static let shape: Shape<Channel> = scalar("a channel", examples: ["sms", "slack:#alerts"], placesOnly: true)

    /// One of a person's own ways: `slack` alone is their handle.
    static let ownShape: Shape<Channel> = scalar("a way", examples: ["sms", "slack"], placesOnly: false)

    private static func scalar(_ kind: String, examples: [String], placesOnly: Bool) -> Shape<Channel> {
        .scalar(
            kind, pattern: "^(pagerduty|sms|call|email|slack|webhook|push)(:.+)?$", examples: examples,
            parse: { text in
                let parts = text.split(separator: ":", maxSplits: 1)
                guard let word = parts.first.map(String.init), let kind = Kind(rawValue: word) else {
                    let near = KeyHint.nearest(
                        to: parts.first.map(String.init) ?? "", among: Kind.allCases.map(\.rawValue))
                    return .failure(
                        .init(
                            .wrongChoice, "'\(text)' is not a channel",
                            help: (near.map { "Did you mean `\($0)`? " } ?? "")
                                + "Channels are " + Kind.allCases.map(\.rawValue).joined(separator: ", ")
                                + ", with an address after a colon where one is needed: `slack:#alerts`."))
                }
                if kind == .slack && parts.count < 2 && placesOnly {
                    return .failure(
                        .init("slack needs a channel", help: "For example `slack:#alerts`.", fix: "\"slack:#alerts\""))
                }
                return .success(Channel(kind: kind, address: parts.count > 1 ? String(parts[1]) : nil))
            },
            show: { channel in channel.address.map { "\"\(channel.kind.rawValue):\($0)\"" } ?? channel.kind.rawValue })
    }
}

/// How one person is reached.
package struct Person: Sendable, Hashable {
    package enum Language: String, Choice {
        case english = "en"
        case french = "fr"

        package var meaning: String {
            switch self {
            case .english: "English"
            case .french: "French"
            }
        }
    }

    /// One way, and how long after the page it is used while nobody has answered.
    package struct Way: Sendable, Hashable {
        package var by: Channel
        package var after: Duration

        static let shape: Shape<Way> = .record(
            "way", "One way to a person, and when it is used while nobody has answered.",
            short: Channel.ownShape.map({ Way(by: $0, after: .zero) }, show: { Channel.ownShape.show($0.by) })
        ) { f in
            let by = f.required(
                "by", Channel.ownShape,
                "`sms` and `call` for the person's telephone, `email`, `slack`; with an address for another.",
                example: "call")
            let after = f.value(
                "after", .duration, default: .zero, because: "at once", "Time since the page.", example: "2m")
            guard let by else { return nil }
            return Way(by: by, after: after)
        }
    }

    /// When a person is told only of what is bad.
    package struct Quiet: Sendable, Hashable {
        package var hours: [WeekHours]
        package var zone: String?
        /// What is less bad than this waits until the hours are over.
        package var below: Level

        static let shape: Shape<Quiet> = .record("quiet hours", "When a person is told only of what is bad.") { f in
            let hours = f.required(
                "hours", .list(of: WeekHours.shape), "Parts of the week.", example: "[\"22:00-07:00\", \"sat,sun\"]")
            let zone = f.optional("zone", .zone, "Time zone of the hours; the person's own when absent.")
            let below = f.value(
                "below", Level.shape("a level"), default: Level.critical, because: "only what is critical wakes people",
                "What is less bad than this waits.")
            if let hours, hours.isEmpty, f.isSound("hours") {
                f.report(.wrongValue, "there are no quiet hours", at: "hours", help: "Take `quiet` away.")
            }
            if below == .low, f.isSound("below") {
                f.report(
                    .wrongValue, "nothing is less bad than `low`", at: "below",
                    help: "The quiet hours would keep nothing back; write `medium`, `high` or `critical`.")
            }
            guard let hours else { return nil }
            return Quiet(hours: hours, zone: zone, below: below)
        }
    }

    package var email: String?
    package var phone: String?
    package var slack: String?
    package var order: [Level: [Way]]
    package var quiet: Quiet?
    /// IANA time zone.
    package var zone: String
    /// `nil`: that of `notify.language`.
    package var language: Language?

    static let shape: Shape<Person> = .record("person", "How one person is reached.") { f in
        let email = f.optional("email", .emailAddress, "E-mail address.")
        let phone = f.optional("phone", .telephone, "Telephone number (E.164).")
        let slack = f.optional("slack", .text("a Slack handle"), "Slack handle.")
        let order = f.value(
            "order", .map(of: .list(of: Way.shape), key: Level.shape("a level")), default: [:],
            because:
                "what is bad rings every way at once and the telephone after two minutes, the rest is written only",
            "The ways in their order, by level.", example: "{critical: [sms, {by: call, after: 2m}], low: [email]}")
        let quiet = f.optional("quiet", Quiet.shape, "When they are told only of what is bad.")
        let zone = f.value("zone", .zone, default: "UTC", "Time zone.", example: "Europe/Paris")
        let language = f.optional(
            "language", Language.shape("a language"), "What they are told in; `notify.language` where it is not said.")
        for (level, ways) in order.sorted(by: { $0.key < $1.key }) where f.isSound("order") {
            if ways.isEmpty {
                f.report(
                    .wrongValue, "no way is left for `\(level.rawValue)`", at: "order",
                    help: "Take the level away for the usual order; `quiet` keeps back what can wait.")
            }
            for way in ways where way.by.address == nil {
                let own: (needs: String, isThere: Bool)? =
                    switch way.by.kind {
                    case .sms, .call: ("phone", f.has("phone"))
                    case .email: ("email", f.has("email"))
                    case .slack: ("slack", f.has("slack"))
                    case .push: ("push:ADDRESS", false)
                    case .pagerduty, .webhook: nil
                    }
                guard let own, !own.isThere, f.isSound("phone", "email", "slack") else { continue }
                f.report(
                    .missingKey, "`\(way.by.kind.rawValue)` has nowhere to go", at: "order",
                    help: way.by.kind == .push
                        ? "Write where: `push:ADDRESS`."
                        : "Add `\(own.needs)`, or write an address after a colon: `\(way.by.kind.rawValue):ADDRESS`.")
            }
        }
        return Person(
            email: email, phone: phone, slack: slack, order: order, quiet: quiet, zone: zone, language: language)
    }
}

extension Shape where Value == String {
    static var emailAddress: Shape {
        .text(
            "an e-mail address", pattern: "^[^@ ]+@[^@ ]+$", examples: ["ana@shop.example"],
            help: "An address has the form `name@host`.",
            where: { $0.split(separator: "@", omittingEmptySubsequences: false).count == 2 && !$0.contains(" ") })
    }

    static var telephone: Shape {
        .text(
            "a telephone number", pattern: "^\\+[0-9]{6,15}$", examples: ["+33612345678"],
            help: "E.164: a plus, the country and the number, without spaces.",
            where: { $0.hasPrefix("+") && (7...16).contains($0.count) && $0.dropFirst().allSatisfy(\.isNumber) })
    }
}

/// People who are told together.
package struct Team: Sendable, Hashable {
    package var people: [PartyName]
    package var channels: [Channel]

    static let shape: Shape<Team> = .record("team", "People who are told together.") { f in
        let people = f.value(
            "people", .list(of: PartyName.shape("a person")), default: [], because: "told by channel", "Its members.")
        let channels = f.value(
            "channels", .list(of: Channel.shape), default: [], because: "each member's own", "Where the team is told.")
        if f.book == nil && people.isEmpty && channels.isEmpty && f.isSound("people", "channels") {
            f.report(
                .missingKey, "\(f.path.last) has neither people nor channels",
                help: "An alert to it would reach nobody: add `people` or `channels`.")
        }
        return Team(people: people, channels: channels)
    }
}
