import Spec

extension Guideline {
    static let logsInClear = Guideline(
        id: "logs-in-clear",
        title: "Logs that a stolen disk gives away",
        reason: "Logs name users and hold what they asked for. A disk of your own keeps them as they are unless "
            + "encryption is demanded.",
        fix: "Demand it: `telemetry: {logs-encrypt: true}`.",
        serves: ["CE-4.5"], levels: .production(.note),
        judge: .platform { context in
            guard let target = context.target, [.swarm, .kubernetes].contains(target),
                !context.platform.telemetry.logsEncrypt,
                context.platform.telemetry.stack == .prometheus, context.isKnown("telemetry.logs-encrypt"),
                !context.services.isEmpty
            else { return [] }
            return [context.flag("nothing demands that logs are encrypted at rest", at: "telemetry", .key)]
        },
        bad: """
            services: {api: {source: api, run: ./api, health: {exec: ./check}, size: {cpu: 1}}}
            telemetry: {logs-keep: 30d}
            environments: {prod: {target: kubernetes}}
            """,
        good: """
            services: {api: {source: api, run: ./api, health: {exec: ./check}, size: {cpu: 1}}}
            telemetry: {logs-keep: 30d, logs-encrypt: true}
            environments: {prod: {target: kubernetes}}
            """)
}
