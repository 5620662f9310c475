import Spec

extension Guideline {
    static let logsKeptShort = Guideline(
        id: "logs-kept-short",
        title: "Logs that are gone before they are asked for",
        reason: "An incident is often understood a week later, and a break-in found months after. What was logged then "
            + "is all there is.",
        fix: "Keep a month: `telemetry: {logs-keep: 30d}`.",
        serves: ["PA-10", "CE-4.5"], levels: .production(.warning),
        judge: .platform { context in
            guard context.platform.telemetry.logsKeep < .seconds(14 * 86_400), context.isKnown("telemetry.logs-keep")
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
            telemetry: {logs-keep: 3d}
            environments: {prod: {target: docker}}
            """,
        good: """
            telemetry: {logs-keep: 30d}
            environments: {prod: {target: docker}}
            """)
}
