import Spec

extension Policy {
    /// The owner's schedule exists, and every schedule and escalation ends with somebody.
    static let schedules = Policy { context in
        let platform = context.platform
        let book = PartyBook(platform)
        var findings: [Diagnostic] = []
        if let oncall = platform.owner?.oncall, platform.oncall[oncall] == nil, context.isKnown("owner.oncall"),
            !context.mayName(oncall.text, in: "oncall")
        {
            let known = platform.oncall.keys.map(\.text)
            let hint = Suggest.name(oncall.text, among: known, kind: "schedules")
            findings.append(
                context.finding(
                    .unknownSchedule, "there is no schedule `\(oncall)`", at: "owner.oncall",
                    help: known.isEmpty ? "Declare it under `oncall`." : hint.help, fix: hint.fix))
        }
        for (name, schedule) in platform.oncall.sorted(by: { $0.key < $1.key }) {
            let path = SpecPath(["oncall", name.text])
            for (index, step) in schedule.escalate.enumerated() {
                let to = path.appending("escalate").appending(index: index).appending("to")
                guard case .tell(let party) = step.deed, !book.canBeTold(party.text), context.isKnown(to),
                    !context.mayBeTold(party.text)
                else { continue }
                let hint = Suggest.name(party.text, among: book.told, kind: "schedules, teams and people")
                findings.append(
                    context.finding(
                        .escalationToNobody, "this step tells `\(party)`, and nobody is called that",
                        at: to,
                        help: hint.fix == nil
                            ? hint.help + " Declare a team under `teams` or a person under `people`." : hint.help,
                        fix: hint.fix))
            }
            let tells = schedule.escalate.contains { if case .tell = $0.deed { true } else { false } }
            let isWhole = context.isWhole(
                path.appending("rotation"), path.appending("layers"), path.appending("escalate"),
                path.appending("channels"))
            if schedule.rotations.isEmpty && !tells && isWhole && schedule.channels.values.allSatisfy(\.isEmpty) {
                findings.append(
                    context.finding(
                        .escalationToNobody, "the schedule `\(name)` reaches nobody", at: path, .key,
                        help: "Give it a `rotation` with people, an escalation step with `to`, or `channels`."))
            }
        }
        return findings
    }

    /// People who take turns or form a team are declared, once any person is; the owning team is a team.
    static let parties = Policy { context in
        let platform = context.platform
        let book = PartyBook(platform)
        var findings: [Diagnostic] = []
        func judge(_ people: [PartyName], at path: SpecPath) {
            for (index, person) in people.enumerated() { judge(person, at: path.appending(index: index)) }
        }
        func judge(_ person: PartyName, at path: SpecPath) {
            if !book.isPerson(person.text) && context.isKnown(path) && !context.mayName(person.text, in: "people") {
                let hint = Suggest.name(person.text, among: platform.people.keys.map(\.text), kind: "people")
                findings.append(
                    context.finding(
                        .unknownPerson, "nobody is called `\(person)`", at: path,
                        help: hint.help + " Once `people` names anybody, it must name all.", fix: hint.fix))
            }
        }
        for (name, schedule) in platform.oncall.sorted(by: { $0.key < $1.key }) {
            let path = SpecPath(["oncall", name.text])
            judge(schedule.rotation?.people ?? [], at: path.appending("rotation").appending("people"))
            for (layer, rotation) in schedule.layers.sorted(by: { $0.key < $1.key }) {
                judge(rotation.people, at: path.appending("layers").appending(layer.text).appending("people"))
            }
            for (date, holiday) in schedule.holidays.sorted(by: { $0.key < $1.key }) {
                guard case .person(let person) = holiday else { continue }
                judge(person, at: path.appending("holidays").appending(date.description))
            }
        }
        for (name, team) in platform.teams.sorted(by: { $0.key < $1.key }) {
            judge(team.people, at: SpecPath(["teams", name.text, "people"]))
        }
        if let team = platform.owner?.team, let hint = book.unknownTeam(team), context.isKnown("owner.team"),
            !context.mayName(team.text, in: "teams")
        {
            findings.append(
                context.finding(
                    .unknownPerson, "no team is called `\(team)`", at: "owner.team", help: hint.help, fix: hint.fix))
        }
        return findings
    }
}
