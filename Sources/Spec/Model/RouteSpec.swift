/// Where alerts with certain labels go, and how they go together.
///
/// An alert of this file with a `to` of its own goes there first; what no route takes goes to the owner's schedule.
package struct RouteSpec: Sendable, Hashable {
    package enum Grouping: Sendable, Hashable {
        case by([String])
        /// Every alert by itself.
        case each
    }

    package var match: [String: LabelMatch]
    /// `nil`: alerts are known and nobody is told.
    package var to: PartyName?
    package var group: Grouping
    package var wait: Duration
    package var interval: Duration
    package var again: Duration
    package var joins: Bool
    package var goesOn: Bool
    package var rank: Int

    static let shape: Shape<RouteSpec> = .record(
        "route", "Where alerts with certain labels go, and how they go together."
    ) { f in
        let match = f.required(
            "match", LabelMatch.map, "Labels that an alert must have, all of them.",
            example: "{team: payments, severity: [critical, high]}")
        let to = f.required(
            "to", PartyName.shape("a party"), "A schedule, team or person, or `nobody`.", example: "payments")
        let words = Shape<String>.scalar(
            "each", pattern: "^each$", examples: ["each"],
            parse: { $0 == "each" ? .success($0) : .failure(.init("'\($0)' is neither a list of labels nor `each`")) },
            show: { $0 })
        let group = f.value(
            "group",
            .either(
                list: Shape<[String]>.list(of: .label).map(
                    Grouping.by,
                    show: {
                        if case .by(let labels) = $0 { "[" + labels.joined(separator: ", ") + "]" } else { "each" }
                    }),
                or: words.map({ _ in Grouping.each }, show: { _ in "each" })),
            default: .by(["alertname", "service"]), because: "one cause seldom has more",
            "Labels whose values alerts of one group share; `each` groups nothing.", example: "[alertname, service]")
        let wait = f.value(
            "wait", .duration, default: .zero, because: "the first alert is told at once",
            "From the first alert to the first page, for others to join.", example: "30s")
        let interval = f.value(
            "interval", .duration, default: .seconds(300), "Between two looks at a group.", example: "5m")
        let again = f.value(
            "repeat", .duration, default: .seconds(4 * 3600), "Until what is unchanged is told again.", example: "4h")
        let joins = f.value(
            "join", .boolean, default: true, because: "one service, one incident",
            "Join the open incident of the alert's service.")
        let goesOn = f.value(
            "continue", .boolean, default: false, because: "the first route that matches takes it",
            "Look at the routes that follow as well.")
        let rank = f.value(
            "rank", .integer(0...1000), default: 0, because: "by name",
            "Routes of a higher rank are asked first; those of one rank by their names.")
        if interval <= .zero, f.isSound("interval") {
            f.report(.outOfRange, "an interval of no time would never end", at: "interval", help: "At least `1s`.")
        }
        if again < interval, f.isSound("repeat", "interval") {
            f.report(
                .outOfRange,
                "what is unchanged is told again after \(DurationText.text(again)), but looked at only every "
                    + DurationText.text(interval), at: f.has("repeat") ? "repeat" : "interval",
                help: "Make `repeat` at least as long as `interval`.")
        }
        guard let match, let to else { return nil }
        return RouteSpec(
            match: match, to: to.text == "nobody" ? nil : to, group: group, wait: wait, interval: interval,
            again: again, joins: joins, goesOn: goesOn, rank: rank)
    }
}

/// While one alert fires, others are not worth telling.
package struct InhibitSpec: Sendable, Hashable {
    package var sources: [String: LabelMatch]
    package var targets: [String: LabelMatch]
    package var equal: [String]

    static let shape: Shape<InhibitSpec> = .record(
        "inhibition", "While one alert fires, others that follow from it are told to nobody."
    ) { f in
        let sources = f.required(
            "while", LabelMatch.map, "Labels of the alert that explains the others.", example: "{alertname: HostDown}")
        let targets = f.required(
            "mute", LabelMatch.map, "Labels of the alerts that nobody is told of meanwhile.",
            example: "{severity: [medium, low]}")
        let equal = f.value(
            "equal", .list(of: .label), default: [], because: "wherever they come from",
            "Labels in which both must agree.", example: "[host]")
        for (key, labels) in [("while", sources), ("mute", targets)] where labels?.isEmpty == true && f.isSound(key) {
            f.report(
                .wrongValue, "`\(key)` names no label", at: key, help: "It would be every alert there is.")
        }
        guard let sources, let targets else { return nil }
        return InhibitSpec(sources: sources, targets: targets, equal: equal)
    }
}

/// How alerts become incidents.
package struct IncidentRules: Sendable, Hashable {
    package struct Flapping: Sendable, Hashable {
        package var times: Int
        package var within: Duration
        package var calm: Duration

        package static let usual = Flapping(times: 3, within: .seconds(1800), calm: .seconds(600))

        static let shape: Shape<Flapping> = .record(
            "flapping", "When an alert that begins and ends again and again is taken as one that goes on."
        ) { f in
            let times = f.value("times", .integer(1...100), default: usual.times, "How often it must begin again.")
            let within = f.value("within", .duration, default: usual.within, "Within how long.", example: "30m")
            let calm = f.value(
                "calm", .duration, default: usual.calm, "How long it must stay over to be believed.", example: "10m")
            return Flapping(times: times, within: within, calm: calm)
        }
    }

    package var resolveAfter: Duration
    package var reopenWithin: Duration
    package var suspectsWithin: Duration
    package var flapping: Flapping

    package static let usual = IncidentRules(
        resolveAfter: .seconds(300), reopenWithin: .seconds(900), suspectsWithin: .seconds(3600), flapping: .usual)

    static let shape: Shape<IncidentRules> = .record("incidents", "How alerts become incidents.") { f in
        let resolveAfter = f.value(
            "resolve-after", .duration, default: usual.resolveAfter, because: "as Alertmanager",
            "An alert without an end that is not told again for this long is over.", example: "5m")
        let reopenWithin = f.value(
            "reopen-within", .duration, default: usual.reopenWithin,
            "An alert that fires again within this time opens its incident again.", example: "15m")
        let suspectsWithin = f.value(
            "suspects-within", .duration, default: usual.suspectsWithin,
            "Releases this long before an incident are named in it, and may be returned.", example: "1h")
        let flapping = f.value(
            "flapping", Flapping.shape, default: .usual, because: "three times in half an hour",
            "When an alert's end is not believed yet.")
        if resolveAfter <= .zero, f.isSound("resolve-after") {
            f.report(.outOfRange, "every alert would be over at once", at: "resolve-after", help: "At least `1s`.")
        }
        return IncidentRules(
            resolveAfter: resolveAfter, reopenWithin: reopenWithin, suspectsWithin: suspectsWithin, flapping: flapping)
    }
}
