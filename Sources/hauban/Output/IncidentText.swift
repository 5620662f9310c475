import Response
package import World

/// What the `incident` commands print of the API's answers.
package enum IncidentText {
    /// Incidents as a table, in the API's order.
    package static func incidents(_ items: [JSONValue], _ clock: WallClock) -> [String] {
        var table = TextTable(["ID", "SEVERITY", "STATUS", "OPENED", "SERVICE", "WITH", "ALERTS", "TITLE"])
        for item in items {
            table.add([
                item.cell("id"), item.cell("severity"), status(item, clock),
                item.moment("openedAt").map(clock.text) ?? "-",
                item.cell("service"), item.cell("assignee"), "\(item.integer("firing"))", item.words("title"),
            ])
        }
        return table.lines
    }

    private static func status(_ item: JSONValue, _ clock: WallClock) -> String {
        if item["mergedInto"] != nil { return "merged into \(item.words("mergedInto"))" }
        if item.words("status") != "resolved", let until = item.moment("snoozedUntil"), until > clock.now {
            return "snoozed until \(clock.text(until))"
        }
        return item.cell("status")
    }

    /// Where an incident stands, in one line.
    package static func line(_ details: JSONValue, _ clock: WallClock) -> String {
        guard let incident = details["incident"] else { return "" }
        let person = incident["assignee"] == nil ? "" : ", with \(incident.words("assignee"))"
        return "\(incident.words("id")): \(status(incident, clock)), \(incident.words("severity"))\(person): "
            + incident.words("title")
    }

    /// Everything about an incident.
    package static func details(_ details: JSONValue, _ clock: WallClock) -> [String] {
        guard let incident = details["incident"] else { return [] }
        var lines = [line(details, clock)]
        func fact(_ name: String, _ text: String) {
            guard !text.isEmpty else { return }
            lines.append("  \(name)\(String(repeating: " ", count: max(1, 14 - name.count)))\(text)")
        }
        fact("service", incident.words("service"))
        fact("policy", incident.words("policy"))
        for (name, key) in [
            ("opened", "openedAt"), ("acknowledged", "acknowledgedAt"), ("resolved", "resolvedAt"),
        ] {
            if let moment = incident.moment(key) { fact(name, "\(clock.text(moment)), \(clock.ago(moment))") }
        }
        for role in incident.members("roles") {
            fact(JSONValue.printable(role.key), JSONValue.printable(role.value.display))
        }
        fact("runbook", incident.words("runbook"))
        for link in incident.items("links") { fact("link", "\(link.words("url"))  \(link.words("title"))") }
        func section(_ title: String, _ rows: [String]) {
            guard !rows.isEmpty else { return }
            lines += ["", title] + rows.map { "  " + $0 }
        }
        section(
            "ALERTS (\(incident.integer("firing")) firing)",
            details.items("alerts").map { alert in
                let labels = alert.members("labels").filter { $0.key != "alertname" }
                    .map { "\($0.key)=\(JSONValue.printable($0.value.display))" }
                return ([alert.words("name")] + labels).joined(separator: " ")
            })
        section("ACTIONS", rows(details.items("remedies"), clock))
        section("PAGES", pages(details.items("pages"), clock))
        section(
            "TIMELINE",
            details.items("timeline").map { entry in
                "\(entry.moment("at").map(clock.fine) ?? "-")  \(entry.words("by")): \(entry.words("what"))"
            })
        return lines
    }

    private static func rows(_ remedies: [JSONValue], _ clock: WallClock) -> [String] {
        remedies.map { remedy in
            let subject = [remedy.words("service"), remedy.words("release")].filter { !$0.isEmpty }
            return ([remedy.words("name")] + subject).joined(separator: " ")
                + ": \(remedy.words("state")), since \(remedy.moment("since").map(clock.text) ?? "-")"
        }
    }

    private static func pages(_ pages: [JSONValue], _ clock: WallClock) -> [String] {
        guard !pages.isEmpty else { return [] }
        var table = TextTable(["PAGE", "TO", "BY", "STATE", "ATTEMPTS", "LAST"])
        for page in pages {
            let last = page.items("ledger").last.map { line in
                "\(line.moment("at").map(clock.fine) ?? "-") \(line.words("what"))"
            }
            table.add([
                page.cell("id"), page.cell("person"), page.cell("channel"), page.cell("state"),
                "\(page.integer("attempts"))", last ?? "",
            ])
        }
        return table.lines
    }

    /// MTTA and MTTR as a table.
    package static func figures(_ items: [JSONValue]) -> [String] {
        var table = TextTable(["SERVICE", "INCIDENTS", "ACKNOWLEDGED", "RESOLVED", "MTTA", "MTTR"])
        for item in items {
            table.add([
                item.cell("service"), "\(item.integer("incidents"))", "\(item.integer("acknowledged"))",
                "\(item.integer("resolved"))", item.seconds("mttaSeconds").map(WallClock.span) ?? "-",
                item.seconds("mttrSeconds").map(WallClock.span) ?? "-",
            ])
        }
        return table.lines
    }
}
