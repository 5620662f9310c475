import Spec

extension Policy {
    /// An alert asks for what is measured of what exists, and reaches somebody.
    static let alerts = Policy { context in
        let book = PartyBook(context.platform)
        return context.platform.alerts.sorted { $0.key < $1.key }.flatMap { name, alert -> [Diagnostic] in
            let path = SpecPath(["alerts", name.text])
            var findings: [Diagnostic] = []
            if case .condition(let condition) = alert.trigger, context.isKnown(path.appending("when")) {
                findings += Signals.findings(condition, at: path.appending("when"), context)
            }
            guard context.isKnown(path.appending("to")) else { return findings }
            if let to = alert.to {
                if !book.canBeTold(to.text) && !context.mayBeTold(to.text) {
                    let hint = Suggest.name(to.text, among: book.told, kind: "schedules, teams and people")
                    findings.append(
                        context.finding(
                            .alertToNobody, "`\(name)` goes to `\(to)`, and nobody is called that",
                            at: path.appending("to"), help: hint.help, fix: hint.fix))
                }
            } else if context.platform.owner?.oncall == nil && alert.level >= .high
                && context.isKnown("owner.oncall", path.appending("level"))
            {
                findings.append(
                    context.finding(
                        .alertToNobody, "the \(alert.level.rawValue) alert `\(name)` reaches nobody", at: path, .key,
                        help:
                            "Say who answers for the platform with `owner: {oncall: SCHEDULE}`, or who is told of this "
                            + "alert with `to`. Only medium and low alerts may stay on the dashboard."))
            }
            return findings
        }
    }

    /// What a release is accepted by and a launch waits for can be measured where it is asked.
    static let criteria = Policy { context in
        let places = context.platform.environments.filter {
            context.environment == nil || $0.key == context.environment
        }
        var findings = places.sorted { $0.key < $1.key }.flatMap { name, environment in
            environment.accept.sorted { $0.key < $1.key }.flatMap { criterion, condition -> [Diagnostic] in
                let path = SpecPath.environment(name, "accept", criterion.text)
                return context.isKnown(path) ? Signals.findings(condition, at: path, context) : []
            }
        }
        for (name, phase) in context.platform.launch.sorted(by: { $0.key < $1.key })
        where context.environment == nil || phase.environment == context.environment {
            for (criterion, condition) in phase.criteria.sorted(by: { $0.key < $1.key }) {
                let path = SpecPath(["launch", name.text, "criteria", criterion.text])
                guard context.isKnown(path, SpecPath(["launch", name.text, "environment"])) else { continue }
                findings += Signals.findings(condition, at: path, context)
            }
        }
        return findings
    }
}

/// What is wrong with one condition.
enum Signals {
    static func findings(_ condition: Condition, at path: SpecPath, _ context: PolicyContext) -> [Diagnostic] {
        guard let target = condition.target else {
            let environments = context.platform.environments
            if environments.values.contains(where: { $0.budget != nil }) { return [] }
            let hasAll =
                context.gaps.isNamed("environments")
                && environments.keys.allSatisfy { context.isKnown(.environment($0, "budget")) }
            guard hasAll else { return [] }
            return [
                context.finding(
                    .signalNotMeasured, "`spend()` needs a budget, and no environment has one", at: path,
                    help: "Add for example `budget: {month: 900 USD}` to the environment that is meant.")
            ]
        }
        let signal = condition.signal
        let kind: SignalTable.Measured
        if let service = context.platform.services[target.cast()] {
            let name: ServiceName = target.cast()
            guard context.isKnown(.service(name, "port"), .service(name, "site"), .service(name, "schedule")) else {
                return []
            }
            kind = SignalTable.kind(of: service)
        } else if let resource = context.platform.resources[target.cast()] {
            guard context.isKnown(.resource(target.cast(), "kind")) else { return [] }
            kind = SignalTable.kind(of: resource)
        } else {
            if context.mayBeEdge(target.text) { return [] }
            let known = context.platform.services.keys.map(\.text) + context.platform.resources.keys.map(\.text)
            let near = KeyHint.nearest(to: target.text, among: known)
            return [
                context.finding(
                    .unknownSignalTarget, "`\(target)` is neither a service nor a resource", at: path,
                    .text(target.text),
                    help: Suggest.name(target.text, among: known, kind: "services and resources").help,
                    fix: near)
            ]
        }
        guard !SignalTable.measured(by: signal).contains(kind) else { return [] }
        let others = SignalTable.measured(by: signal).map(\.words).joined(separator: " or ")
        let own = SignalTable.signals(of: kind)
        return [
            context.finding(
                .signalNotMeasured, "`\(signal.rawValue)` is not measured of `\(target)`, \(kind.words)", at: path,
                .text(signal.rawValue),
                help: (own.isEmpty
                    ? "Nothing is measured of it; " : "Of it are measured: \(own.joined(separator: ", ")). ")
                    + "`\(signal.rawValue)` belongs to \(others). Anything else can be asked with `promql`.")
        ]
    }
}
