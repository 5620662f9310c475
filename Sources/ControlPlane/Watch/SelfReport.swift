import Response
import Spec

/// What the control plane says about itself: whether it lives, whether it is well, and its numbers.
///
/// Belongs to one event loop.
final class SelfReport {
    private let engine: ResponseEngine
    private let intake: AlertIntake
    private let live: LiveHub
    private let role: PlaneRole?
    private let now: () -> Moment

    /// - Parameter role: the one that this process has; `nil`: all of them.
    init(
        engine: ResponseEngine, intake: AlertIntake, live: LiveHub, role: PlaneRole? = nil, now: @escaping () -> Moment
    ) {
        self.live = live
        self.role = role
        self.engine = engine
        self.intake = intake
        self.now = now
    }

    /// The answer to a `GET`, where the path is one of these.
    func answer(_ path: String) -> Answer? {
        switch path {
        case "/live", "/-/healthy": Answer(status: 200, body: .text("OK"))
        case "/health", "/-/ready": readiness
        case "/metrics":
            Answer(status: 200, body: .bytes(Array(metrics.utf8), type: "text/plain; version=0.0.4; charset=utf-8"))
        default: nil
        }
    }

    /// Not ready while the store refuses, or while what is due is not done: who asks should send elsewhere.
    private var readiness: Answer {
        if let trouble = engine.commits.trouble { return Answer(status: 503, body: .text("\(trouble)\n")) }
        if isLate { return Answer(status: 503, body: .text("escalations are late\n")) }
        return Answer(status: 200, body: .text("OK"))
    }

    /// Whether pages go out as they should.
    var isWell: Bool { engine.commits.trouble == nil && !isLate }

    /// Whether something was done more than ten seconds after it fell due, within the last minute.
    var isLate: Bool {
        guard let lateness = engine.lateness, lateness.by > .seconds(10) else { return false }
        return lateness.at + .seconds(60) > now()
    }

    private var metrics: String {
        let moment = now()
        let counts = intake.counts
        let responder = engine.responder
        let silences = responder.mutes.silences.values
        var text = MetricText()
        text.write(role)
        text.write("hauban_alerts_firing", "gauge", "Alerts that fire.", responder.book.firing)
        text.write(
            "hauban_alerts_known", "gauge", "Alerts that are known, ended ones included.",
            responder.book.alerts.count)
        text.write("hauban_alert_requests_total", "counter", "Requests that brought alerts.", counts.requests)
        text.write("hauban_alerts_received_total", "counter", "Alerts that were sent.", counts.received)
        text.write(
            "hauban_alerts_refreshed_total", "counter", "Of these, told again without a change.", counts.refreshed)
        text.write("hauban_alerts_changed_total", "counter", "Of these, written.", counts.changed)
        text.write("hauban_alerts_invalid_total", "counter", "Of these, refused.", counts.invalid)
        text.write("hauban_alerts_waiting", "gauge", "Changed alerts that wait for a commit.", engine.commits.waiting)
        text.write(
            "hauban_silences_active", "gauge", "Silences in force.",
            silences.count { $0.state(at: moment) == .active })
        text.write("hauban_store_commits_total", "counter", "Commits.", engine.commits.commits)
        text.write("hauban_store_failures_total", "counter", "Commits that failed.", engine.commits.failures)
        text.write("hauban_listeners", "gauge", "Pages and programs that listen to what changes.", live.count)
        incidents(responder, &text)
        pages(responder, &text)
        text.write(
            "hauban_lateness_seconds", "gauge",
            "By how much something that fell due by itself was late, at worst within a minute.",
            engine.lateness.map { Double($0.by.milliseconds) / 1000 } ?? 0)
        return text.text
    }

    private func incidents(_ responder: Responder, _ text: inout MetricText) {
        var open: [Level: Int] = [:]
        for incident in responder.incidents.values where incident.isOpen { open[incident.severity, default: 0] += 1 }
        text.write(
            "hauban_incidents_open", "gauge", "Incidents that are not over.",
            Level.allCases.map { ("severity", $0.rawValue, Double(open[$0] ?? 0)) })
        text.write("hauban_incidents_total", "counter", "Incidents that were opened.", responder.register.incidents)
        let moment = now()
        let times = ResponseTimes(
            of: responder.incidents.values, openedFrom: moment - .seconds(86_400), to: moment + .seconds(1))
        text.write(
            "hauban_mtta_seconds", "gauge", "Mean time to acknowledge, of the incidents of the last day.",
            Self.seconds(times.meanToAcknowledge))
        text.write(
            "hauban_mttr_seconds", "gauge", "Mean time to resolve, of the incidents of the last day.",
            Self.seconds(times.meanToResolve))
    }

    private static func seconds(_ duration: Duration?) -> Double {
        duration.map { Double($0.milliseconds) / 1000 } ?? .nan
    }

    private func pages(_ responder: Responder, _ text: inout MetricText) {
        var states: [String: Int] = ["waiting": 0, "sending": 0, "dead": 0]
        for page in responder.pages.values {
            switch page.state {
            case .waiting: states["waiting", default: 0] += 1
            case .sending: states["sending", default: 0] += 1
            case .dead: states["dead", default: 0] += 1
            case .accepted, .acknowledged, .withdrawn, .summarised: break
            }
        }
        text.write(
            "hauban_pages", "gauge", "Pages of the incidents in memory, by what they wait for.",
            states.sorted { $0.key < $1.key }.map { ("state", $0.key, Double($0.value)) })
        text.write(
            "hauban_outbox", "gauge", "Messages that are with a provider or wait for their turn.",
            engine.outgoing.sorted { $0.key.rawValue < $1.key.rawValue }
                .map { ("channel", $0.key.rawValue, Double($0.value)) })
    }
}

/// Numbers in the text form of Prometheus (exposition format 0.0.4).
struct MetricText {
    private(set) var text = ""

    mutating func write(_ name: String, _ type: String, _ help: String, _ value: Int) {
        text += "# HELP \(name) \(help)\n# TYPE \(name) \(type)\n\(name) \(value)\n"
    }

    mutating func write(_ name: String, _ type: String, _ help: String, _ value: Double) {
        text += "# HELP \(name) \(help)\n# TYPE \(name) \(type)\n\(name) \(Self.number(value))\n"
    }

    /// Values by one label whose values need no escape.
    mutating func write(
        _ name: String, _ type: String, _ help: String, _ values: [(label: String, value: String, number: Double)]
    ) {
        text += "# HELP \(name) \(help)\n# TYPE \(name) \(type)\n"
        for value in values { text += "\(name){\(value.label)=\"\(value.value)\"} \(Self.number(value.number))\n" }
    }

    private static func number(_ value: Double) -> String {
        value.isNaN ? "NaN" : value == value.rounded() && abs(value) < 1e15 ? "\(Int(value))" : "\(value)"
    }
}
