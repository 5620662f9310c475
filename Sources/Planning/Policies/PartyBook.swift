import Spec

/// Who exists: declared people, teams and schedules, and the people whom a rotation names.
struct PartyBook {
    private let schedules: [String]
    private let teams: [String]
    private let declared: [String]
    private let implied: [String]
    private let ownerTeam: String?

    init(_ platform: Platform) {
        schedules = platform.oncall.keys.map(\.text)
        teams = platform.teams.keys.map(\.text)
        declared = platform.people.keys.map(\.text)
        // Without a `people` section a name in a rotation is a person; with one, it must be there.
        implied = declared.isEmpty ? platform.namedPeople.map(\.text) : []
        ownerTeam = platform.owner?.team?.text
    }

    var people: [String] { declared + implied }
    /// Whom `to` may name.
    var told: [String] { schedules + teams + people }

    func canBeTold(_ name: String) -> Bool { told.contains(name) }

    func isPerson(_ name: String) -> Bool { people.contains(name) }

    /// What to say when a waiver's owner is nobody; `nil` when the owner is known or the platform names nobody at all.
    func unknownOwner(of waiver: Waiver) -> (help: String, fix: String?)? {
        let known = told + (ownerTeam.map { [$0] } ?? [])
        guard !known.isEmpty, !known.contains(waiver.owner.text) else { return nil }
        return Suggest.name(waiver.owner.text, among: known, kind: "people, teams and schedules")
    }

    /// What to say when the owning team is not among the declared ones.
    func unknownTeam(_ team: PartyName) -> (help: String, fix: String?)? {
        guard !teams.isEmpty, !teams.contains(team.text) else { return nil }
        return Suggest.name(team.text, among: teams, kind: "teams")
    }
}
