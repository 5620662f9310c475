import Response
package import World

/// What the `alert` commands print of the API's answers.
package enum AlertText {
    /// Alerts as a table, the worst first and then the oldest.
    package static func alerts(_ items: [JSONValue], _ clock: WallClock) -> [String] {
        var table = TextTable(["SEVERITY", "NAME", "SINCE", "STATE", "INCIDENT", "LABELS"])
        let order = ["critical", "high", "medium", "low"]
        let sorted = items.enumerated().sorted { one, other in
            func key(_ item: (offset: Int, element: JSONValue)) -> (Int, Int, Int) {
                (
                    order.firstIndex(of: item.element.words("severity")) ?? order.count,
                    item.element.moment("startsAt")?.milliseconds ?? 0, item.offset
                )
            }
            return key(one) < key(other)
        }
        for (_, item) in sorted {
            let labels = item.members("labels")
                .filter { !["alertname", "severity"].contains($0.key) }
                .map { "\($0.key)=\(JSONValue.printable($0.value.display))" }
            table.add([
                item.cell("severity"), item.cell("name"), item.moment("startsAt").map(clock.text) ?? "-", state(item),
                item.texts("incidents").isEmpty ? "-" : item.texts("incidents").joined(separator: ","),
                labels.joined(separator: " "),
            ])
        }
        return table.lines
    }

    private static func state(_ item: JSONValue) -> String {
        if !item.flag("isFiring") { return "over" }
        let flaps = item.flag("isFlapping") ? ", flaps" : ""
        return (item.texts("mutedBy").isEmpty ? "firing" : "muted") + flaps
    }

    /// Silences as a table, in the API's order.
    package static func silences(_ items: [JSONValue], _ clock: WallClock) -> [String] {
        var table = TextTable(["ID", "STATE", "FROM", "TO", "ALERTS", "OWNER", "MATCHERS", "REASON"])
        for item in items {
            table.add([
                ShortID.text(item.words("id")), item.cell("state"), item.moment("startsAt").map(clock.text) ?? "-",
                item.moment("endsAt").map(clock.text) ?? "-", "\(item.integer("alerts"))", item.cell("owner"),
                item.texts("matchers").joined(separator: " "), item.words("reason"),
            ])
        }
        return table.lines
    }
}
