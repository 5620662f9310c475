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
        /// Something declared means nothing and is left out.
        case fault(Fault)
    }

    /// What leaves alerts with nobody, from one time to another.
    package func findings(from start: Moment, to end: Moment) -> [Finding] {
        var findings = faults.map(Finding.fault)
        var needed: Set<String> = []
        for (name, schedule) in schedules.sorted(by: { $0.key < $1.key }) {
            // One without layers may be a name for places.
            guard !schedule.layers.isEmpty || (channels[name] ?? [:]).values.allSatisfy(\.isEmpty) else { continue }
            needed.formUnion(schedule.layers.flatMap(\.people))
            needed.formUnion((schedule.standIns?.people ?? [:]).values.compactMap { $0 })
            findings += schedule.gaps(from: start, to: end).map { .gap(schedule: name, $0) }
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
