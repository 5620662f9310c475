package import Spec

extension Incident {
    /// One line of the timeline.
    package struct Entry: Hashable, Codable, Sendable {
        /// Why a resolved incident is open again.
        package enum Reopening: Hashable, Codable, Sendable {
            case alertBeganAgain
            /// Somebody resolved it, and its alerts go on.
            case stillFires(after: Duration)
            case asked(String)
        }

        package enum Deed: Hashable, Codable, Sendable {
            case opened(Level)
            case alertBegan(Fingerprint, LabelSet)
            case moreAlertsBegan(Int)
            case alertEnded(Fingerprint)
            case moreAlertsEnded(Int)
            case acknowledged
            case unacknowledged
            case snoozed(until: Moment)
            case assigned(to: String)
            case tookRole(String, person: String)
            case noted(String)
            case linked(String, title: String)
            case severityChanged(from: Level, to: Level)
            /// Somebody is to be told, by which way, and why then.
            case paged(page: String, who: String, by: Contact, reason: Page.Reason)
            /// A provider took it, at the attempt with this number.
            case delivered(page: String, attempt: Int)
            case deliveryFailed(page: String, detail: String, retryAt: Moment?)
            case withdrawn(page: String, why: Page.Withdrawal)
            case remedy(String, RemedyRun.State)
            /// A release of its services, before it or while it lasts.
            case released(ReleaseRecord)
            /// The release that its services were well with.
            case lastGood(service: String, release: String)
            /// What Hauban decided about it, and why.
            case decided(Decision)
            case resolved
            case reopened(Reopening)
            case merged(into: String)
            case absorbed(String)
        }

        package var at: Moment
        package var by: Actor
        package var deed: Deed

        package init(at: Moment, by: Actor, deed: Deed) {
            self.at = at
            self.by = by
            self.deed = deed
        }
    }
}
