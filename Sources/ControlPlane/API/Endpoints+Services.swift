import Response
import Spec
import World

/// A service as the API shows it.
struct ServiceItem: Sendable {
    var service: OverviewView.Service
    /// When it was measured.
    var taken: Moment?

    var traffic: ServiceReading.Traffic? { try? service.reading.traffic.get() }
    var replicas: ServiceReading.Replicas? { try? service.reading.replicas.get() }
}

extension Endpoint {
    static let services: [Endpoint] = [
        Endpoint(
            method: "GET", path: "/services",
            summary: "Lists the services of the platform, how each does, and what is measured of it.",
            permission: .readIncidents, returns: .page(of: "Service")
        ) { call in
            let (responder, declared, signals) = (call.responder, call.services, call.signals)
            // All alerts are gone through: not on the event loop.
            return .later {
                let all = OverviewView.services(responder, declared, signals)
                return .page(all.map { ServiceItem(service: $0, taken: signals.taken) }, of: .service, next: nil)
            }
        }
    ]
}

extension Resource where Value == SignalBoard.Point {
    static let point = Resource(
        name: "SignalPoint", about: "What was measured of a service at one time.",
        members: [
            .moment("at", "When.") { $0.at },
            .maybeNumber("requestsPerSecond", "Of the minute before; missing where it is not known.") {
                $0.requestsPerSecond
            },
        ])
}

extension Resource where Value == ServiceItem {
    static let service = Resource(
        name: "Service", about: "A service of the platform; what is not known of it is missing, with the reason.",
        members: [
            .text("name", "Its name.") { $0.service.name },
            .integer("firing", "How many of its alerts fire.") { $0.service.firing },
            .maybe("severity", "Of the worst of them.") { $0.service.worst?.rawValue },
            .maybe("incident", "Its open incident.") { $0.service.incident },
            .flag("isBurning", "Whether it uses up the budget of its objective too fast.") { $0.service.isBurning },
            .maybe("release", "What was shipped of it last.") { $0.service.latest?.id },
            .maybeMoment("measuredAt", "When it was last measured.") { $0.taken },
            .maybeNumber("requestsPerSecond", "Of the last minute.") { $0.traffic?.requestsPerSecond },
            .maybeNumber("errorShare", "Of these requests: answered 5xx or not at all, 0 to 1.") {
                $0.traffic?.errorShare
            },
            .maybeNumber("p95Seconds", "Of a hundred requests, 95 were answered within this.") {
                ($0.traffic?.p95).map { $0 / .seconds(1) }
            },
            .maybe("trafficMissing", "Why there are no figures of its requests.") {
                $0.service.reading.traffic.absence
            },
            .maybeInteger("replicasReady", "Replicas that are ready.") { $0.replicas?.ready },
            .maybeInteger("replicasWanted", "Replicas that should be.") { $0.replicas?.wanted },
            .maybeInteger("restarts", "How often the running ones were started again.") { $0.replicas?.restarts },
            .maybeMoment("replicasSince", "When one of them last began or ceased to be ready.") { $0.replicas?.since },
            .maybe("replicasMissing", "Why nothing is known of its replicas.") { $0.service.reading.replicas.absence },
            .maybeNumber("promisedAvailability", "What is promised: share of requests answered well, 0 to 1.") {
                $0.service.promise?.availability
            },
            .maybeNumber("promisedP95Seconds", "What is promised: 95 of a hundred requests are answered within this.") {
                ($0.service.promise?.p95).map { $0 / .seconds(1) }
            },
            .list("line", "Its requests of the last 30 minutes, the oldest first.", of: .point) { $0.service.line },
        ])
}

extension Result where Failure == ServiceReading.Absence {
    fileprivate var absence: String? {
        switch self {
        case .success: nil
        case .failure(let why): why.words
        }
    }
}
