/// What was decided without a person, and why: written into the timeline of the incident that it is about.
package enum Decision: Hashable, Codable, Sendable {
    /// A new incident, since the last one of the group was resolved this long before.
    case openedAnew(after: String, resolvedFor: Duration)
    /// No incident of its own: one of the same service is open.
    case joinedService(group: String)
    /// An alert begins and ends so often that its ends are not believed.
    case flapping(Fingerprint, times: Int)
    /// It got worse while somebody had it, or after nobody had answered: the steps begin anew.
    case escalatesAgain(Escalation.Restart)
    /// A step has to wait.
    case held(Escalation.Hold)
    /// A step that was to tell a party found nobody.
    case reachedNobody(party: String, why: Audience.Miss)
    /// A step would have told somebody who was told in the same moment.
    case alreadyTold(party: String, contact: Contact, page: String)
    /// Somebody acknowledged this alert before the incident was open; it stands when all of the incident's alerts were.
    case acknowledgedBefore(Fingerprint, by: String, at: Moment, stands: Bool)
    /// Every step of every round was taken.
    case exhausted
    case remedyRefused(String, why: RemedyRefusal)
    /// A page waits, and why.
    case deferred(page: String, until: Moment, why: Page.Deferral)
    /// More messages than a person can read: they go into one.
    case summarised(pages: [String], into: String)
}
