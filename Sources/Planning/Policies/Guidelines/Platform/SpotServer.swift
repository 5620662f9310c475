import Spec

extension Guideline {
    static let spotServer = Guideline(
        id: "spot-server",
        title: "What users wait for may be taken away",
        reason: "A spot machine is taken back at half a minute's notice. A worker whose messages wait loses nothing by "
            + "that; whoever asked a server gets no answer.",
        fix: "Write `capacity: standard`, or leave it away.",
        serves: ["CE-6.4"], levels: .production(.warning),
        judge: .platform { context in
            context.services.compactMap { name, service in
                guard service.capacity == .spot, service.port != nil, context.isKnown(.service(name, "capacity")) else {
                    return nil
                }
                return context.flag(
                    "`\(name)` answers requests on machines that may go", at: .service(name, "capacity"))
            }
        },
        bad: """
            services:
              api:
                source: api
                run: ./api
                port: 80
                health: {ready: /health, live: /live}
                size: {cpu: 1}
                scale: 2
                capacity: spot
            environments: {prod: {target: kubernetes}}
            """,
        good: """
            services:
              api:
                source: api
                run: ./api
                port: 80
                health: {ready: /health, live: /live}
                size: {cpu: 1}
                scale: 2
            environments: {prod: {target: kubernetes}}
            """)
}
