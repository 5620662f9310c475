import Spec

extension Guideline {
    static let plainBetweenServices = Guideline(
        id: "plain-between-services",
        title: "Requests in the clear behind the edge",
        reason:
            "TLS ends at the edge: what services ask one another crosses the machines of a cluster or a swarm as it "
            + "is, sessions and tokens with it.",
        fix: "Let services talk mutual TLS: `encrypt: mesh`.",
        serves: ["CE-4.2"], levels: .production(.note),
        judge: .platform { context in
            guard let name = context.environment, let settings = context.settings, settings.encrypt == .edge,
                [.swarm, .kubernetes].contains(settings.target), context.isKnown(.environment(name, "encrypt")),
                let calling = context.services.first(where: { $0.service.uses.values.contains(.call) })
            else { return [] }
            return [
                context.flag(
                    "`\(calling.name)` and others ask one another in the clear in `\(name)`", at: .environment(name),
                    .key)
            ]
        },
        bad: """
            services:
              a: {source: a, run: ./a, health: {exec: ./check}, size: {cpu: 1}, uses: {b: call}, env: {B: "${b.url}"}}
              b: {source: b, run: ./b, port: 80, health: {ready: /health, live: /live}, size: {cpu: 1}, scale: 2}
            environments: {prod: {target: kubernetes}}
            """,
        good: """
            services:
              a: {source: a, run: ./a, health: {exec: ./check}, size: {cpu: 1}, uses: {b: call}, env: {B: "${b.url}"}}
              b: {source: b, run: ./b, port: 80, health: {ready: /health, live: /live}, size: {cpu: 1}, scale: 2}
            environments: {prod: {target: kubernetes, encrypt: mesh}}
            """)
}
