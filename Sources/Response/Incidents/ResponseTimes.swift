/// How quickly incidents were taken on and ended (MTTA, MTTR).
package struct ResponseTimes: Hashable, Sendable {
    /// Incidents that were opened in the period; merged ones count with the one that they were merged into.
    package var incidents: Int
    /// How many of them were ever acknowledged, and the mean time to that.
    package var acknowledged: Int
    package var meanToAcknowledge: Duration?
    /// How many are resolved, and the mean time to that.
    package var resolved: Int
    package var meanToResolve: Duration?

    /// - Parameter service: `nil` for all.
    package init(of incidents: [Incident], openedFrom start: Moment, to end: Moment, service: String? = nil) {
        let counted = incidents.filter { incident in
            if case .merged = incident.status { return false }
            return incident.opened >= start && incident.opened < end
                && (service == nil || incident.service == service)
        }
        let toAcknowledge = counted.compactMap { incident in
            incident.firstAcknowledged.map { ($0 - incident.opened).milliseconds }
        }
        let toResolve = counted.compactMap { incident in
            incident.resolved.map { ($0 - incident.opened).milliseconds }
        }
        self.incidents = counted.count
        acknowledged = toAcknowledge.count
        meanToAcknowledge = Self.mean(toAcknowledge)
        resolved = toResolve.count
        meanToResolve = Self.mean(toResolve)
    }

    private static func mean(_ values: [Int]) -> Duration? {
        values.isEmpty ? nil : .milliseconds(values.reduce(0, +) / values.count)
    }
}
