import Spec

extension Guideline {
    static let noLimits = Guideline(
        id: "no-limits",
        title: "A service without limits of its own",
        reason: "Without `size` a replica gets the default of a small service, which nobody chose for this one: too "
            + "little ends it under load, too much is paid for, and a limit that was never measured hides a leak.",
        fix: "Measure it and write `size: {cpu: 500m, memory: 512Mi}`.",
        serves: ["IP-03", "CE-6.1"], levels: .production(.warning, staging: .note),
        judge: .platform { context in
            guard context.isRemote else { return [] }
            return context.services.compactMap { name, service in
                // What was written may equal the default, and is then no guess.
                guard service.site == nil, service.size == .small, !context.isWritten(.service(name, "size")),
                    context.isKnown(.service(name, "size"))
                else { return nil }
                return context.flag("`\(name)` has no `size`", at: .service(name), .key)
            }
        },
        bad: """
            services:
              api: {source: api, run: ./api, health: {exec: ./check}}
            environments: {prod: {target: docker}}
            """,
        good: """
            services:
              api: {source: api, run: ./api, health: {exec: ./check}, size: {cpu: 500m, memory: 512Mi}}
            environments: {prod: {target: docker}}
            """)
}
