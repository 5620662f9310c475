/// Which alerts go together to which escalation.
package struct Route: Hashable, Sendable {
    package enum Grouping: Hashable, Sendable {
        case by(Set<String>)
        /// Every alert by itself: Alertmanager's `group_by: ['...']`.
        case each
    }

    package var name: String
    /// All must hold; none: every alert.
    package var matchers: [Matcher]
    package var grouping: Grouping
    package var timing: AlertGroup.Timing
    /// What an incident of it is escalated by; `nil`: alerts are known and nobody is told.
    package var policy: String?
    /// Whether an alert joins the open incident of its service, if there is one, instead of opening another.
    package var joinsService: Bool
    /// Whether the routes that follow are looked at too.
    package var continues: Bool

    package init(
        name: String, matchers: [Matcher] = [], grouping: Grouping = .by(["alertname", "service"]),
        timing: AlertGroup.Timing = .atOnce, policy: String?, joinsService: Bool = true, continues: Bool = false
    ) {
        self.name = name
        self.matchers = matchers
        self.grouping = grouping
        self.timing = timing
        self.policy = policy
        self.joinsService = joinsService
        self.continues = continues
    }

    /// The group that an alert belongs to.
    package func group(of labels: LabelSet) -> GroupKey {
        switch grouping {
        case .by(let names): GroupKey(route: name, labels: labels.restricted(to: names))
        case .each: GroupKey(route: name, labels: labels)
        }
    }
}

extension [Route] {
    /// Those that an alert takes: the first that matches, and the ones after it as long as each says so.
    package func taken(by labels: LabelSet) -> [Route] {
        var taken: [Route] = []
        for route in self where route.matchers.match(labels) {
            taken.append(route)
            if !route.continues { break }
        }
        return taken
    }
}
