package import Spec

extension Rulebook {
    /// What hauban.yaml says of alerts, schedules, people and teams.
    ///
    /// Alerts with a `to` of their own have a route by their name; everything else goes to the owner's schedule. A schedule
    /// without steps tells itself at once.
    ///
    /// - Parameters:
    ///   - zone: reads a time zone by its name; turns of one that cannot be read change by UTC.
    package init(_ platform: Platform, console: String? = nil, zone: (String) -> ZoneRules?) {
        self.init(platform: platform.name.text, routes: [])
        self.console = console
        for (name, schedule) in platform.oncall.sorted(by: { $0.key < $1.key }) {
            add(name.text, schedule, zone)
        }
        for (name, person) in platform.people { people[name.text] = ContactCard(name.text, person) }
        for (name, team) in platform.teams {
            teams[name.text] = Crew(people: team.people.map(\.text), channels: team.channels.map(Way.init))
        }
        // Where no people are declared, names in rotations and teams are people by themselves: known, and without a way.
        if platform.people.isEmpty {
            let named =
                platform.oncall.values.flatMap { $0.rotation?.people ?? [] }
                + platform.teams.values.flatMap(\.people)
            for name in named { people[name.text] = ContactCard(name: name.text, contacts: []) }
        }
        let fallback =
            platform.owner?.oncall?.text ?? platform.owner?.team?.text ?? schedules.keys.sorted().first
        for (name, alert) in platform.alerts.sorted(by: { $0.key < $1.key }) {
            guard let party = alert.to?.text, party != fallback,
                let matcher = try? Matcher("alertname", .equals, name.text)
            else { continue }
            routes.append(Route(name: name.text, matchers: [matcher], policy: party))
        }
        routes.append(Route(name: "default", policy: fallback))
    }

    private mutating func add(_ name: String, _ schedule: Schedule, _ zone: (String) -> ZoneRules?) {
        var layers: [RotationLayer] = []
        if let rotation = schedule.rotation {
            let rules = zone(rotation.zone)
            zones[rotation.zone] = rules
            let at = rotation.at
            let day = RotationLayer.firstMonday + ((at.weekday ?? 1) - 1)
            layers.append(
                RotationLayer(
                    name: "rotation", people: rotation.people.map(\.text), turn: rotation.every.milliseconds / 1000,
                    anchor: CivilTime(day, seconds: at.hour * 3600 + at.minute * 60), zone: rules ?? .utc))
        }
        schedules[name] = OnCallSchedule(name: name, layers: layers)
        channels[name] = schedule.channels.mapValues { $0.map(Way.init) }
        let steps = schedule.escalate.map { step in
            EscalationPolicy.Step(
                after: step.after,
                deed: {
                    switch step.deed {
                    case .tell(let party): .tell(party.text)
                    case .perform(let remedy): .perform(remedy.rawValue)
                    }
                }())
        }
        policies[name] = EscalationPolicy(
            steps: steps.isEmpty ? [.init(after: .zero, deed: .tell(name))] : steps)
    }
}

extension Rulebook.Way {
    init(_ channel: Channel) { self.init(channel.kind, channel.address) }
}

extension ContactCard {
    init(_ name: String, _ person: Person) {
        var contacts: [Contact] = []
        if let slack = person.slack { contacts.append(Contact(.slack, slack)) }
        if let email = person.email { contacts.append(Contact(.email, email)) }
        if let phone = person.phone { contacts += [Contact(.sms, phone), Contact(.call, phone)] }
        self.init(name: name, contacts: contacts)
    }
}

extension Rulebook {
    /// Something about the rules that leaves an alert with nobody.
    package enum Finding: Hashable, Sendable {
        /// Nobody is on call for a time.
        case gap(schedule: String, Shift)
        /// A step names somebody who is not there.
        case unknownParty(String, policy: String)
        /// Somebody takes turns, or is told, and no way leads to them.
        case noContact(person: String)
        case emptyTeam(String)
        /// No route takes every alert.
        case unroutedAlerts
        case unknownAction(String, policy: String)
    }

    /// What leaves alerts with nobody, from one time to another.
    package func findings(from start: Moment, to end: Moment) -> [Finding] {
        var findings: [Finding] = []
        var needed: Set<String> = []
        for (name, schedule) in schedules.sorted(by: { $0.key < $1.key }) {
            for shift in schedule.shifts(from: start, to: end) {
                if let person = shift.person {
                    needed.insert(person)
                } else {
                    findings.append(.gap(schedule: name, shift))
                }
            }
        }
        for (name, policy) in policies.sorted(by: { $0.key < $1.key }) {
            for step in policy.steps {
                switch step.deed {
                case .tell(let party):
                    if schedules[party] == nil, teams[party] == nil {
                        if people[party] == nil { findings.append(.unknownParty(party, policy: name)) }
                        needed.insert(party)
                    }
                case .perform(let action):
                    if self.action(action) == nil { findings.append(.unknownAction(action, policy: name)) }
                }
            }
        }
        for (name, team) in teams.sorted(by: { $0.key < $1.key }) {
            needed.formUnion(team.people)
            if team.people.isEmpty, team.channels.isEmpty { findings.append(.emptyTeam(name)) }
        }
        for person in needed.sorted() where people[person]?.contacts.isEmpty == true {
            findings.append(.noContact(person: person))
        }
        if !routes.contains(where: { $0.matchers.isEmpty }) { findings.append(.unroutedAlerts) }
        return findings
    }
}
