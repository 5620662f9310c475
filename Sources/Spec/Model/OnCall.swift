/// Who is told, and when somebody else is.
package struct Schedule: Sendable, Hashable {
    /// The lowest layer, in short.
    package var rotation: Rotation?
    package var layers: [PlainName: Rotation]
    package var holidays: [CalendarDate: Holiday]
    package var escalate: [EscalationStep]
    package var again: Repetition
    /// How long an acknowledgement keeps people from being told again; for ever when absent.
    package var acknowledgementHolds: Duration?
    package var channels: [Level: [Channel]]

    static let shape: Shape<Schedule> = .record("schedule", "Who is told, and when somebody else is.") { f in
        let rotation = f.optional("rotation", Rotation.shape, "Who takes turns.")
        let layers = f.value(
            "layers", .map(of: Rotation.shape, key: PlainName.shape("a layer's name")), default: [:],
            because: "the rotation alone", "Further rotations, for nights, weekends, holidays or other countries.",
            example: "{nights: {people: [dan], hours: [\"22:00-07:00\"], rank: 1}}")
        let holidays = f.value(
            "holidays", .map(of: Holiday.shape, key: .date), default: [:], because: "none",
            "Days that are not like others: a person who stands in, `nobody`, or `layers` for what each layer says of "
                + "holidays. Days are those of the lowest layer's zone.",
            example: "{2026-12-25: chi, 2027-01-01: nobody}")
        let escalate = f.value(
            "escalate", .list(of: EscalationStep.shape), default: [], because: "only the schedule itself is told",
            "What happens while nobody has acknowledged, by the time since the alert.")
        let again = f.value(
            "repeat", Repetition.shape, default: .never, because: "the steps are taken once",
            "Takes the steps again when nobody answers.", example: "{times: 3, pause: 15m}")
        let holds = f.optional(
            "acknowledgement-holds", .duration,
            "How long an acknowledgement holds; when it is neither resolved nor acknowledged again by then, the steps "
                + "begin anew.", example: "30m")
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
        if f.isSound("layers", "rotation"), let (one, other) = Self.meeting(rotation, layers) {
            f.report(
                .conflictingKeys, "\(one) and \(other) are on call at the same time, with the same rank", at: "layers",
                help: "Give the one that shall win a higher `rank`, or each its own `hours`.")
        }
        if let holds, holds <= .zero, f.isSound("acknowledgement-holds") {
            f.report(
                .outOfRange, "an acknowledgement that holds for no time means nothing", at: "acknowledgement-holds",
                help: "Take the key away for one that holds until the incident is over.")
        }
        return Schedule(
            rotation: rotation, layers: layers, holidays: holidays, escalate: escalate, again: again,
            acknowledgementHolds: holds, channels: channels)
    }

    /// Every rotation by its name, the ones that win last.
    package var rotations: [(name: String, rotation: Rotation)] {
        var all = layers.sorted { $0.key < $1.key }.map { (name: $0.key.text, rotation: $0.value) }
        if let rotation { all.insert((name: "rotation", rotation: rotation), at: 0) }
        return all.enumerated().sorted { ($0.element.rotation.rank, $0.offset) < ($1.element.rotation.rank, $1.offset) }
            .map(\.element)
    }

    private static func meeting(_ rotation: Rotation?, _ layers: [PlainName: Rotation]) -> (String, String)? {
        let all =
            (rotation.map { [(name: "the rotation", rotation: $0)] } ?? [])
            + layers.sorted { $0.key < $1.key }.map { (name: "`\($0.key)`", rotation: $0.value) }
        for (index, one) in all.enumerated() {
            for other in all[(index + 1)...] where one.rotation.meets(other.rotation) { return (one.name, other.name) }
        }
        return nil
    }
}

/// How often the steps of an escalation are taken again.
package struct Repetition: Sendable, Hashable {
    package var times: Int
    /// From the last step of a round to the next round.
    package var pause: Duration

    package static let never = Repetition(times: 0, pause: .seconds(900))

    static let shape: Shape<Repetition> = .record(
        "repetition", "How often the steps of an escalation are taken again.",
        short: Shape<Int>.integer(0...100).map(
            { Repetition(times: $0, pause: never.pause) }, show: { "\($0.times)" }),
        show: { $0.times == 0 ? "0" : "{times: \($0.times), pause: \(DurationText.text($0.pause))}" }
    ) { f in
        let times = f.required("times", .integer(0...100), "Rounds after the first.", example: "3")
        let pause = f.value(
            "pause", .duration, default: never.pause, "From the last step to the next round.", example: "15m")
        guard let times else { return nil }
        return Repetition(times: times, pause: pause)
    }
}

/// What happens at one time after the alert while nobody has acknowledged.
package struct EscalationStep: Sendable, Hashable {
    package enum Deed: Sendable, Hashable {
        /// A schedule, a team or a person.
        case tell(PartyName)
        /// One of ``Remedy`` or of the platform's `actions`.
        case perform(ActionName)
    }

    /// What can be done without an entry under `actions`.
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
        let remedy = f.optional(
            "do", ActionName.shape("an action"),
            "What is tried: "
                + Remedy.allCases.map { "`\($0.rawValue)` (\($0.meaning))" }.joined(separator: ", ")
                + ", or one of `actions`.", example: "return-release")
        if f.book == nil && f.has("to") == f.has("do") && (f.has("to") || f.isSound("to", "do")) {
            f.report(
                f.has("to") ? .conflictingKeys : .missingKey,
                f.has("to") ? "a step either tells or does" : "this step tells nobody and does nothing",
                help: "Write `to: NAME` or `do: return-release`.")
        }
        guard let deed = to.map(Deed.tell) ?? (remedy ?? ActionName(Remedy.returnRelease.rawValue)).map(Deed.perform)
        else { return nil }
        return EscalationStep(after: after, deed: deed)
    }
}
