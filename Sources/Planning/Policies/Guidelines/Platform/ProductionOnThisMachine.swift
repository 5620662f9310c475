import Spec

extension Guideline {
    static let productionOnThisMachine = Guideline(
        id: "production-on-this-machine",
        title: "Users on the author's machine",
        reason: "`local` runs processes of this machine, without limits, without isolation and without anybody who "
            + "starts them on another one.",
        fix: "Choose `docker`, `swarm`, `kubernetes` or a cloud.",
        serves: ["IP-04", "PA-01"], levels: .production(.warning),
        judge: .platform { context in
            guard let name = context.environment, context.settings?.target == .local,
                context.isKnown(.environment(name, "target"))
            else { return [] }
            return [
                context.flag(
                    "`\(name)` is production and runs as processes of one machine", at: .environment(name, "target"))
            ]
        },
        bad: """
            environments: {main: {target: local, purpose: production}}
            """,
        good: """
            environments: {main: {target: docker, purpose: production}}
            """)
}
