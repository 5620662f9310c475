import Spec

/// The severities of each sender in our words. What is not here is read as `Level(severity:)` reads a label, and what that
/// does not know is as severe as the integration says.
enum SeverityTable {
    /// PagerDuty, Events API v2, `payload.severity`: these four and no others.
    static let pagerDuty: [String: Level] = ["critical": .critical, "error": .high, "warning": .medium, "info": .low]

    /// Opsgenie, Alert API, `priority`: P3 where none is given.
    static let opsgenie: [String: Level] = ["P1": .critical, "P2": .high, "P3": .medium, "P4": .low, "P5": .low]

    /// Google Cloud Monitoring, `incident.severity`; `No severity` is none.
    static let googleCloud: [String: Level] = ["critical": .critical, "error": .high, "warning": .medium]

    /// CloudWatch knows states, no severities: an alarm is as severe as its integration says, an alarm without data is this.
    static let cloudWatchWithoutData = Level.medium
}
