import Spec

extension Guideline {
    static let fewManagers = Guideline(
        id: "few-managers",
        title: "A swarm that stands still when one server fails",
        reason: "The managers of a Docker Swarm agree by majority. Of two, neither is one: when either fails, nothing "
            + "is started or moved any more.",
        fix: "Name three servers, or five.",
        serves: ["PA-01", "PA-13"], levels: .production(.warning),
        judge: .platform { context in
            guard let name = context.environment, let settings = context.settings, settings.target == .swarm,
                settings.hosts.count < 3, context.isWhole(.environment(name, "hosts"))
            else { return [] }
            let path = SpecPath.environment(name, "hosts")
            let isWritten = context.isWritten(path)
            return [
                context.flag(
                    "the swarm of `\(name)` has \(settings.hosts.isEmpty ? "one server" : settings.hosts.count == 1 ? "one server" : "two servers")",
                    at: isWritten ? path : .environment(name), .key)
            ]
        },
        bad: """
            environments: {prod: {target: swarm, hosts: [deploy@a.example, deploy@b.example]}}
            """,
        good: """
            environments: {prod: {target: swarm, hosts: [deploy@a.example, deploy@b.example, deploy@c.example]}}
            """)
}
