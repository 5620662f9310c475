package import Spec

/// Something that the world tells the ``Responder``.
package enum Event: Hashable, Codable, Sendable {
    /// What people do with one incident.
    package enum Command: Hashable, Codable, Sendable {
        /// The page that was answered, if one was.
        case acknowledge(page: String? = nil)
        case unacknowledge
        case resolve
        case reopen(reason: String)
        case snooze(until: Moment)
        case assign(to: String)
        case giveRole(String, to: String)
        case note(String)
        case link(url: String, title: String)
        case change(severity: Level)
        case merge(into: String)
        case run(action: String)
        case approve(action: String)
        case decline(action: String)
    }

    /// What people arrange about a schedule.
    package enum Arrangement: Hashable, Codable, Sendable {
        case override(OnCallSchedule.Override)
        case cancelOverride(id: String)
        case absence(id: String, OnCallSchedule.Absence)
        case cancelAbsence(id: String)
        case propose(ShiftSwap)
        case answer(swap: String, accepts: Bool, by: String)
    }

    case alerts([AlertBook.Report])
    case silence(Silence)
    case expireSilence(id: String, by: String)
    case maintenance(MaintenanceWindow)
    case endMaintenance(id: String, by: String)
    /// An incident that no alert told of.
    case open(title: String, severity: Level, service: String?, policy: String, by: String)
    case incident(String, Command, by: String)
    /// What somebody says of one alert: of the incidents that it is in, and of those that it will be in.
    case answer(Fingerprint, EarlyAnswer.Deed, by: String)
    /// An alert goes on under other labels: what was said of it before it had an incident is said of that one.
    case renamed(Fingerprint, to: Fingerprint)
    case release(ReleaseRecord)
    /// Whether a service uses up the budget of its objective too fast.
    case burn(service: String, isBurning: Bool)
    /// What came of an attempt; the random number, 0 to 1, spreads the next.
    case delivery(page: String, attempt: Int, DeliveryAnswer, random: Double)
    /// What came of a remedy, by ``RemedyRun/key``.
    case remedied(key: String, succeeded: Bool, output: String)
    case beat(String)
    case arrange(schedule: String, Arrangement, by: String)
    /// How a person says that they are reached, as an entry of hauban.yaml; `nil` goes back to the file's.
    case entry(person: String, text: String?, by: String)
    /// To one contact, or to all that a critical page would use.
    case testPage(person: String, contact: Contact?, by: String)
    /// Only time passes.
    case tick
}

/// Why the ``Responder`` does not do what somebody asks.
package enum Refusal: Error, Hashable, Codable, Sendable {
    case incident(Incident.Refusal)
    case unknownIncident(String)
    case unknownSilence(String)
    case unknownMaintenance(String)
    case unknownPerson(String)
    case unknownSchedule(String)
    case unknownArrangement(String)
    case unknownPage(String)
    case unknownRemedy(String)
    case unknownHeartbeat(String)
    case remedy(RemedyRefusal)
    case awaitsNoApproval(String)
    case timeInThePast
    case noContact(person: String)
    /// What is wrong with how somebody wants to be reached.
    case wrongEntry(String)
    case swap(ShiftSwap.Refusal)
}
