import Spec

extension Guideline {
    static let storeOutOfSupport = Guideline(
        id: "store-out-of-support",
        title: "A database that nobody mends any more",
        reason: "A major version of PostgreSQL is mended for five years. After its last day a hole that is found in it "
            + "stays open.",
        fix: "Move to a version in support; the next one is read by `pg_upgrade`.",
        serves: ["CE-4.4", "SF-17"], levels: .production(.warning, staging: .warning, development: .note),
        judge: .platform { context in
            context.resources.compactMap { name, resource in
                guard resource.kind == .postgres, let version = resource.version, let last = lastDay(of: version),
                    last < context.today, context.isKnown(.resource(name, "version"))
                else { return nil }
                return context.flag(
                    "PostgreSQL \(version) is out of support since \(last)", at: .resource(name, "version"))
            }
        },
        bad: """
            resources: {db: {kind: postgres, version: 12}}
            """,
        good: """
            resources: {db: {kind: postgres, version: 17}}
            """)

    /// The last minor release of each major version, https://www.postgresql.org/support/versioning/.
    private static func lastDay(of version: Int) -> CalendarDate? {
        switch version {
        case ..<12: CalendarDate(year: 2023, month: 11, day: 9)
        case 12: CalendarDate(year: 2024, month: 11, day: 21)
        case 13: CalendarDate(year: 2025, month: 11, day: 13)
        case 14: CalendarDate(year: 2026, month: 11, day: 12)
        case 15: CalendarDate(year: 2027, month: 11, day: 11)
        case 16: CalendarDate(year: 2028, month: 11, day: 9)
        case 17: CalendarDate(year: 2029, month: 11, day: 8)
        case 18: CalendarDate(year: 2030, month: 11, day: 14)
        default: nil
        }
    }
}
