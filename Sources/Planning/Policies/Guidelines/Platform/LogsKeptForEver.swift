import Spec

extension Guideline {
    static let logsKeptForEver = Guideline(
        id: "logs-kept-for-ever",
        title: "Logs that outlive their use",
        reason: "Logs hold addresses and names of users. What is kept longer than it is needed must be found and "
            + "removed when one of them asks, and costs money every month.",
        fix: "Keep what a law or a contract asks for, a year at most: `telemetry: {logs-keep: 365d}`.",
        serves: ["CE-4.5", "PA-19"], levels: .production(.note),
        judge: .platform { context in
            guard context.platform.telemetry.logsKeep > .seconds(400 * 86_400), context.isKnown("telemetry.logs-keep")
            else {
                return []
            }
            return [
                context.flag(
                    "logs are kept for \(DurationText.text(context.platform.telemetry.logsKeep))",
                    at: "telemetry.logs-keep")
            ]
        },
        bad: """
            telemetry: {logs-keep: 1000d}
            environments: {prod: {target: docker}}
            """,
        good: """
            telemetry: {logs-keep: 365d}
            environments: {prod: {target: docker}}
            """)
}
