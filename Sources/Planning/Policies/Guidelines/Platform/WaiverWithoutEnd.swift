import Spec

extension Guideline {
    static let waiverWithoutEnd = Guideline(
        id: "waiver-without-end",
        title: "A waiver that nobody will look at again",
        reason: "A waiver is a debt with a date. One that holds for longer than a year outlives the reason, and often "
            + "whoever gave it.",
        fix: "Choose a day within a year; it can be agreed upon again.",
        serves: ["IP-07", "SF-15"], levels: .everywhere(.warning),
        judge: .platform { context in
            let today = context.today
            let limit =
                CalendarDate(year: today.year + 1, month: today.month, day: today.day)
                ?? CalendarDate(year: today.year + 1, month: 3, day: 1)
            return context.platform.waivers.sorted { $0.key < $1.key }.compactMap { name, waiver in
                let path = SpecPath(["waivers", name.text, "expires"])
                guard let limit, waiver.expires > limit, context.isKnown(path) else { return nil }
                return context.flag("`\(name)` holds until \(waiver.expires)", at: path)
            }
        },
        bad: """
            services: {api: {source: api, run: ./api, port: 80, metrics: /metrics}}
            waivers: {old: {rule: no-probes, reason: it is to come, owner: ana, expires: 2999-12-31}}
            oncall: {primary: {rotation: {people: [ana, ben]}}}
            """,
        good: """
            services: {api: {source: api, run: ./api, port: 80, metrics: /metrics}}
            waivers: {old: {rule: no-probes, reason: it is to come, owner: ana, expires: 2027-01-31}}
            oncall: {primary: {rotation: {people: [ana, ben]}}}
            """)
}
