import Spec

extension Policy {
    /// Every environment that is named exists, and none leans on itself.
    static let environmentNames = Policy(.once) { context in
        let platform = context.platform
        let known = platform.environments.keys.map(\.text)
        var findings: [Diagnostic] = []
        func judge(_ name: EnvironmentName, at path: SpecPath, _ place: PolicyContext.Place = .value) {
            guard platform.environments[name] == nil, context.isKnown(path),
                !context.mayName(name.text, in: "environments")
            else { return }
            let hint = Suggest.name(name.text, among: known, kind: "environments")
            findings.append(
                context.finding(
                    .unknownEnvironment, "there is no environment `\(name)`", at: path, place, help: hint.help,
                    fix: hint.fix))
        }
        func judgeOther(
            _ other: EnvironmentName, than name: EnvironmentName, _ say: String, at path: SpecPath,
            _ place: PolicyContext.Place = .value
        ) {
            if other == name && context.isKnown(path) {
                findings.append(
                    context.finding(
                        .unknownEnvironment, "`\(name)` cannot \(say) itself", at: path, place,
                        help: "Name another environment."))
            } else {
                judge(other, at: path, place)
            }
        }
        for (name, environment) in platform.environments.sorted(by: { $0.key < $1.key }) {
            let path = SpecPath.environment(name)
            if let other = environment.failover {
                judgeOther(other, than: name, "take over from", at: path.appending("failover"))
            }
            if let other = environment.like { judgeOther(other, than: name, "be like", at: path.appending("like")) }
            for other in environment.requires.soak.keys.sorted() {
                let soak = path.appending("requires").appending("soak").appending(other.text)
                judgeOther(other, than: name, "wait for", at: soak, .key)
            }
        }
        for (name, drill) in platform.drills.sorted(by: { $0.key < $1.key }) {
            judge(drill.environment, at: SpecPath(["drills", name.text, "environment"]))
        }
        for (name, phase) in platform.launch.sorted(by: { $0.key < $1.key }) {
            judge(phase.environment, at: SpecPath(["launch", name.text, "environment"]))
        }
        for (name, waiver) in platform.waivers.sorted(by: { $0.key < $1.key }) {
            if let environment = waiver.environment {
                judge(environment, at: SpecPath(["waivers", name.text, "environment"]))
            }
        }
        return findings
    }

    /// The phases of a launch follow one another.
    static let phases = Policy(.once) { context in
        let launch = context.platform.launch
        return launch.sorted { $0.key < $1.key }.compactMap { name, phase in
            guard let after = phase.after else { return nil }
            let path = SpecPath(["launch", name.text, "after"])
            guard context.isKnown(path) else { return nil }
            if launch[after] == nil {
                if context.mayName(after.text, in: "launch") { return nil }
                let hint = Suggest.name(
                    after.text, among: launch.keys.map(\.text).filter { $0 != name.text }, kind: "phases")
                return context.finding(
                    .unknownPhase, "there is no phase `\(after)`", at: path, help: hint.help, fix: hint.fix)
            }
            var ring = [name]
            var next: PlainName? = after
            while let phase = next, !ring.contains(phase) {
                ring.append(phase)
                next = context.isKnown(SpecPath(["launch", phase.text, "after"])) ? launch[phase]?.after : nil
            }
            // Reported once, at the ring's first name.
            guard next == name, ring.min() == name else { return nil }
            let text = (ring + [name]).map(\.text).joined(separator: " -> ")
            return context.finding(
                .unknownPhase, "phases wait for each other: \(text)", at: path,
                help: "The first phase of a launch has no `after`.")
        }
    }
}
