package import Spec

/// How traffic moves to a new release of a service in shares.
package struct DesiredCanary: Codable, Hashable, Sendable {
    /// What keeps a client on its side.
    package enum Sides: Codable, Hashable, Sendable {
        case request
        case header(String)
        /// `nil` is one that the front door gives.
        case cookie(String?)
    }

    /// Rising, each between 0 and 100 %.
    package var steps: [Percent]
    /// Time that each share is watched.
    package var hold: Duration
    package var by: Sides
    /// The header by which a request chooses its side: `always` or `never` the new release.
    package var force: String

    package init(
        steps: [Percent], hold: Duration = .seconds(60), by: Sides = .cookie(nil), force: String = "X-Canary"
    ) {
        self.steps = steps
        self.hold = hold
        self.by = by
        self.force = force
    }

    /// Time from the first share to the whole.
    package var length: Duration { hold * steps.count }

    /// Whether two services can move together.
    func movesWith(_ other: DesiredCanary) -> Bool { steps == other.steps && hold == other.hold }
}
