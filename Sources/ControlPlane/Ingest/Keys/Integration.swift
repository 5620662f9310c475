package import Response
package import Spec

/// Somebody who sends us alerts, and what we make of them besides what they say.
package struct Integration: Hashable, Codable, Sendable {
    /// Whose messages it takes.
    package enum Sender: String, CaseIterable, Codable, Sendable {
        case alertmanager
        case grafana
        case pagerDuty = "pagerduty"
        case opsgenie
        case googleCloud = "google-cloud"
        case sns
        case heartbeat
        case json
    }

    /// Unique among them; the label `integration` of what it sends, and its heartbeat's name where it gives none.
    package var name: String
    package var sender: Sender
    /// Given to each alert that does not say them itself: the service, the team.
    package var labels: [String: String]
    /// Of alerts whose sender names no severity that is known.
    package var level: Level
    /// How long an alert fires whose sender says nothing more; `nil`: until it is said to be over.
    package var endsAfter: Duration?
    /// How its JSON is read; `nil` reads it as ``JSONMapping/usual`` says.
    package var mapping: JSONMapping?
    /// The topics of SNS that it takes; none takes each that is signed.
    package var topics: [String]
    package var created: Moment
    package var createdBy: String

    package init(
        name: String, sender: Sender, labels: [String: String] = [:], level: Level = .high,
        endsAfter: Duration? = nil, mapping: JSONMapping? = nil, topics: [String] = [], created: Moment,
        createdBy: String
    ) {
        self.name = name
        self.sender = sender
        self.labels = labels
        self.level = level
        self.endsAfter = endsAfter
        self.mapping = mapping
        self.topics = topics
        self.created = created
        self.createdBy = createdBy
    }
}
