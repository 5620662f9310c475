import Spec

/// A beginning of a runbook for each alert whose file is not there: what it means, how to look, what to do.
///
/// Written once. A file that is there, whoever wrote it, is nobody's but the team's, and is no artifact any more.
enum RunbookFiles {
    /// As hauban.yaml names it, else by the alert's name.
    static func path(_ name: AlertName, _ alert: Alert) -> String { alert.runbook ?? "runbooks/\(name).md" }

    static func artifacts(_ subject: RenderSubject) -> [Artifact] {
        var alerts: [String: [(name: AlertName, alert: Alert, platform: Platform, places: [RenderSubject.Place])]] = [:]
        var seen: Set<AlertName> = []
        let all = [subject.base] + subject.everywhere.map(\.platform)
        for platform in all {
            for (name, alert) in platform.alerts.sorted(by: { $0.key < $1.key }) where seen.insert(name).inserted {
                let path = path(name, alert)
                guard !subject.files.has(path) else { continue }
                let places = subject.everywhere.filter { $0.platform.alerts[name] != nil }
                alerts[path, default: []].append((name, alert, platform, places))
            }
        }
        return alerts.sorted { $0.key < $1.key }.map { path, alerts in
            var lines = [
                "<!-- \(Artifact.mark)\(subject.source) as a beginning. It is yours: what stands here is never replaced. -->"
            ]
            for one in alerts { lines += text(one.name, one.alert, one.platform, one.places.map(\.name.text)) }
            return Artifact(path: path, text: lines.joined(separator: "\n"))
        }
    }

    private static func text(_ name: AlertName, _ alert: Alert, _ platform: Platform, _ places: [String]) -> [String] {
        var lines = ["", "# \(alert.summary ?? name.text)", "", "## What it means", ""]
        let environments = places.joined(separator: ", ")
        let hold = alert.hold == .zero ? "" : " for \(DurationText.text(alert.hold))"
        var target: String?
        switch alert.trigger {
        case .condition(let condition):
            target = condition.target?.text
            lines.append("`\(name)` (\(alert.level.rawValue)): `\(condition.text)`\(hold), in \(environments).")
        case .promql(let expression):
            lines.append("`\(name)` (\(alert.level.rawValue)), in \(environments): true\(hold) is")
            lines += ["", "    \(expression.split(separator: "\n").joined(separator: "\n    "))"]
        }
        if let users = target.map({ self.users(of: $0, platform) }), !users.isEmpty {
            lines.append("Who feels it: \(users.joined(separator: ", ")).")
        }
        lines += ["", "## How to look", "", "1. `hauban status ENV`: since when, and what was released before it."]
        if let target, let service = ServiceName(target).flatMap({ platform.services[$0] }) {
            lines.append("2. `hauban logs ENV \(target)`, and its row of the dashboard \"Services\".")
            let needs = service.uses.keys.map(\.text).sorted()
            if !needs.isEmpty { lines.append("3. What it uses: \(needs.joined(separator: ", ")).") }
        } else if target != nil {
            lines.append("2. Its row of the dashboard \"Databases and caches\", and what the server has left.")
        } else {
            lines.append(
                "2. The expression in Grafana, over the last hours: since when it is so, and for which labels.")
        }
        lines += ["", "## What to do", ""]
        lines.append("1. A release shortly before? `hauban rollback ENV`.")
        let remedies = remedies(alert, platform)
        if !remedies.isEmpty {
            lines.append("2. Tried already, before anybody was told: \(remedies.joined(separator: ", ")).")
        }
        lines += ["", "Afterwards write here what it was, and what would have shown it sooner."]
        return lines
    }

    private static func users(of target: String, _ platform: Platform) -> [String] {
        platform.services.filter { $0.value.uses.keys.contains { $0.text == target } }.map(\.key.text).sorted()
    }

    /// What the escalation does by itself.
    private static func remedies(_ alert: Alert, _ platform: Platform) -> [String] {
        let schedule = alert.to.map { $0.text } ?? platform.owner?.oncall?.text
        guard let schedule = schedule.flatMap({ ScheduleName($0) }) else { return [] }
        return platform.oncall[schedule]?.escalate.compactMap { step in
            if case .perform(let action) = step.deed { "`\(action)`" } else { nil }
        } ?? []
    }
}
