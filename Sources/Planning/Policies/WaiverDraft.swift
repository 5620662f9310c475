import Spec

/// What to write under `waivers` to set one finding of an environment aside, as its help says.
enum WaiverDraft {
    static func text(
        _ rule: String, at path: SpecPath, in environment: EnvironmentName, today: CalendarDate
    ) -> String {
        // A bracket would begin a list inside a map in one line.
        let scope = "\(path)".contains("[") ? "\"\(path)\"" : "\(path)"
        return "`waivers: {\(name(path, environment)): {rule: \(rule), scope: \(scope), environment: \(environment), "
            + "reason: WHY, owner: WHO, expires: \(expiry(today))}}`"
    }

    /// Different for every field, within the length of a name.
    private static func name(_ path: SpecPath, _ environment: EnvironmentName) -> String {
        let key = path.components.last ?? "field"
        let parts = ["environments", "telemetry"].contains(path.components[0]) ? [key] : [path.components[1], key]
        let name = ([environment.text] + parts).joined(separator: "-")
        return name.count <= WaiverName.longest ? name : "\(environment)-\(key)"
    }

    /// A quarter from today, which a reader may shorten.
    private static func expiry(_ today: CalendarDate) -> CalendarDate {
        let month = today.month + 3
        return CalendarDate(year: today.year + (month - 1) / 12, month: (month - 1) % 12 + 1, day: 1) ?? today
    }
}
