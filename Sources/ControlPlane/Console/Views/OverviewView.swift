import Response
import Spec

/// What the first page shows: how things stand, in one look.
struct OverviewView: Sendable {
    struct Service: Sendable {
        var name: String
        /// How many alerts fire, by severity.
        var alerts: [Level: Int] = [:]
        var incident: String?
        var isBurning = false
        var latest: ReleaseRecord?
        var reading: ServiceReading
        var line: [SignalBoard.Point] = []
        var promise: ServicePromise?

        init(name: String) {
            self.name = name
            reading = .absent(.unknown)
        }

        var worst: Level? { alerts.keys.max() }
        var firing: Int { alerts.values.reduce(0, +) }
    }

    struct Watch: Sendable {
        var schedule: String
        var now: Shift
        var next: Shift?
        /// The first time within a week at which nobody is on call.
        var gap: Shift?
    }

    static let servicesShown = 40
    static let incidentsShown = 8

    var services: [Service] = []
    /// How many services have something to say and are not shown.
    var moreServices = 0
    var incidents: [Incident] = []
    var open = 0
    var unanswered = 0
    var firing = 0
    var watches: [Watch] = []
    var releases: [ReleaseRecord] = []
    var silences = 0
    var health: ConsoleData.Health

    /// - Parameter most: services that are shown.
    init(_ data: ConsoleData, now: Moment, services most: Int = servicesShown) {
        let responder = data.responder
        health = data.health
        firing = responder.book.firing
        silences = responder.mutes.silences.values.count { $0.state(at: now) == .active }
        var worst = Pick<Incident>(Self.incidentsShown) { one, other in
            Self.rank(one) != Self.rank(other)
                ? Self.rank(one) > Self.rank(other)
                : ListCursor.comesBefore(ListCursor(one.opened, one.id), ListCursor(other.opened, other.id))
        }
        let byService = Self.facts(responder, data.services)
        for incident in responder.incidents.values where incident.isOpen {
            open += 1
            if incident.status == .triggered { unanswered += 1 }
            worst.take(incident)
        }
        incidents = worst.first
        var latest = Pick<ReleaseRecord>(6) { ($0.began, $0.id) > ($1.began, $1.id) }
        for record in responder.releases.records.values { latest.take(record) }
        releases = latest.first
        let declared = Dictionary(data.services.enumerated().map { ($1, $0) }, uniquingKeysWith: { one, _ in one })
        var picked = Pick<Service>(most) { one, other in
            let (first, second) = (Self.order(one), Self.order(other))
            if first != second { return first > second }
            return (declared[one.name] ?? .max, one.name) < (declared[other.name] ?? .max, other.name)
        }
        for service in byService.values { picked.take(service) }
        services = picked.first.map { Self.complete($0, responder, data.signals) }
        moreServices = picked.seen - services.count
        watches = responder.directory.schedules.keys.sorted().compactMap { name in
            responder.directory.schedules[name].map { Self.watch(name, $0, now) }
        }
    }

    /// Every service that is declared, or that alerts, incidents or releases name.
    private static func facts(_ responder: Responder, _ declared: [String]) -> [String: Service] {
        var services: [String: Service] = [:]
        for name in declared { services[name] = Service(name: name) }
        for incident in responder.incidents.values where incident.isOpen {
            guard let name = incident.service else { continue }
            let other = services[name]?.incident
            if other.map({ ListCursor.naturally($0, incident.id) }) ?? true {
                services[name, default: Service(name: name)].incident = incident.id
            }
        }
        for (name, levels) in firing(responder.book) {
            services[name, default: Service(name: name)].alerts = levels
        }
        for name in responder.register.burning { services[name, default: Service(name: name)].isBurning = true }
        for record in responder.releases.records.values {
            for name in record.services where services[name] == nil { services[name] = Service(name: name) }
        }
        return services
    }

    private static func complete(_ service: Service, _ responder: Responder, _ signals: SignalBoard) -> Service {
        var service = service
        service.latest = responder.releases.releases(of: service.name).first
        service.reading = signals.reading(of: service.name)
        service.line = signals.line(of: service.name)
        service.promise = signals.promises[service.name]
        return service
    }

    /// All services: the declared ones in the order of the file, then the others by name.
    static func services(_ responder: Responder, _ declared: [String], _ signals: SignalBoard) -> [Service] {
        let all = facts(responder, declared)
        let others = Set(all.keys).subtracting(declared).sorted()
        return (declared + others).compactMap { all[$0].map { complete($0, responder, signals) } }
    }

    /// How many alerts fire of each service, by severity; gone through by their labels as they are written, since there may
    /// be 100,000.
    private static func firing(_ book: AlertBook) -> [String: [Level: Int]] {
        var written: [String: [String: Int]] = [:]
        for (_, alert) in book.alerts where alert.endedAt == nil {
            var service: String?
            var severity = ""
            for label in alert.labels.labels {
                if label.name == "service" { service = label.value }
                if label.name == "severity" { severity = label.value }
            }
            if let service { written[service, default: [:]][severity, default: 0] += 1 }
        }
        return written.mapValues { counts in
            Dictionary(counts.map { (Level(severity: $0.key) ?? .high, $0.value) }, uniquingKeysWith: +)
        }
    }

    private static func rank(_ incident: Incident) -> Int {
        (incident.status == .triggered ? 10 : 0) + rank(incident.severity)
    }

    private static func rank(_ level: Level?) -> Int {
        switch level {
        case .critical: 4
        case .high: 3
        case .medium: 2
        case .low: 1
        case nil: 0
        }
    }

    private static func order(_ service: Service) -> Int {
        (service.incident == nil ? 0 : 20) + (service.isBurning ? 10 : 0) + rank(service.worst)
    }

    private static func watch(_ name: String, _ schedule: OnCallSchedule, _ now: Moment) -> Watch {
        let shifts = schedule.shifts(from: now, to: now + .seconds(14 * 86_400))
        let first = shifts.first ?? schedule.shift(at: now)
        let soon = now + .seconds(7 * 86_400)
        return Watch(
            schedule: name, now: first, next: shifts.dropFirst().first { $0.person != first.person },
            gap: shifts.first { $0.person == nil && $0.start < soon })
    }
}
