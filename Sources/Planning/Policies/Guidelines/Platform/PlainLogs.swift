import Spec

extension Guideline {
    static let plainLogs = Guideline(
        id: "plain-logs",
        title: "Logs that no machine can read",
        reason: "A plain line has no severity, service or correlation id of its own: one request cannot be followed "
            + "through several services, and an alert on errors counts words.",
        fix: "Write one JSON object a line and say `logs: json`, or leave it away.",
        serves: ["SF-18", "CS-07"], levels: .production(.warning, staging: .note),
        judge: .platform { context in
            context.services.compactMap { name, service in
                guard service.logs == .plain, context.isKnown(.service(name, "logs")) else { return nil }
                return context.flag("`\(name)` writes plain lines", at: .service(name, "logs"))
            }
        },
        bad: """
            services:
              api: {source: api, run: ./api, health: {exec: ./check}, size: {cpu: 1}, logs: plain}
            environments: {prod: {target: docker}}
            """,
        good: """
            services:
              api: {source: api, run: ./api, health: {exec: ./check}, size: {cpu: 1}}
            environments: {prod: {target: docker}}
            """)
}
