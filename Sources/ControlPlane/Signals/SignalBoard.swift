package import Response

/// The latest readings of all services, and their requests of the last half hour.
///
/// A value of bounded size: ``points`` for each of ``services`` at most.
package struct SignalBoard: Sendable {
    /// A point of a service's line; what was not known then is missing.
    package struct Point: Sendable, Hashable {
        package var at: Moment
        /// 0 where it is known that nobody asked.
        package var requestsPerSecond: Double?

        package init(at: Moment, requestsPerSecond: Double?) {
            self.at = at
            self.requestsPerSecond = requestsPerSecond
        }
    }

    package static let reach = Duration.seconds(1800)
    package static let every = Duration.seconds(10)
    static let points = 180
    static let services = 200

    package private(set) var promises: [String: ServicePromise]
    /// When the readings were taken.
    package private(set) var taken: Moment?
    private var readings: [String: ServiceReading] = [:]
    private var lines: [String: [Point]] = [:]
    /// Why there are none.
    private var trouble: ServiceReading.Absence

    /// - Parameter isMeasured: whether anybody measures at all.
    package init(promises: [String: ServicePromise] = [:], isMeasured: Bool) {
        self.promises = promises
        trouble = isMeasured ? .notYet : .noMeter
    }

    package func reading(of service: String) -> ServiceReading {
        guard taken != nil, !readings.isEmpty else { return .absent(trouble) }
        return readings[service] ?? .absent(.unknown)
    }

    /// The oldest first.
    package func line(of service: String) -> [Point] { lines[service] ?? [] }

    package mutating func take(_ found: [String: ServiceReading], at moment: Moment) {
        readings = found
        taken = moment
        trouble = .notDeployed
        for (service, reading) in found {
            guard lines[service] != nil || lines.count < Self.services else { continue }
            let rate: Double? =
                switch reading.traffic {
                case .success(let traffic): traffic.requestsPerSecond
                case .failure(.noRequests): 0
                case .failure: nil
                }
            lines[service, default: []].append(Point(at: moment, requestsPerSecond: rate))
        }
        forget(before: moment)
    }

    /// Nothing could be measured: what was known before is not shown as if it held.
    package mutating func miss(_ why: ServiceReading.Absence, at moment: Moment) {
        readings = [:]
        taken = nil
        trouble = why
        for service in lines.keys { lines[service]?.append(Point(at: moment, requestsPerSecond: nil)) }
        forget(before: moment)
    }

    private mutating func forget(before moment: Moment) {
        for (service, line) in lines {
            let old = line.prefix { $0.at + Self.reach < moment }.count
            let excess = max(old, line.count - Self.points)
            if excess > 0 { lines[service]?.removeFirst(excess) }
            if lines[service]?.contains(where: { $0.requestsPerSecond != nil }) != true { lines[service] = nil }
        }
    }
}
