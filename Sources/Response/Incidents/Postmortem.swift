import Spec

/// A draft of what is written after an incident: what is known is filled in, what people have to say is asked.
package enum Postmortem {
    /// Markdown. Times are those of the zone.
    package static func draft(_ incident: Incident, zone: ZoneRules = .utc) -> String {
        var lines = ["# \(escaped(incident.title))", ""]
        lines += table(["Incident", incident.id], facts(incident, zone))
        lines += ["", "## Summary", "", "_What happened, in three sentences that a customer understands._", ""]
        lines += ["## Impact", "", "_Who noticed, what could they not do, and how many were they?_", ""]
        lines += ["## Timeline (\(zone.name))", ""]
        lines += table(
            ["Time", "Who", "What"],
            incident.timeline.filter(\.isWorthTelling).map { entry in
                [clock(entry.at, zone), entry.by.words, entry.words]
            })
        lines += ["", "## Cause", ""] + suspects(incident) + ["_Why was it possible?_", ""]
        lines += ["## What went well, what went badly, where we were lucky", "", "- ", ""]
        lines += ["## Alerts and pages", ""] + pages(incident) + [""]
        lines += ["## Actions", "", "| Action | Owner | Due |", "|---|---|---|", "| | | |", ""]
        return lines.joined(separator: "\n")
    }

    private static func facts(_ incident: Incident, _ zone: ZoneRules) -> [[String]] {
        var facts = [
            ["Severity", incident.severity.rawValue], ["Service", incident.service ?? "none"],
            ["Opened", clock(incident.opened, zone)],
        ]
        if let at = incident.firstAcknowledged {
            facts.append(["Acknowledged", "\(clock(at, zone)), after \((at - incident.opened).short)"])
        } else {
            facts.append(["Acknowledged", "never"])
        }
        facts.append(
            [
                "Resolved",
                incident.resolved.map { "\(clock($0, zone)), after \(($0 - incident.opened).short)" } ?? "not yet",
            ])
        if let person = incident.assignee { facts.append(["Assigned to", person]) }
        for (role, person) in incident.roles.sorted(by: { $0.key < $1.key }) { facts.append([role, person]) }
        if let runbook = incident.runbook { facts.append(["Runbook", runbook]) }
        for link in incident.links { facts.append([link.title, link.url]) }
        return facts
    }

    /// What was shipped before it, and what was tried.
    private static func suspects(_ incident: Incident) -> [String] {
        var records: [ReleaseRecord] = []
        var remedies: [String] = []
        for entry in incident.timeline {
            switch entry.deed {
            case .released(let record):
                records.removeAll { $0.id == record.id }
                records.append(record)
            case .remedy(_, .succeeded), .remedy(_, .failed): remedies.append(entry.words)
            default: break
            }
        }
        var lines = records.map { "- Shipped: release \(escaped($0.sentence))" }
        lines += remedies.map { "- Tried: \(escaped($0.split(separator: "\n").first.map(String.init) ?? $0))" }
        return lines.isEmpty ? ["- Nothing was shipped in the hour before.", ""] : lines + [""]
    }

    private static func pages(_ incident: Incident) -> [String] {
        var told: [String: Int] = [:]
        var failed = 0
        var alerts = 0
        for entry in incident.log {
            switch entry.deed {
            case .paged(_, let who, _, _): told[who, default: 0] += 1
            case .deliveryFailed: failed += 1
            case .alertBegan: alerts += 1
            case .moreAlertsBegan(let count): alerts += count
            default: break
            }
        }
        let who = told.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value)" }.joined(separator: ", ")
        return [
            "- Alerts: \(alerts)", "- Pages: \(told.isEmpty ? "none" : escaped(who))",
            "- Failed attempts to send: \(failed)", "- _Which page was not needed, and which one was missing?_",
        ]
    }

    private static func table(_ head: [String], _ rows: [[String]]) -> [String] {
        ["| " + head.joined(separator: " | ") + " |", "|" + head.map { _ in "---|" }.joined()]
            + rows.map { "| " + $0.map(escaped).joined(separator: " | ") + " |" }
    }

    private static func clock(_ moment: Moment, _ zone: ZoneRules) -> String {
        let time = zone.civil(moment)
        return "\(time.day) \(padded(time.hour, 2)):\(padded(time.minute, 2)):\(padded(time.second, 2))"
    }

    /// In one line, and as text: nothing that an alert says becomes a heading, a row or a tag.
    private static func escaped(_ text: String) -> String {
        var out = ""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "|", "\\", "`", "*", "_", "[", "]", "#": out += "\\" + String(scalar)
            case "<": out += "&lt;"
            case "\n", "\r": out += " "
            default: out.unicodeScalars.append(scalar)
            }
        }
        return out
    }
}

extension Incident.Entry {
    /// Whether somebody who was not there wants to read it.
    fileprivate var isWorthTelling: Bool {
        switch deed {
        case .delivered, .withdrawn: false
        case .decided(.alreadyTold), .decided(.deferred): false
        default: true
        }
    }
}
