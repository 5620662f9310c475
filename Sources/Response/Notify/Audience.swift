package import Spec

/// Who is meant by the name of a schedule, team or person, at one time.
package struct Audience: Hashable, Sendable {
    /// Why a party reaches nobody.
    package enum Miss: Hashable, Codable, Sendable {
        case unknownParty
        case nobodyOnCall
        /// They are known, and no way leads to them.
        case noContact(person: String)
        case emptyTeam
    }

    /// How a message came to somebody.
    package enum Path: Hashable, Codable, Sendable {
        case person
        case onCall(schedule: String, why: Shift.Reason)
        case member(team: String)
        /// A place where a schedule or a team is told.
        case place(of: String)
    }

    package struct Listener: Hashable, Sendable {
        /// `nil` for a place.
        package var person: String?
        package var path: Path
        package var steps: [ContactCard.Step]
        /// A message that is not bad enough waits until then.
        package var quietUntil: Moment?
    }

    package var listeners: [Listener] = []
    package var misses: [Miss] = []
}

extension Rulebook {
    /// Resolves a party at a time, for a level.
    package func audience(of party: String, level: Level, now: Moment) -> Audience {
        var audience = Audience()
        if let schedule = schedules[party] {
            let shift = schedule.shift(at: now)
            let ways = channels[party]?[level] ?? []
            add(places: ways, of: party, to: &audience)
            guard let person = shift.person else {
                audience.misses.append(.nobodyOnCall)
                return audience
            }
            let own = ownKinds(ways)
            // Where only places are listed, they are told in the person's stead.
            if ways.isEmpty || !own.isEmpty {
                add(person, .onCall(schedule: party, why: shift.why), kinds: own, level, now, to: &audience)
            }
        } else if let team = teams[party] {
            add(places: team.channels, of: party, to: &audience)
            let own = ownKinds(team.channels)
            for person in team.people where team.channels.isEmpty || !own.isEmpty {
                add(person, .member(team: party), kinds: own, level, now, to: &audience)
            }
            if team.people.isEmpty, audience.listeners.isEmpty { audience.misses.append(.emptyTeam) }
        } else if people[party] != nil {
            add(party, .person, kinds: [], level, now, to: &audience)
        } else {
            audience.misses.append(.unknownParty)
        }
        return audience
    }

    private func add(places ways: [Way], of party: String, to audience: inout Audience) {
        let places = ways.compactMap { way in
            way.address.map { ContactCard.Step(Contact(way.kind, $0)) } ?? place(way.kind)
        }
        guard !places.isEmpty else { return }
        audience.listeners.append(.init(person: nil, path: .place(of: party), steps: places))
    }

    private func ownKinds(_ ways: [Way]) -> [Channel.Kind] {
        ways.filter { $0.address == nil && place($0.kind) == nil }.map(\.kind)
    }

    /// A kind of channel that is nobody's own: the platform has one integration of it.
    private func place(_ kind: Channel.Kind) -> ContactCard.Step? {
        guard kind == .pagerduty || kind == .webhook else { return nil }
        return ContactCard.Step(Contact(kind, "default"))
    }

    private func add(
        _ person: String, _ path: Audience.Path, kinds: [Channel.Kind], _ level: Level, _ now: Moment,
        to audience: inout Audience
    ) {
        guard let card = people[person] else {
            audience.misses.append(.noContact(person: person))
            return
        }
        var steps = card.steps(for: level)
        // Ways that a schedule or a team asks for, in its order, where the person has them; somebody who has none of them is
        // told by their own rather than not at all.
        let listed = kinds.flatMap { kind in
            card.contacts.filter { $0.kind == kind }.map { contact in
                steps.first { $0.contact == contact } ?? ContactCard.Step(contact)
            }
        }
        if !listed.isEmpty { steps = listed }
        guard !steps.isEmpty else {
            audience.misses.append(.noContact(person: person))
            return
        }
        audience.listeners.append(
            .init(person: person, path: path, steps: steps, quietUntil: card.quietUntil(level, now: now)))
    }
}
