import Spec

/// Which alert goes to whom, as a tree of Alertmanager's routes (Alertmanager, "Configuration", `<route>`).
struct AlertRouting {
    /// Who is told of alerts of one level.
    struct Receiver: Sendable, Hashable {
        /// `nil`: nobody.
        var party: PartyName?
        /// `nil`: whatever level it is.
        var level: Level?

        var name: String {
            guard let party else { return "nobody" }
            return level.map { "\(party)-\($0.rawValue)" } ?? party.text
        }
    }

    private let platform: Platform
    let tree: YAMLTree
    /// In the order in which they are named first.
    private(set) var receivers: [Receiver] = []

    init(_ platform: Platform) {
        self.platform = platform
        let owner = platform.owner?.oncall.flatMap { PartyName($0.text) } ?? platform.owner?.team
        var used: [Receiver] = []
        func use(_ receiver: Receiver) -> String {
            if !used.contains(receiver) { used.append(receiver) }
            return receiver.name
        }
        /// A route to somebody, with one below it for each level that is told otherwise.
        func route(_ party: PartyName?, _ entries: [YAMLEntry], then: [YAMLTree] = []) -> YAMLTree {
            var entries = entries
            entries.insert(YAMLEntry("receiver", .text(use(Receiver(party: party)))), at: 0)
            let levels = Self.levels(party, platform).map { level -> YAMLTree in
                [
                    "receiver": .text(use(Receiver(party: party, level: level))),
                    "matchers": .list(Self.matchers(["severity": .equals(level.rawValue)])),
                ]
            }
            if !(then + levels).isEmpty { entries.append(YAMLEntry("routes", .list(then + levels))) }
            return .map(entries)
        }
        var branches: [YAMLTree] = []
        for (name, alert) in platform.alerts.sorted(by: { $0.key < $1.key }) {
            guard let to = alert.to else { continue }
            let matchers = Self.matchers(["alertname": .equals(name.text)])
            branches.append(route(to, [YAMLEntry("matchers", .list(matchers))]))
        }
        for (_, spec) in platform.routes.sorted(by: { ($1.value.rank, $0.key) < ($0.value.rank, $1.key) }) {
            var entries = [YAMLEntry("matchers", .list(Self.matchers(spec.match)))]
            let labels: [String] = if case .by(let labels) = spec.group { labels } else { ["..."] }
            entries += Self.times(labels, spec.wait, spec.interval, spec.again)
            if spec.goesOn { entries.append(YAMLEntry("continue", true)) }
            branches.append(route(spec.to, entries))
        }
        tree = route(
            owner, Self.times(["alertname", "service"], .zero, .seconds(300), .seconds(4 * 3600)), then: branches)
        receivers = used
    }

    private static func times(_ labels: [String], _ wait: Duration, _ interval: Duration, _ again: Duration)
        -> [YAMLEntry]
    {
        [
            YAMLEntry("group_by", .row(labels.map { .text($0) })),
            YAMLEntry("group_wait", .text(wait == .zero ? "0s" : DurationText.text(wait))),
            YAMLEntry("group_interval", .text(DurationText.text(interval))),
            YAMLEntry("repeat_interval", .text(DurationText.text(again))),
        ]
    }

    /// Levels of which a party is told in a way of its own, the worst first.
    private static func levels(_ party: PartyName?, _ platform: Platform) -> [Level] {
        guard let party else { return [] }
        var levels: Set<Level> = []
        if let schedule = platform.oncall[party.cast()] { levels.formUnion(schedule.channels.keys) }
        for person in people(party, platform) { levels.formUnion(platform.people[person]?.order.keys.map { $0 } ?? []) }
        return levels.sorted(by: >)
    }

    /// Everybody of a party, in the order of their turns, each once.
    static func people(_ party: PartyName, _ platform: Platform) -> [PartyName] {
        var names: [PartyName] = []
        if let schedule = platform.oncall[party.cast()] {
            names = schedule.rotations.flatMap(\.rotation.people)
        } else if let team = platform.teams[party] {
            names = team.people
        } else if platform.people[party] != nil {
            names = [party]
        }
        var seen: Set<PartyName> = []
        return names.filter { seen.insert($0).inserted }
    }

    /// Sorted by label (Alertmanager, "Configuration", `<matcher>`).
    static func matchers(_ match: [String: LabelMatch]) -> [YAMLTree] {
        match.sorted { $0.key < $1.key }.map { label, value in
            switch value {
            case .equals(let text): .text("\(label)=\(PromNumber.quoted(text))")
            case .differs(let text): .text("\(label)!=\(PromNumber.quoted(text))")
            case .matches(let pattern): .text("\(label)=~\(PromNumber.quoted(pattern))")
            case .matchesNot(let pattern): .text("\(label)!~\(PromNumber.quoted(pattern))")
            case .oneOf(let texts):
                .text("\(label)=~\(PromNumber.quoted(texts.map(Self.literal).joined(separator: "|")))")
            }
        }
    }

    /// A text within a regular expression of RE2.
    private static func literal(_ text: String) -> String {
        text.map { ".+*?()[]{}|^$\\".contains($0) ? "\\\($0)" : String($0) }.joined()
    }
}
