import Response
import Spec
import World

/// Who is on call in a schedule at a moment, and who comes next.
struct OnCallItem: Sendable {
    var schedule: String
    /// By whose clock the schedule's turns change.
    var zone: String?
    var now: Shift
    var next: Shift?

    init(_ schedule: OnCallSchedule, at moment: Moment) {
        self.schedule = schedule.name
        zone = schedule.layers.first?.zone.name
        now = schedule.shift(at: moment)
        next = schedule.next(after: now, moment)
    }
}

/// A silence with the moment for which it is shown.
struct SilenceItem: Sendable {
    var silence: Silence
    var now: Moment
    var alerts: Int
}

/// A maintenance window with the moment for which it is shown.
struct MaintenanceItem: Sendable {
    var window: MaintenanceWindow
    var endsAt: Moment?
}

extension Resource where Value == Shift {
    static let shift = Resource(
        name: "Shift", about: "A time for which the answer to \"who is on call\" is the same.",
        members: [
            .moment("startsAt", "From when.") { $0.start }, .moment("endsAt", "To when.") { $0.end },
            .maybe("person", "Who is on call; missing in a gap.") { $0.person },
            .text("why", "Why it is this person.") { $0.why.words },
        ])
}

extension Resource where Value == OnCallItem {
    static let onCall = Resource(
        name: "OnCall", about: "Who is on call in a schedule.",
        members: [
            .text("schedule", "The schedule's name.") { $0.schedule },
            .maybe("zone", "The time zone by whose clock its turns change, as IANA names it.") { $0.zone },
            .maybe("person", "Who is on call; missing: nobody is.") { $0.now.person },
            .text("why", "Why it is this person.") { $0.now.why.words },
            .moment("until", "How long the answer surely holds.") { $0.now.end },
            .maybe("next", "Who comes then.", of: .shift) { $0.next },
        ])
}

extension Resource where Value == OnCallSchedule.Override {
    static let override = Resource(
        name: "Override", about: "One person in the place of others.",
        members: [
            .text("id", "Its identity.") { $0.id }, .text("person", "Who is on call then.") { $0.person },
            .maybe("replaces", "Only where this person would be.") { $0.replaces },
            .moment("startsAt", "From when.") { $0.start }, .moment("endsAt", "To when.") { $0.end },
        ])
}

extension Resource where Value == SilenceItem {
    static let silence = Resource(
        name: "Silence", about: "Alerts that nobody is told of for a while.",
        members: [
            .text("id", "Its identity.") { $0.silence.id },
            .texts("matchers", "What an alert's labels have to be, as amtool writes it.") {
                $0.silence.matchers.map(\.description)
            },
            .choice("state", "Whether it holds.", ["pending", "active", "expired"]) {
                $0.silence.state(at: $0.now).rawValue
            },
            .moment("startsAt", "From when.") { $0.silence.start }, .moment("endsAt", "To when.") { $0.silence.end },
            .text("owner", "Who wants it.") { $0.silence.owner }, .text("reason", "Why.") { $0.silence.reason },
            .integer("alerts", "How many firing alerts it matches now.") { $0.alerts },
        ])
}

extension Resource where Value == MaintenanceItem {
    static let maintenance = Resource(
        name: "Maintenance", about: "Planned work, once or again and again.",
        members: [
            .text("id", "Its identity.") { $0.window.id }, .text("title", "What is done.") { $0.window.title },
            .texts("matchers", "What an alert's labels have to be.") { $0.window.matchers.map(\.description) },
            .text("owner", "Who does it.") { $0.window.owner },
            .flag("isOn", "Whether it lasts now.") { $0.endsAt != nil },
            .maybeMoment("endsAt", "When what lasts now ends.") { $0.endsAt },
            .maybeMoment("until", "After this it recurs no more.") { $0.window.until },
        ])
}

extension Shift.Reason {
    /// Why, as a clause.
    var words: String {
        switch self {
        case .turn(let layer): "turn in \(layer)"
        case .standIn(let layer, let absent): "stands in for \(absent), who is away, in \(layer)"
        case .override(_, let other): other.map { "in the place of \($0)" } ?? "override"
        case .nobody: "no layer has anybody"
        }
    }
}
