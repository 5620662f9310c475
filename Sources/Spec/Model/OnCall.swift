/// Who is told, and when somebody else is.
package struct Schedule: Sendable, Hashable {
    package var rotation: Rotation?
    package var escalate: [EscalationStep]
    package var channels: [Level: [Channel]]

    static let shape: Shape<Schedule> = .record("schedule", "Who is told, and when somebody else is.") { f in
        let rotation = f.optional("rotation", Rotation.shape, "Who takes turns.")
        let escalate = f.value(
            "escalate", .list(of: EscalationStep.shape), default: [], because: "only the schedule itself is told",
            "What happens while nobody has acknowledged, by the time since the alert.")
        let channels = f.value(
            "channels", .map(of: .list(of: Channel.shape), key: Level.shape("a level")), default: [:],
            because: "each person's own", "How people are told, by level.",
            example: "{critical: [pagerduty, sms], low: [\"slack:#alerts-info\"]}")
        for (index, (earlier, later)) in zip(escalate, escalate.dropFirst()).enumerated()
        where later.after < earlier.after && f.isSound("escalate", item: index)
            && f.isSound("escalate", item: index + 1)
        {
            f.report(
                .outOfRange,
                "escalation goes back from \(DurationText.text(earlier.after)) to \(DurationText.text(later.after))",
                at: "escalate", item: index + 1, help: "Write the steps in the order of their times.")
        }
        return Schedule(rotation: rotation, escalate: escalate, channels: channels)
    }
}

/// People who take turns.
package struct Rotation: Sendable, Hashable {
    package var every: Duration
    package var at: Handoff
    /// IANA time zone.
    package var zone: String
    package var people: [PartyName]

    static let shape: Shape<Rotation> = .record("rotation", "People who take turns.") { f in
        let every = f.value(
            "every", .interval, default: .seconds(604_800), because: "weekly", "Length of a turn.", example: "week")
        let at = f.value(
            "at", Handoff.shape, default: .mondayMorning, because: "Monday at nine", "When turns change.",
            example: "\"mon 09:00\"")
        let zone = f.value(
            "zone",
            .text(
                "a time zone", pattern: "^[A-Za-z_]+(/[A-Za-z0-9_+-]+)*$", examples: ["Europe/Paris"],
                help: "An IANA name such as `Europe/Paris` or `UTC`.",
                where: { !$0.isEmpty && $0.first?.isLetter == true && $0.allSatisfy { $0.isASCII && !$0.isWhitespace } }
            ),
            default: "UTC", "Time zone of the handoff.")
        let people = f.required(
            "people", .list(of: PartyName.shape("a person")), "Who takes turns, in this order.",
            example: "[ana, ben, chi]")
        if let people, people.isEmpty, f.isSound("people") {
            f.report(.wrongValue, "nobody takes turns", at: "people", help: "An alert would reach nobody.")
        }
        guard let people else { return nil }
        return Rotation(every: every, at: at, zone: zone, people: people)
    }

    /// Day of the week and time of the day.
    package struct Handoff: Sendable, Hashable {
        /// 1 is Monday (ISO 8601); `nil` for daily turns.
        package var weekday: Int?
        package var hour: Int
        package var minute: Int

        package static let mondayMorning = Handoff(weekday: 1, hour: 9, minute: 0)
        private static let days = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"]

        static let shape: Shape<Handoff> = .scalar(
            "a day and time", pattern: "^((mon|tue|wed|thu|fri|sat|sun) )?[0-2][0-9]:[0-5][0-9]$",
            examples: ["mon 09:00"],
            parse: { text in
                let parts = text.split(separator: " ")
                let clock = parts.last?.split(separator: ":").map { ($0.count, Int($0)) } ?? []
                let day = parts.count == 2 ? days.firstIndex(of: String(parts[0])) : nil
                guard (1...2).contains(parts.count), parts.count == 1 || day != nil, clock.count == 2,
                    clock.allSatisfy({ $0.0 == 2 }), let hour = clock[0].1, let minute = clock[1].1,
                    (0...23).contains(hour), (0...59).contains(minute)
                else {
                    return .failure(
                        .init(
                            "'\(text)' is not a day and time",
                            help: "For example `mon 09:00`, or `09:00` for daily turns."))
                }
                return .success(Handoff(weekday: day.map { $0 + 1 }, hour: hour, minute: minute))
            },
            show: { handoff in
                let day = handoff.weekday.map { days[$0 - 1] + " " } ?? ""
                func two(_ number: Int) -> String { number < 10 ? "0\(number)" : "\(number)" }
                return "\"\(day)\(two(handoff.hour)):\(two(handoff.minute))\""
            })
    }
}

/// What happens at one time after the alert while nobody has acknowledged.
package struct EscalationStep: Sendable, Hashable {
    package enum Deed: Sendable, Hashable {
        case tell(PartyName)
        case perform(Remedy)
    }

    package enum Remedy: String, Choice {
        case returnRelease = "return-release"
        case restart
        case scaleUp = "scale-up"

        package var meaning: String {
            switch self {
            case .returnRelease: "go back to the last good release, if one was shipped lately"
            case .restart: "restart the replicas of the alert's service"
            case .scaleUp: "add a replica to the alert's service"
            }
        }
    }

    package var after: Duration
    package var deed: Deed

    static let shape: Shape<EscalationStep> = .record(
        "escalation step", "What happens at one time after the alert while nobody has acknowledged."
    ) { f in
        let after = f.value(
            "after", .duration, default: .zero, because: "at once", "Time since the alert.", example: "15m")
        let to = f.optional("to", PartyName.shape("a party"), "A schedule, team or person that is told.")
        let remedy = f.optional("do", Remedy.shape("a remedy"), "A remedy that is tried.")
        if f.book == nil && f.has("to") == f.has("do") && (f.has("to") || f.isSound("to", "do")) {
            f.report(
                f.has("to") ? .conflictingKeys : .missingKey,
                f.has("to") ? "a step either tells or does" : "this step tells nobody and does nothing",
                help: "Write `to: NAME` or `do: return-release`.")
        }
        let deed = to.map(Deed.tell) ?? .perform(remedy ?? .returnRelease)
        return EscalationStep(after: after, deed: deed)
    }
}

/// A way of telling somebody: `sms`, `slack:#alerts`.
package struct Channel: Sendable, Hashable {
    package enum Kind: String, CaseIterable, Sendable, Hashable, Codable {
        case pagerduty, sms, call, email, slack, webhook, push
    }

    package var kind: Kind
    /// Where; each person's own when absent.
    package var address: String?

    static let shape: Shape<Channel> = .scalar(
        "a channel", pattern: "^(pagerduty|sms|call|email|slack|webhook|push)(:.+)?$",
        examples: ["sms", "slack:#alerts"],
        parse: { text in
            let parts = text.split(separator: ":", maxSplits: 1)
            guard let word = parts.first.map(String.init), let kind = Kind(rawValue: word) else {
                let near = KeyHint.nearest(to: parts.first.map(String.init) ?? "", among: Kind.allCases.map(\.rawValue))
                return .failure(
                    .init(
                        .wrongChoice, "'\(text)' is not a channel",
                        help: (near.map { "Did you mean `\($0)`? " } ?? "")
                            + "Channels are " + Kind.allCases.map(\.rawValue).joined(separator: ", ")
                            + ", with an address after a colon where one is needed: `slack:#alerts`."))
            }
            if kind == .slack && parts.count < 2 {
                return .failure(
                    .init("slack needs a channel", help: "For example `slack:#alerts`.", fix: "\"slack:#alerts\""))
            }
            return .success(Channel(kind: kind, address: parts.count > 1 ? String(parts[1]) : nil))
        },
        show: { channel in channel.address.map { "\"\(channel.kind.rawValue):\($0)\"" } ?? channel.kind.rawValue })
}

/// How one person is reached.
package struct Person: Sendable, Hashable {
    package var email: String?
    package var phone: String?
    package var slack: String?

    static let shape: Shape<Person> = .record("person", "How one person is reached.") { f in
        let email = f.optional(
            "email",
            .text(
                "an e-mail address", pattern: "^[^@ ]+@[^@ ]+$", examples: ["ana@shop.example"],
                help: "An address has the form `name@host`.",
                where: { $0.split(separator: "@", omittingEmptySubsequences: false).count == 2 && !$0.contains(" ") }),
            "E-mail address.")
        let phone = f.optional(
            "phone",
            .text(
                "a telephone number", pattern: "^\\+[0-9]{6,15}$", examples: ["+33612345678"],
                help: "E.164: a plus, the country and the number, without spaces.",
                where: { $0.hasPrefix("+") && (7...16).contains($0.count) && $0.dropFirst().allSatisfy(\.isNumber) }),
            "Telephone number (E.164).")
        let slack = f.optional("slack", .text("a Slack handle"), "Slack handle.")
        return Person(email: email, phone: phone, slack: slack)
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
