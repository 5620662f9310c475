package import Spec

extension Rulebook {
    /// What hauban.yaml says of alerts, schedules, people and teams.
    ///
    /// Alerts with a `to` of their own have a route by their name, then come the declared routes, and everything else goes to
    /// the owner's schedule. A schedule without steps tells itself at once.
    ///
    /// - Parameters:
    ///   - console: in the place of the address that the file gives.
    ///   - zone: reads a time zone by its name; one that cannot be read counts as UTC, and as a fault.
    package init(_ platform: Platform, console: String? = nil, zone: (String) -> ZoneRules?) {
        self.init(platform: platform.name.text, routes: [])
        self.console = console ?? platform.console?.url
        readZones(of: platform, zone)
        for (name, schedule) in platform.oncall.sorted(by: { $0.key < $1.key }) { add(name.text, schedule) }
        addPeople(platform)
        addActions(platform)
        addRoutes(platform)
        addMutes(platform)
        for (name, beat) in platform.heartbeats.sorted(by: { $0.key < $1.key }) {
            heartbeats.append(
                Heartbeat(
                    name: name.text, every: beat.every, grace: beat.grace, level: beat.level,
                    service: beat.service?.text))
        }
        let incidents = platform.incidents
        resolveTimeout = incidents.resolveAfter
        reopenWithin = incidents.reopenWithin
        suspectsWithin = incidents.suspectsWithin
        flapping = Flapping(
            times: incidents.flapping.times, within: incidents.flapping.within, calm: incidents.flapping.calm)
        let notify = platform.notify
        language = notify.language
        backoff = Backoff(first: notify.retry.first, most: notify.retry.most, attempts: notify.retry.attempts)
        rateLimit = RateLimit(messages: notify.limit.messages, within: notify.limit.within)
    }

    private mutating func readZones(of platform: Platform, _ zone: (String) -> ZoneRules?) {
        for name in platform.zones.sorted() where name != "UTC" {
            if let rules = zone(name) {
                zones[name] = rules
            } else {
                faults.append(Fault(path: name, message: "there is no time zone `\(name)`"))
            }
        }
    }

    private mutating func add(_ name: String, _ schedule: Schedule) {
        let rotations = schedule.rotations
        let layers = rotations.map { layer($0.name, $0.rotation) }
        var days: Set<CivilDay> = []
        var standIns: [CivilDay: String?] = [:]
        for (date, holiday) in schedule.holidays {
            guard let day = CivilDay(date) else { continue }
            switch holiday {
            case .layers: days.insert(day)
            case .nobody: standIns[day] = .some(nil)
            case .person(let person): standIns[day] = person.text
            }
        }
        let zone = rotations.first.flatMap { zones[$0.rotation.zone] } ?? .utc
        schedules[name] = OnCallSchedule(
            name: name, layers: layers, holidays: days,
            standIns: standIns.isEmpty ? nil : .init(people: standIns, zone: zone))
        channels[name] = schedule.channels.mapValues { $0.map(Way.init) }
        let steps = schedule.escalate.map { step in
            EscalationPolicy.Step(
                after: step.after,
                deed: {
                    switch step.deed {
                    case .tell(let party): .tell(party.text)
                    case .perform(let action): .perform(action.text)
                    }
                }())
        }
        policies[name] = EscalationPolicy(
            steps: steps.isEmpty ? [.init(after: .zero, deed: .tell(name))] : steps, repeats: schedule.again.times,
            pause: schedule.again.pause, acknowledgementHolds: schedule.acknowledgementHolds)
    }

    private func layer(_ name: String, _ rotation: Rotation) -> RotationLayer {
        let at = rotation.at
        let day = rotation.start.flatMap { CivilDay($0) } ?? (RotationLayer.firstMonday + ((at.weekday ?? 1) - 1))
        return RotationLayer(
            name: name, people: rotation.people.map(\.text), turn: rotation.every.milliseconds / 1000,
            anchor: CivilTime(day, seconds: at.hour * 3600 + at.minute * 60), zone: zones[rotation.zone] ?? .utc,
            hours: rotation.hours.map { RotationLayer.Hours($0) },
            holidays: {
                switch rotation.holidays {
                case .works: .works
                case .rests: .rests
                case .only: .only
                }
            }())
    }

    private mutating func addPeople(_ platform: Platform) {
        for (name, person) in platform.people {
            let zone = zones[person.quiet?.zone ?? person.zone] ?? .utc
            people[name.text] = ContactCard(name.text, person, quietBy: zone, language: platform.notify.language)
        }
        for (name, team) in platform.teams {
            teams[name.text] = Crew(people: team.people.map(\.text), channels: team.channels.map(Way.init))
        }
        // Where no people are declared, names in rotations and teams are people by themselves: known, and without a way.
        if platform.people.isEmpty {
            for name in platform.namedPeople { people[name.text] = ContactCard(name: name.text, contacts: []) }
        }
    }

    private mutating func addActions(_ platform: Platform) {
        for (name, action) in platform.actions {
            let usual = RunbookAction.builtIn.first { $0.name == action.deed.remedy?.rawValue }
            let deed: RunbookAction.Deed =
                switch action.deed {
                case .remedy: usual?.deed ?? .restart
                case .scale(let count): .scale(by: count)
                case .run: .command(name.text)
                case .http(let call): .http(method: call.method.rawValue, url: call.url, body: call.json)
                }
            actions[name.text] = RunbookAction(
                name: name.text, deed: deed, needsApproval: action.approval, timeout: action.timeout,
                cure: action.cure ?? usual?.cure)
        }
    }

    private mutating func addRoutes(_ platform: Platform) {
        let fallback =
            platform.owner?.oncall?.text ?? platform.owner?.team?.text ?? schedules.keys.sorted().first
        func add(_ name: String, _ label: String, _ value: String, to party: String?) {
            // What would go there anyway needs no route of its own.
            guard let party, party != fallback || !platform.routes.isEmpty,
                let matcher = try? Matcher(label, .equals, value)
            else { return }
            routes.append(Route(name: name, matchers: [matcher], policy: party))
        }
        for (name, alert) in platform.alerts.sorted(by: { $0.key < $1.key }) {
            add("alerts.\(name)", "alertname", name.text, to: alert.to?.text)
        }
        for (name, beat) in platform.heartbeats.sorted(by: { $0.key < $1.key }) {
            add("heartbeats.\(name)", "heartbeat", name.text, to: beat.to?.text)
        }
        let ranked = platform.routes.sorted { ($1.value.rank, $0.key) < ($0.value.rank, $1.key) }
        for (name, route) in ranked {
            guard let matchers = matchers(route.match, "routes.\(name).match") else { continue }
            routes.append(
                Route(
                    name: "routes.\(name)", matchers: matchers,
                    grouping: {
                        switch route.group {
                        case .by(let labels): .by(Set(labels))
                        case .each: .each
                        }
                    }(),
                    timing: .init(
                        wait: route.wait, interval: route.interval, repeatAfter: route.again, settle: .zero),
                    policy: route.to?.text, joinsService: route.joins, continues: route.goesOn))
        }
        routes.append(Route(name: "default", policy: fallback))
    }

    private mutating func addMutes(_ platform: Platform) {
        for (name, rule) in platform.inhibit.sorted(by: { $0.key < $1.key }) {
            guard let sources = matchers(rule.sources, "inhibit.\(name).while"),
                let targets = matchers(rule.targets, "inhibit.\(name).mute")
            else { continue }
            inhibitions.append(Inhibition(name: name.text, sources: sources, targets: targets, equal: rule.equal))
        }
        for (name, planned) in platform.maintenance.sorted(by: { $0.key < $1.key }) {
            let path = "maintenance.\(name)"
            var labels = planned.match
            if !planned.services.isEmpty { labels["service"] = .oneOf(planned.services.map(\.text)) }
            guard let matchers = matchers(labels, path + ".match") else { continue }
            guard !matchers.allSatisfy(\.acceptsMissing) else {
                faults.append(Fault(path: path + ".match", message: "`\(name)` keeps back every alert"))
                continue
            }
            let rules = zones[planned.zone] ?? .utc
            guard let recurrence = recurrence(planned.times, rules) else { continue }
            maintenance.append(
                MaintenanceWindow(
                    declared: path, title: planned.about ?? name.text, matchers: matchers, recurrence: recurrence,
                    zone: planned.zone,
                    owner: planned.owner?.text ?? platform.owner?.team?.text ?? platform.name.text,
                    until: planned.last.flatMap { CivilDay($0) }.map { rules.moment(CivilTime($0 + 1)) }))
        }
    }

    private func recurrence(_ times: PlannedMaintenance.Times, _ zone: ZoneRules) -> MaintenanceWindow.Recurrence? {
        switch times {
        case .once(let from, let to):
            guard let first = CivilDay(from.day), let last = CivilDay(to.day) else { return nil }
            return .once(
                start: zone.moment(CivilTime(first, seconds: from.minute * 60)),
                end: zone.moment(CivilTime(last, seconds: to.minute * 60)))
        case .weekly(let hours): return .weekly(hours.map { RotationLayer.Hours($0) })
        case .monthly(let time, let lasts):
            return .monthly(
                week: time.week, weekday: time.weekday, from: time.minute * 60, length: lasts.milliseconds / 1000)
        }
    }

    /// `nil` when one of them cannot be read.
    private mutating func matchers(_ labels: [String: LabelMatch], _ path: String) -> [Matcher]? {
        do throws(Matcher.Problem) {
            var matchers: [Matcher] = []
            for (label, match) in labels.sorted(by: { $0.key < $1.key }) {
                matchers.append(try Matcher(label, match))
            }
            return matchers
        } catch {
            faults.append(Fault(path: path, message: error.description))
            return nil
        }
    }
}

extension Matcher {
    /// - Throws: `Problem` for a regular expression that cannot be read.
    package init(_ label: String, _ match: LabelMatch) throws(Problem) {
        switch match {
        case .equals(let value): try self.init(label, .equals, value)
        case .differs(let value): try self.init(label, .differs, value)
        case .matches(let pattern): try self.init(label, .matches, pattern)
        case .matchesNot(let pattern): try self.init(label, .matchesNot, pattern)
        case .oneOf(let values) where values.count == 1: try self.init(label, .equals, values[0])
        case .oneOf(let values): try self.init(label, .matches, values.map(Self.literal).joined(separator: "|"))
        }
    }

    /// A regular expression that only this text matches.
    private static func literal(_ text: String) -> String {
        var out = ""
        for character in text {
            if "\\.+*?()|[]{}^$".contains(character) { out.append("\\") }
            out.append(character)
        }
        return out
    }
}

extension ActionSpec.Deed {
    var remedy: EscalationStep.Remedy? { if case .remedy(let remedy) = self { remedy } else { nil } }
}

extension CivilDay {
    init?(_ date: CalendarDate) { self.init(date.year, date.month, date.day) }
}

extension RotationLayer.Hours {
    init(_ hours: WeekHours) { self.init(weekdays: hours.weekdays, from: hours.from * 60, to: hours.to * 60) }
}

extension Rulebook.Way {
    init(_ channel: Channel) { self.init(channel.kind, channel.address) }
}

extension ContactCard {
    init(_ name: String, _ person: Person, quietBy zone: ZoneRules, language: Language) {
        var contacts: [Contact] = []
        if let slack = person.slack { contacts.append(Contact(.slack, slack)) }
        if let email = person.email { contacts.append(Contact(.email, email)) }
        if let phone = person.phone { contacts += [Contact(.sms, phone), Contact(.call, phone)] }
        let order = person.order.mapValues { ways in
            ways.compactMap { way in Contact(way.by, of: person).map { Step(after: way.after, $0) } }
        }.filter { !$0.value.isEmpty }
        for level in order.keys.sorted(by: >) {
            for step in order[level] ?? [] where !contacts.contains(step.contact) { contacts.append(step.contact) }
        }
        let quiet = person.quiet.map { quiet in
            QuietHours(
                hours: WeeklyHours(hours: quiet.hours.map { RotationLayer.Hours($0) }, zone: zone),
                breakThrough: quiet.below)
        }
        self.init(name: name, contacts: contacts, order: order, quiet: quiet, language: person.language ?? language)
    }
}

extension Contact {
    /// One of a person's ways; `nil` when they have no address for it.
    init?(_ channel: Channel, of person: Person) {
        let own: String? =
            switch channel.kind {
            case .sms, .call: person.phone
            case .email: person.email
            case .slack: person.slack
            case .pagerduty, .webhook: "default"
            case .push: nil
            }
        guard let address = channel.address ?? own else { return nil }
        self.init(channel.kind, address)
    }
}
