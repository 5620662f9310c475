import Spec

extension Guideline {
    static let privilegedPatch = Guideline(
        id: "privileged-patch",
        title: "A container that a patch makes root",
        reason: "Hauban runs containers as another user, without privileges and with a root file system that cannot be "
            + "written. A patch that takes this back opens the machine to whoever breaks into the service.",
        fix: "Take it out of the patch; a single capability, `cap_add: [NET_BIND_SERVICE]`, is often enough.",
        serves: ["IP-08", "IP-04"], levels: .production(.error, staging: .warning, development: .note),
        judge: .platform { context in
            guard let name = context.environment, let settings = context.settings else { return [] }
            return settings.patch.sorted { $0.key < $1.key }.compactMap { target, text in
                let path = SpecPath.environment(name, "patch", target)
                guard let privilege = PatchText(text.document).privilege, context.isWhole(path) else { return nil }
                return context.flag("the patch for \(target) says \(privilege)", at: path, .key)
            }
        },
        bad: """
            services: {worker: {source: w, run: ./w, health: {exec: ./check}, size: {cpu: 1}}}
            environments: {prod: {target: docker, patch: {docker: {services: {worker: {privileged: true}}}}}}
            """,
        good: """
            services: {worker: {source: w, run: ./w, health: {exec: ./check}, size: {cpu: 1}}}
            environments: {prod: {target: docker, patch: {docker: {services: {worker: {cap_add: [NET_BIND_SERVICE]}}}}}}
            """)
}
