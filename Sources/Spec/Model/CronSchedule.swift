/// Five fields, minute to day of the week, as crontab(5) writes them.
package struct CronSchedule: Sendable, Hashable {
    package let text: String

    private static let bounds = [0...59, 0...23, 1...31, 1...12, 0...7]
    private static let names = ["minute", "hour", "day of the month", "month", "day of the week"]

    static let shape: Shape<CronSchedule> = .scalar(
        "a cron schedule", pattern: "^\\S+ \\S+ \\S+ \\S+ \\S+$", examples: ["*/5 * * * *"],
        parse: { text in
            let fields = text.split(separator: " ")
            guard fields.count == 5 else {
                return .failure(
                    .init(
                        "'\(text)' is not a cron schedule",
                        help: "It has five fields: minute, hour, day of the month, month, day of the week."))
            }
            for (index, field) in fields.enumerated() where !isValid(field, bounds[index]) {
                return .failure(
                    .init(
                        .outOfRange,
                        "the \(names[index]) '\(field)' is not between \(bounds[index].lowerBound) and "
                            + "\(bounds[index].upperBound)",
                        help: "A field is `*`, a number, a range `1-5`, a list `1,3` or a step `*/5`."))
            }
            return .success(CronSchedule(text: fields.joined(separator: " ")))
        },
        show: { "\"" + $0.text + "\"" })

    private static func isValid(_ field: Substring, _ bounds: ClosedRange<Int>) -> Bool {
        field.split(separator: ",", omittingEmptySubsequences: false).allSatisfy { item in
            let parts = item.split(separator: "/", omittingEmptySubsequences: false)
            guard (1...2).contains(parts.count) else { return false }
            if parts.count == 2 {
                guard let step = Int(parts[1]), step > 0, step <= bounds.upperBound else { return false }
            }
            if parts[0] == "*" { return true }
            let ends = parts[0].split(separator: "-", omittingEmptySubsequences: false).map { Int($0) }
            guard (1...2).contains(ends.count), let first = ends[0], bounds.contains(first) else { return false }
            if ends.count == 2 {
                guard let last = ends[1], bounds.contains(last), last >= first else { return false }
            }
            return true
        }
    }
}
