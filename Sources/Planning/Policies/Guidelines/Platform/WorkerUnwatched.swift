import Spec

extension Guideline {
    static let workerUnwatched = Guideline(
        id: "worker-unwatched",
        title: "A worker of which nobody knows whether it works",
        reason: "A worker has no port that could be tried: one that hangs looks like one that waits, and its messages "
            + "wait with it.",
        fix: "Give it a command that fails when it hangs: `health: {exec: [celery, inspect, ping]}`.",
        serves: ["CE-1.3", "PA-13"], levels: .production(.warning, staging: .note),
        judge: .platform { context in
            context.services.compactMap { name, service in
                guard service.port == nil, service.site == nil, service.schedule == nil, service.health == nil,
                    context.isKnown(.service(name, "health"), .service(name, "port"), .service(name, "schedule"))
                else { return nil }
                return context.flag("`\(name)` runs always and has no `health`", at: .service(name), .key)
            }
        },
        bad: """
            services:
              worker: {source: worker, run: ./work, size: {cpu: 1}}
            environments: {prod: {target: docker}}
            """,
        good: """
            services:
              worker: {source: worker, run: ./work, size: {cpu: 1}, health: {exec: ./check}}
            environments: {prod: {target: docker}}
            """)
}
