import Response
import Spec
import World

/// An incident with what belongs to it.
struct IncidentItem: Sendable {
    var incident: Incident
    var entries: [Incident.Entry]
    var pages: [Page]
    var remedies: [RemedyRun]
    var alerts: [(Fingerprint, Response.Alert)]

    init(_ id: String, of responder: Responder) {
        let incident = responder.incidents[id]
        self.incident = incident ?? Incident(id: id, title: "", severity: .low, opened: responder.now)
        entries = incident?.timeline ?? []
        pages = responder.pages(of: id)
        remedies = responder.remedies.values.filter { $0.incident == id }.sorted { $0.key < $1.key }
        alerts = (incident?.firing ?? []).sorted().prefix(100).compactMap { fingerprint in
            responder.book.alerts[fingerprint].map { (fingerprint, $0) }
        }
    }
}

/// An alert with what is known about it.
struct AlertItem: Sendable {
    var fingerprint: Fingerprint
    var alert: Response.Alert
    var standing: Responder.Standing?
}

extension Resource where Value == Incident {
    private static var members: [Member] {
        [
            .text("id", "`i12`") { $0.id }, .text("title", "What is wrong.") { $0.title },
            .choice("severity", "How bad it is.", Level.words) { $0.severity.rawValue },
            .choice("status", "Where it stands.", ["triggered", "acknowledged", "resolved", "merged"]) {
                $0.status.word
            },
            .maybe("mergedInto", "The incident that goes on in its place.") {
                if case .merged(let other) = $0.status { other } else { nil }
            },
            .maybe("service", "The service that it is about.") { $0.service },
            .maybe("assignee", "Who takes care of it.") { $0.assignee },
            .maybe("policy", "What it is escalated by.") { $0.policy },
            .map("roles", "People by the role that they have in it.") { $0.roles },
            .moment("openedAt", "When it was opened.") { $0.opened },
            .maybeMoment("acknowledgedAt", "When it was first acknowledged.") { $0.firstAcknowledged },
            .maybeMoment("resolvedAt", "When it was resolved.") { $0.resolved },
            .maybeMoment("snoozedUntil", "Until when somebody asked for time.") { $0.snoozedUntil },
            .maybe("runbook", "Where it says what to do.") { $0.runbook },
            .list("links", "Where to read on.", of: .link) { $0.links },
            .integer("firing", "How many of its alerts fire.") { $0.firing.count },
        ]
    }

    static let incident = Resource(name: "Incident", about: "Something that goes wrong.", members: members)
}

extension Resource where Value == Incident.Link {
    static let link = Resource(
        name: "Link", about: "Where to read on.",
        members: [.text("url", "Its address.") { $0.url }, .text("title", "What is there.") { $0.title }])
}

extension Resource where Value == IncidentItem {
    static let details = Resource(
        name: "IncidentDetails", about: "An incident with everything that happened about it.",
        members: [
            .init(name: "incident", shape: .object("Incident"), about: "The incident.", isOptional: false) {
                Resource<Incident>.incident.json($0.incident)
            },
            .list("timeline", "Everything that happened, in the order of time.", of: .entry) { $0.entries },
            .list("pages", "Every message that was decided, with its ledger.", of: .page) { $0.pages },
            .list("remedies", "What was tried.", of: .remedy) { $0.remedies },
            .list("alerts", "The first 100 of its alerts that fire.", of: .alert) { view in
                view.alerts.map { AlertItem(fingerprint: $0.0, alert: $0.1, standing: nil) }
            },
        ])
}

extension Resource where Value == Incident.Entry {
    static let entry = Resource(
        name: "TimelineEntry", about: "A line of an incident's timeline.",
        members: [
            .moment("at", "When it happened.") { $0.at }, .text("by", "Who did or said it.") { $0.by.words },
            .text("what", "What happened and why, as a clause after the actor's name.") { $0.words },
        ])
}

extension Resource where Value == Page {
    static let page = Resource(
        name: "Page", about: "A message to one reader by one way.",
        members: [
            .text("id", "Its identity: what providers get as the key of a message.") { $0.id },
            .maybe("person", "Who is told.") { $0.person },
            .text("channel", "By which way.") { $0.contact.kind.rawValue },
            .text("address", "Where to.") { $0.contact.address },
            .text("why", "Why it was decided.") { $0.reason.sentence.english },
            .choice(
                "state", "Where it stands.",
                ["waiting", "sending", "accepted", "acknowledged", "withdrawn", "summarised", "dead"]
            ) { $0.state.word },
            .integer("attempts", "How often it was given to the provider.") { $0.attempts },
            .list("ledger", "Every step of it.", of: .line) { $0.ledger },
        ])
}

extension Resource where Value == Page.Line {
    static let line = Resource(
        name: "LedgerLine", about: "A step of a page.",
        members: [.moment("at", "When.") { $0.at }, .text("what", "What happened.") { $0.deed.words }])
}

extension Resource where Value == RemedyRun {
    static let remedy = Resource(
        name: "Remedy", about: "Something that was or is to be done about an incident.",
        members: [
            .text("name", "The action's name.") { $0.name }, .maybe("service", "What it is done to.") { $0.service },
            .maybe("release", "The release that is gone back from.") { $0.release },
            .text("state", "What came of it.") { $0.state.words }, .moment("since", "Since when.") { $0.since },
        ])
}

extension Resource where Value == AlertItem {
    static let alert = Resource(
        name: "Alert", about: "One label set, from when it began to when it ended.",
        members: [
            .text("fingerprint", "Its identity.") { $0.fingerprint.description },
            .text("name", "Its name.") { $0.alert.name },
            .choice("severity", "How bad it is.", Level.words) { $0.alert.level.rawValue },
            .map("labels", "What identifies it.") { $0.alert.labels.dictionary },
            .map("annotations", "What is said of it.") { $0.alert.annotations.dictionary },
            .flag("isFiring", "Whether it is not over.") { $0.alert.endedAt == nil },
            .flag("isFlapping", "Whether it begins and ends so often that its ends are not believed.") {
                $0.standing?.isFlapping ?? false
            },
            .moment("startsAt", "When it began.") { $0.alert.startsAt },
            .maybeMoment("endedAt", "When it was over.") { $0.alert.endedAt },
            .text("source", "Who told of it.") { $0.alert.source },
            .maybe("link", "Where the sender shows what made it tell.") {
                $0.alert.generatorURL.isEmpty ? nil : $0.alert.generatorURL
            },
            .texts("mutedBy", "Why nobody is told of it.") { $0.standing?.mutes.map(\.words) ?? [] },
            .texts("incidents", "What it belongs to.") { $0.standing?.incidents ?? [] },
        ])
}

extension Resource where Value == ReleaseRecord {
    static let release = Resource(
        name: "Release", about: "One release: the first suspect.",
        members: [
            .text("id", "Its identity.") { $0.id }, .texts("services", "What it shipped.") { $0.services },
            .maybe("environment", "Where to.") { $0.environment }, .text("by", "Who shipped it.") { $0.by },
            .maybe("version", "What was shipped: a commit, a tag.") { $0.version },
            .moment("beganAt", "When it began.") { $0.began }, .maybeMoment("endedAt", "When it ended.") { $0.ended },
            .choice("verdict", "What became of it.", ReleaseRecord.Verdict.words) { $0.verdict.word },
            .maybe("reason", "Why it was returned or failed.") { $0.verdict.reason },
            .choice(
                "migration", "Whether the version before can run after it.",
                ["none", "compatible", "incompatible", "unknown"]
            ) { $0.migration.rawValue },
        ])
}

extension Level {
    static var words: [String] { allCases.map(\.rawValue) }
}

extension Incident.Status {
    var word: String {
        switch self {
        case .triggered: "triggered"
        case .acknowledged: "acknowledged"
        case .resolved: "resolved"
        case .merged: "merged"
        }
    }
}

extension Page.State {
    var word: String {
        switch self {
        case .waiting: "waiting"
        case .sending: "sending"
        case .accepted: "accepted"
        case .acknowledged: "acknowledged"
        case .withdrawn: "withdrawn"
        case .summarised: "summarised"
        case .dead: "dead"
        }
    }
}

extension Page.Line.Deed {
    /// The step, in words.
    var words: String {
        switch self {
        case .decided: "decided"
        case .deferred(let until, let why): "waits until \(until): \(why.words)"
        case .sent(let attempt): "sent, attempt \(attempt)"
        case .sentAgain(let attempt): "sent again, attempt \(attempt): a restart does not know whether it went out"
        case .accepted(let attempt, let reference):
            "accepted by the provider, attempt \(attempt)" + (reference.map { ", as \($0)" } ?? "")
        case .failed(let attempt, let detail): "attempt \(attempt) failed: \(detail)"
        case .noAnswer(let attempt): "attempt \(attempt) was not answered in time"
        case .withdrawn(let why): "taken back: \(why.words)"
        case .summarised(let page): "went into the summary \(page)"
        case .acknowledged(let person): "acknowledged by \(person)"
        case .gaveUp(let why): "given up: \(why)"
        }
    }
}

extension ReleaseRecord.Verdict {
    static let words = ["switching", "kept", "returned", "failed", "elsewhere"]

    var word: String {
        switch self {
        case .switching: "switching"
        case .kept: "kept"
        case .returned: "returned"
        case .failed: "failed"
        case .elsewhere: "elsewhere"
        }
    }
}
