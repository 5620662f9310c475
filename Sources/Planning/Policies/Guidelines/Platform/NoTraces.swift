import Spec

extension Guideline {
    static let noTraces = Guideline(
        id: "no-traces",
        title: "A request that is lost between services",
        reason: "Where three services answer one request together, logs say that it was slow and not where. A trace "
            + "says where.",
        fix: "Say where traces go: `telemetry: {traces: otlp}`.",
        serves: ["CE-3.3", "SF-20"], levels: .production(.note),
        judge: .platform { context in
            guard context.platform.telemetry.traces == .none, context.isKnown("telemetry.traces") else { return [] }
            let calls = context.services.reduce(0) { $0 + $1.service.uses.values.count { $0 == .call } }
            guard calls >= 3, let first = context.services.first(where: { $0.service.uses.values.contains(.call) })
            else { return [] }
            return [
                context.flag(
                    "\(calls) calls between services, and no traces",
                    at: context.isWritten("telemetry") ? "telemetry" : .service(first.name, "uses"), .key)
            ]
        },
        bad: """
            services:
              a: {source: a, run: ./a, health: {exec: ./check}, size: {cpu: 1}, uses: {b: call, c: call}, env: {B: "${b.url}", C: "${c.url}"}}
              b:
                source: b
                run: ./b
                port: 80
                health: {ready: /health, live: /live}
                size: {cpu: 1}
                uses: {c: call}
                env: {C: "${c.url}"}
              c: {source: c, run: ./c, port: 80, health: {ready: /health, live: /live}, size: {cpu: 1}}
            environments: {prod: {target: docker}}
            """,
        good: """
            services:
              a: {source: a, run: ./a, health: {exec: ./check}, size: {cpu: 1}, uses: {b: call, c: call}, env: {B: "${b.url}", C: "${c.url}"}}
              b:
                source: b
                run: ./b
                port: 80
                health: {ready: /health, live: /live}
                size: {cpu: 1}
                uses: {c: call}
                env: {C: "${c.url}"}
              c: {source: c, run: ./c, port: 80, health: {ready: /health, live: /live}, size: {cpu: 1}}
            telemetry: {traces: otlp}
            environments: {prod: {target: docker}}
            """)
}
