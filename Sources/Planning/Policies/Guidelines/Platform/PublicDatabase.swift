import Spec

extension Guideline {
    static let publicDatabase = Guideline(
        id: "public-database",
        title: "A production whose databases listen beside the edge",
        reason: "`open-ports` lets every database and service listen on a port of the server, for the tools of whoever "
            + "builds the platform. In production each such port is a way around the edge, its TLS and its limits.",
        fix: "Take `open-ports` away; a tunnel over SSH serves whoever must look.",
        serves: ["SF-04", "PA-05"], levels: .production(.error, staging: .warning),
        judge: .platform { context in
            guard let name = context.environment, let settings = context.settings, settings.openPorts,
                context.isKnown(.environment(name, "open-ports"))
            else { return [] }
            let stores = context.resources.filter { $0.resource.kind == .postgres || $0.resource.kind == .redis }
            guard let first = stores.first else { return [] }
            return [
                context.flag(
                    "`\(first.name)`\(stores.count > 1 ? " and \(stores.count - 1) more listen" : " listens") on the server's own ports",
                    at: .environment(name, "open-ports"))
            ]
        },
        bad: """
            resources:
              cache: {kind: redis}
            environments: {prod: {target: docker, open-ports: true}}
            """,
        good: """
            resources:
              cache: {kind: redis}
            environments: {prod: {target: docker}}
            """)
}
