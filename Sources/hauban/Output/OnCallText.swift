import Response
package import World

/// What the `oncall` commands print of the API's answers.
package enum OnCallText {
    /// A line, and whether it tells that nobody is on call.
    package struct Line: Sendable, Hashable {
        package var text: String
        package var isGap: Bool

        package init(text: String, isGap: Bool = false) {
            self.text = text
            self.isGap = isGap
        }
    }

    /// Who is on call, by schedule.
    package static func who(_ items: [JSONValue], _ clock: WallClock) -> [Line] {
        var table = TextTable(["SCHEDULE", "ON CALL", "UNTIL", "NEXT", "WHY"])
        for item in items {
            // Until then the answer surely holds; somebody else comes with the next shift.
            let until = item["next"]?.moment("startsAt") ?? item.moment("until")
            table.add([
                item.cell("schedule"), item["person"] == nil ? "NOBODY" : item.words("person"),
                until.map(clock.weekday) ?? "-", item["next"].map(person) ?? "-", item.words("why"),
            ])
        }
        return lines(table, gaps: items.map { $0["person"] == nil })
    }

    /// Shifts in order; those with nobody in them loudly, unless nobody is meant to be on call.
    package static func shifts(_ items: [JSONValue], gaps: [JSONValue], _ clock: WallClock) -> [Line] {
        var table = TextTable(["FROM", "TO", "FOR", "ON CALL", "WHY"])
        var marks: [Bool] = []
        for item in items {
            guard let start = item.moment("startsAt"), let end = item.moment("endsAt") else { continue }
            let isGap =
                item["person"] == nil
                && gaps.contains { gap in
                    guard let from = gap.moment("startsAt"), let to = gap.moment("endsAt") else { return false }
                    return from < end && start < to
                }
            let isClosed = item["person"] == nil && !isGap
            table.add([
                clock.weekday(start), clock.weekday(end), WallClock.span(end - start),
                isGap ? "NOBODY" : person(item), isClosed ? "closed on purpose" : item.words("why"),
            ])
            marks.append(isGap)
        }
        return lines(table, gaps: marks)
    }

    private static func person(_ shift: JSONValue) -> String {
        shift["person"] == nil ? "nobody" : shift.words("person")
    }

    private static func lines(_ table: TextTable, gaps: [Bool]) -> [Line] {
        let lines = table.lines
        return lines.prefix(1).map { Line(text: $0) }
            + zip(lines.dropFirst(), gaps).map { Line(text: $0, isGap: $1) }
    }

    /// What people arranged, as a table.
    package static func overrides(_ items: [JSONValue], _ clock: WallClock) -> [String] {
        var table = TextTable(["ID", "FROM", "TO", "PERSON", "INSTEAD OF"])
        for item in items {
            table.add([
                ShortID.text(item.words("id")), item.moment("startsAt").map(clock.weekday) ?? "-",
                item.moment("endsAt").map(clock.weekday) ?? "-", item.cell("person"),
                item["replaces"] == nil ? "anybody" : item.words("replaces"),
            ])
        }
        return table.lines
    }
}
