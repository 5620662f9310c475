import Spec

extension Policy {
    /// Time zones exist, regular expressions can be read, and somebody is on call at any time.
    static let duty = Policy { context in
        guard let facts = context.duty else { return [] }
        var findings: [Diagnostic] = []
        for (path, zone) in context.platform.zonePlaces where facts.unknownZones.contains(zone) && context.isKnown(path)
        {
            findings.append(
                context.finding(
                    .unknownZone, "there is no time zone `\(zone)`", at: path,
                    help:
                        "Zones have the names of the IANA database, `Europe/Paris`; `ls /usr/share/zoneinfo` shows those of "
                        + "this machine."))
        }
        for (path, match) in context.platform.matches where context.isKnown(path) {
            guard let pattern = match.pattern, let why = facts.badPatterns[pattern] else { continue }
            findings.append(
                context.finding(
                    .badPattern, "'\(pattern)' is no regular expression: \(why)", at: path,
                    help: "Regular expressions are RE2's, and match the whole value."))
        }
        for (name, gap) in (facts.gaps[context.environment] ?? [:]).sorted(by: { $0.key < $1.key }) {
            let path = SpecPath(["oncall", name.text])
            guard context.isWhole(path) else { continue }
            findings.append(
                context.finding(
                    .scheduleGap, "nobody of `\(name)` is on call \(gap)", at: path, .key,
                    help: "Give a layer those hours, a `rotation` that is always in force, or `nobody` to a holiday on "
                        + "purpose."))
        }
        return findings
    }

    /// Maintenance is of something, and not over.
    static let maintenance = Policy { context in
        context.platform.maintenance.sorted { $0.key < $1.key }.flatMap { name, planned -> [Diagnostic] in
            let path = SpecPath(["maintenance", name.text])
            guard context.isWhole(path) else { return [] }
            var findings: [Diagnostic] = []
            let isLoose =
                planned.services.isEmpty && planned.match.allSatisfy { acceptsMissing($0.value, context.duty) }
            if isLoose, !planned.match.isEmpty {
                findings.append(
                    context.finding(
                        .mutesEverything, "`\(name)` keeps back every alert", at: path.appending("match"), .key,
                        help:
                            "Each condition also holds for an alert without the label: name a value that must be there."
                    ))
            }
            let last: CalendarDate? =
                if case .once(_, let to) = planned.times { min(to.day, planned.last ?? to.day) } else { planned.last }
            if let last, last < context.today {
                findings.append(
                    context.finding(
                        .maintenanceOver, "the maintenance `\(name)` ended on \(last)", at: path, .key,
                        help: "Remove it."))
            }
            return findings
        }
    }

    /// What inhibits is told apart from what is inhibited.
    static let inhibitions = Policy { context in
        context.platform.inhibit.sorted { $0.key < $1.key }.flatMap { name, rule -> [Diagnostic] in
            let path = SpecPath(["inhibit", name.text])
            guard context.isWhole(path) else { return [] }
            return [("while", rule.sources), ("mute", rule.targets)].compactMap { key, labels in
                guard !labels.isEmpty, labels.allSatisfy({ acceptsMissing($0.value, context.duty) }) else { return nil }
                return context.finding(
                    .mutesEverything, "`\(key)` of `\(name)` means every alert", at: path.appending(key), .key,
                    help: "Each condition also holds for an alert without the label: name a value that must be there.")
            }
        }
    }

    private static func acceptsMissing(_ match: LabelMatch, _ facts: DutyFacts?) -> Bool {
        switch match {
        case .equals, .oneOf: false
        case .differs(let value): !value.isEmpty
        case .matches(let pattern): facts?.loosePatterns.contains(pattern) == true
        case .matchesNot(let pattern):
            facts.map { !$0.loosePatterns.contains(pattern) && $0.badPatterns[pattern] == nil } ?? false
        }
    }

    /// Steps do what exists.
    static let actions = Policy { context in
        let known = context.platform.actions.keys.map(\.text) + EscalationStep.Remedy.allCases.map(\.rawValue)
        var findings: [Diagnostic] = []
        for (name, schedule) in context.platform.oncall.sorted(by: { $0.key < $1.key }) {
            for (index, step) in schedule.escalate.enumerated() {
                let path = SpecPath(["oncall", name.text, "escalate"]).appending(index: index).appending("do")
                guard case .perform(let action) = step.deed, !known.contains(action.text), context.isKnown(path),
                    !context.mayName(action.text, in: "actions")
                else { continue }
                let hint = Suggest.name(action.text, among: known, kind: "actions")
                findings.append(
                    context.finding(
                        .unknownAction, "there is no action `\(action)`", at: path,
                        help: hint.fix == nil ? hint.help + " Declare it under `actions`." : hint.help, fix: hint.fix))
            }
        }
        return findings
    }

    /// What maintenance, heartbeats, actions and integrations are about exists.
    static let subjects = Policy { context in
        let platform = context.platform
        let services = platform.services.keys.map(\.text)
        let all = services + platform.resources.keys.map(\.text)
        var findings: [Diagnostic] = []
        func judge(_ name: ServiceName?, at path: SpecPath, onlyServices: Bool = false) {
            let known = onlyServices ? services : all
            guard let name, !known.contains(name.text), context.isKnown(path), !context.mayBeEdge(name.text) else {
                return
            }
            let kind = onlyServices ? "services" : "services and resources"
            let hint = Suggest.name(name.text, among: known, kind: kind)
            findings.append(
                context.finding(
                    .unknownService, "`\(name)` is \(onlyServices ? "no service" : "neither a service nor a resource")",
                    at: path, help: hint.help, fix: hint.fix))
        }
        for (name, planned) in platform.maintenance.sorted(by: { $0.key < $1.key }) {
            let path = SpecPath(["maintenance", name.text, "services"])
            for (index, service) in planned.services.enumerated() { judge(service, at: path.appending(index: index)) }
        }
        for (name, beat) in platform.heartbeats.sorted(by: { $0.key < $1.key }) {
            judge(beat.service, at: SpecPath(["heartbeats", name.text, "service"]))
        }
        for (name, integration) in platform.integrations.sorted(by: { $0.key < $1.key }) {
            judge(integration.service, at: SpecPath(["integrations", name.text, "service"]))
        }
        for (name, action) in platform.actions.sorted(by: { $0.key < $1.key }) {
            guard case .run(_, let service) = action.deed else { continue }
            judge(service, at: SpecPath(["actions", name.text, "service"]), onlyServices: true)
        }
        return findings
    }

    /// Routes, heartbeats and planned work name somebody.
    static let receivers = Policy { context in
        let platform = context.platform
        let book = PartyBook(platform)
        var findings: [Diagnostic] = []
        func judge(_ party: PartyName?, _ what: String, at path: SpecPath) {
            guard let party, !book.canBeTold(party.text), context.isKnown(path), !context.mayBeTold(party.text) else {
                return
            }
            let hint = Suggest.name(party.text, among: book.told, kind: "schedules, teams and people")
            findings.append(
                context.finding(
                    .alertToNobody, "\(what) goes to `\(party)`, and nobody is called that", at: path, help: hint.help,
                    fix: hint.fix))
        }
        for (name, route) in platform.routes.sorted(by: { $0.key < $1.key }) {
            judge(route.to, "the route `\(name)`", at: SpecPath(["routes", name.text, "to"]))
        }
        for (name, beat) in platform.heartbeats.sorted(by: { $0.key < $1.key }) {
            judge(beat.to, "the heartbeat `\(name)`", at: SpecPath(["heartbeats", name.text, "to"]))
        }
        return findings
    }

    /// Ways lead to providers, once any is declared, and to everybody who may be told.
    static let ways = Policy { context in
        let platform = context.platform
        let notify = platform.notify
        var findings: [Diagnostic] = []
        func judge(_ channel: Channel, at path: SpecPath) {
            guard notify.hasProviders, !notify.carries(channel), context.isKnown(path), context.isWhole("notify") else {
                return
            }
            let name = channel.kind.rawValue
            let address = channel.address ?? "default"
            let help: String =
                switch channel.kind {
                case .pagerduty where notify.pagerduty != nil:
                    "`notify.pagerduty.keys` has no `\(address)`; it has "
                        + Suggest.list(notify.pagerduty?.keys.keys.map(\.text) ?? []) + "."
                case .webhook where !notify.webhooks.isEmpty:
                    "`notify.webhooks` has no `\(address)`; it has " + Suggest.list(notify.webhooks.keys.map(\.text))
                        + "."
                case .sms, .call: "Add `twilio` or `\(name)` to `notify`."
                case .webhook: "Add it to `notify.webhooks`."
                case .pagerduty, .email, .slack, .push: "Add `\(name)` to `notify`."
                }
            findings.append(
                context.finding(
                    .channelWithoutProvider, "nothing carries `\(Channel.text(channel))`", at: path,
                    help: help + " Once `notify` names a provider, it must name all that are used."))
        }
        for (name, schedule) in platform.oncall.sorted(by: { $0.key < $1.key }) {
            for (level, channels) in schedule.channels.sorted(by: { $0.key < $1.key }) {
                let path = SpecPath(["oncall", name.text, "channels", level.rawValue])
                for (index, channel) in channels.enumerated() { judge(channel, at: path.appending(index: index)) }
            }
        }
        for (name, team) in platform.teams.sorted(by: { $0.key < $1.key }) {
            let path = SpecPath(["teams", name.text, "channels"])
            for (index, channel) in team.channels.enumerated() { judge(channel, at: path.appending(index: index)) }
        }
        for (name, person) in platform.people.sorted(by: { $0.key < $1.key }) {
            for (level, ways) in person.order.sorted(by: { $0.key < $1.key }) {
                let path = SpecPath(["people", name.text, "order", level.rawValue])
                for (index, way) in ways.enumerated() { judge(way.by, at: path.appending(index: index)) }
            }
        }
        return findings + unreachable(context)
    }

    private static func unreachable(_ context: PolicyContext) -> [Diagnostic] {
        let platform = context.platform
        let notify = platform.notify
        var needed = Set(platform.namedPeople)
        for schedule in platform.oncall.values {
            for step in schedule.escalate { if case .tell(let party) = step.deed { needed.insert(party) } }
        }
        needed.formUnion(platform.alerts.values.compactMap(\.to))
        needed.formUnion(platform.routes.values.compactMap(\.to))
        needed.formUnion(platform.heartbeats.values.compactMap(\.to))
        return platform.people.sorted { $0.key < $1.key }.compactMap { name, person in
            let path = SpecPath(["people", name.text])
            guard needed.contains(name), context.isWhole(path, "notify") else { return nil }
            let ways = person.ways
            guard !ways.contains(where: { !notify.hasProviders || notify.carries($0) }) else { return nil }
            return context.finding(
                .unreachablePerson, "no way leads to `\(name)`", at: path, .key,
                help: ways.isEmpty
                    ? "Add `email`, `phone` or `slack`, or take them out of rotations, teams and escalations."
                    : "They have \(Suggest.list(ways.map { Channel.text($0) })), and `notify` carries none of these.")
        }
    }
}

extension Channel {
    /// As it is written, without quotes.
    static func text(_ channel: Channel) -> String {
        channel.kind.rawValue + (channel.address.map { ":" + $0 } ?? "")
    }
}

extension Person {
    /// Every way there is to them.
    var ways: [Channel] {
        var ways: [Channel] = []
        if email != nil { ways.append(Channel(kind: .email, address: nil)) }
        if phone != nil { ways += [Channel(kind: .sms, address: nil), Channel(kind: .call, address: nil)] }
        if slack != nil { ways.append(Channel(kind: .slack, address: nil)) }
        return ways + order.values.flatMap { $0.map(\.by) }
    }
}
