package import Spec

/// Everything that was declared about alerts and people: what the response decides by.
package struct Rulebook: Sendable {
    /// A way of telling somebody; without an address each person's own.
    package struct Way: Hashable, Codable, Sendable {
        package var kind: Channel.Kind
        package var address: String?

        package init(_ kind: Channel.Kind, _ address: String? = nil) {
            self.kind = kind
            self.address = address
        }
    }

    package struct Crew: Hashable, Codable, Sendable {
        package var people: [String]
        package var channels: [Way]

        package init(people: [String], channels: [Way] = []) {
            self.people = people
            self.channels = channels
        }
    }

    /// A sign of life that somebody promised.
    package struct Heartbeat: Hashable, Codable, Sendable {
        package var name: String
        package var every: Duration
        /// How much later than that is late.
        package var grace: Duration
        package var level: Level
        package var service: String?

        package init(
            name: String, every: Duration, grace: Duration = .seconds(30), level: Level = .high, service: String? = nil
        ) {
            self.name = name
            self.every = every
            self.grace = grace
            self.level = level
            self.service = service
        }
    }

    /// A declaration that means nothing.
    package struct Fault: Hashable, Sendable {
        /// As in hauban.yaml: `inhibit.host-down.mute`.
        package var path: String
        package var message: String
    }

    package var platform: String
    /// Where the console is: `https://hauban.shop.example`.
    package var console: String?
    /// The first that matches takes an alert; one that matches everything should be the last.
    package var routes: [Route]
    package var inhibitions: [Inhibition] = []
    /// By name. A policy that is not here tells the party of its name at once.
    package var policies: [String: EscalationPolicy] = [:]
    package var schedules: [String: OnCallSchedule] = [:]
    /// How a schedule is told, by level; a level that is not there: each person's own way.
    package var channels: [String: [Level: [Way]]] = [:]
    package var people: [String: ContactCard] = [:]
    package var teams: [String: Crew] = [:]
    package var actions: [String: RunbookAction] = [:]
    package var heartbeats: [Heartbeat] = []
    /// What was declared; what people plan besides is an event.
    package var maintenance: [MaintenanceWindow] = []
    /// What could not be read of the declarations, and is left out.
    package var faults: [Fault] = []
    package var zones: [String: ZoneRules] = [:]

    package var resolveTimeout: Duration = .seconds(300)
    /// How long an alert that is over is known.
    package var retention: Duration = .seconds(3600)
    package var flapping = Flapping()
    /// An alert that fires again within this opens its resolved incident again instead of a new one.
    package var reopenWithin: Duration = .seconds(900)
    /// How long a resolved incident is held in memory; the store keeps it.
    package var keepResolved: Duration = .seconds(86_400)
    /// Releases this long before an incident are its suspects.
    package var suspectsWithin: Duration = .seconds(3600)
    /// How long after a release has ended alerts may still be about its switch.
    package var switchSettles: Duration = .seconds(60)
    /// A release that never says how it ended holds alerts back no longer than this.
    package var switchLasts: Duration = .seconds(1800)
    package var backoff = Backoff()
    package var rateLimit = RateLimit()
    /// What places are told in, and what is said to nobody in particular.
    package var language = Language.english

    package init(platform: String, routes: [Route]) {
        self.platform = platform
        self.routes = routes
    }

    package func policy(_ name: String) -> EscalationPolicy {
        policies[name] ?? EscalationPolicy(steps: [.init(after: .zero, deed: .tell(name))])
    }

    /// Whether somebody is told when this is to be told: a policy, a schedule, a team or a person.
    package func knows(party name: String) -> Bool {
        policies[name] != nil || schedules[name] != nil || teams[name] != nil || people[name] != nil
    }

    package func action(_ name: String) -> RunbookAction? {
        actions[name] ?? RunbookAction.builtIn.first { $0.name == name }
    }
}
