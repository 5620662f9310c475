package import Spec

/// Something that somebody should perhaps know: one label set, from when it began to when it ended.
package struct Alert: Hashable, Codable, Sendable {
    package var labels: LabelSet
    package var annotations: Annotations
    package var startsAt: Moment
    /// When it is taken as over unless it is told again; the past: it is over.
    package var endsAt: Moment
    /// Whether the end was only assumed, since the sender named none.
    package var endIsAssumed: Bool
    package var updatedAt: Moment
    package var source: String
    /// Where the sender shows what made it tell: Prometheus's expression, for one. Empty where it says nothing.
    package var generatorURL: String
    /// When it was first heard of, this time.
    package var receivedAt: Moment
    /// When it was taken as over; `nil` while it fires. An end alone does not say so: it moves with each report.
    package var endedAt: Moment?
    /// When it began again after it had been over, oldest first; no more than detecting a flapping alert needs.
    package var beganAgain: [Moment] = []

    package init(
        labels: LabelSet, annotations: Annotations = [:], startsAt: Moment, endsAt: Moment,
        endIsAssumed: Bool = false, updatedAt: Moment, source: String = "", generatorURL: String = "",
        receivedAt: Moment? = nil
    ) {
        self.labels = labels
        self.annotations = annotations
        self.startsAt = startsAt
        self.endsAt = endsAt
        self.endIsAssumed = endIsAssumed
        self.updatedAt = updatedAt
        self.source = source
        self.generatorURL = generatorURL
        self.receivedAt = receivedAt ?? updatedAt
    }

    package func isResolved(at now: Moment) -> Bool { endsAt <= now }

    package func overlaps(_ other: Alert) -> Bool { startsAt <= other.endsAt && other.startsAt <= endsAt }

    /// Its name, or what it has in the place of one.
    package var name: String { labels["alertname"] ?? labels["service"] ?? "alert" }

    package var service: String? { labels["service"] }

    /// What its label `severity` says, in our words or in those that are usual elsewhere; `high` when it says nothing.
    package var level: Level { labels["severity"].flatMap(Level.init(severity:)) ?? .high }

    /// Whether it says that nothing was measured, which is no evidence of anything else.
    package var isAboutMissingData: Bool {
        // Grafana's names for a query without data or with an error ("No data and error alerts").
        ["DatasourceNoData", "DatasourceError"].contains(labels["alertname"] ?? "")
            || labels["evidence"] == "missing"
    }
}

extension Level {
    /// Reads a severity as senders write it: Alertmanager's customs, PagerDuty's `error` and `warning`, Opsgenie's `P1` to `P5`.
    package init?(severity text: String) {
        switch text.lowercased() {
        case "critical", "page", "emergency", "fatal", "p1": self = .critical
        case "high", "error", "major", "p2": self = .high
        case "medium", "warning", "warn", "minor", "moderate", "p3": self = .medium
        case "low", "info", "information", "informational", "none", "p4", "p5": self = .low
        default: return nil
        }
    }
}
