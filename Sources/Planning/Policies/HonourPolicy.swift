import Spec

extension Policy {
    /// What is written must have its meaning on the environment's target: refused or waived, never dropped.
    static let honour = Policy(.environment) { context in
        guard let name = context.environment, let settings = context.settings else { return [] }
        let rows = HonourTable.rows.filter { $0.targets.contains(settings.target) }
        var findings: [Diagnostic] = []
        func judge(_ section: String, _ subject: HonourTable.Subject, _ path: (HonourTable.Row) -> SpecPath) {
            for row in rows where row.field.hasPrefix(section + ".") && row.concerns(subject) {
                let place = path(row)
                guard context.isWritten(place) else { continue }
                findings.append(finding(row, at: place, name, settings.target, context))
            }
        }
        for (service, parts) in context.services {
            let whole = HonourTable.Subject(settings: settings, service: parts)
            judge("services", whole) { Self.path($0.field, service.text) }
            for (index, exposure) in parts.expose.enumerated() {
                let place = ExposurePlace.path(index, of: service, context)
                let one = HonourTable.Subject(settings: settings, exposure: exposure)
                judge("services.*.expose", one) { place.appending(Self.lastKey($0.field)) }
            }
        }
        for (resource, parts) in context.resources {
            let whole = HonourTable.Subject(settings: settings, resource: parts)
            judge("resources", whole) { Self.path($0.field, resource.text) }
        }
        judge("environments", HonourTable.Subject(settings: settings)) { Self.path($0.field, name.text) }
        for other in settings.patch.keys.sorted() where other != settings.target.rawValue {
            findings.append(
                context.finding(
                    .targetCannotHonour,
                    "`\(name)` runs on \(settings.target.rawValue), so a patch for \(other) does nothing",
                    at: .environment(name, "patch", other), .key,
                    help: "Move it to the environment whose target is \(other), or remove it."))
        }
        return findings
    }

    private static func finding(
        _ row: HonourTable.Row, at path: SpecPath, _ environment: EnvironmentName, _ target: Environment.Target,
        _ context: PolicyContext
    ) -> Diagnostic {
        let key = path.components.dropFirst(2).joined(separator: ".").replacing(".[", with: "[")
        let what = row.values == nil ? "`\(key)`" : "`\(key)` (\(row.values ?? ""))"
        return context.finding(
            .targetCannotHonour,
            "\(target.rawValue) cannot honour \(what) of `\(path.components[1])`: it \(row.because)",
            at: path, .key, help: help(path, environment, context))
    }

    /// Both ways out: take the field away there, or set the rule aside in writing.
    private static func help(
        _ path: SpecPath, _ environment: EnvironmentName, _ context: PolicyContext
    ) -> String {
        let waiver =
            "set it aside for a time: `waivers: {\(environment)-\(path.components.last ?? "field"): {rule: "
            + "target-cannot-honour, scope: \(path), environment: \(environment), reason: WHY, owner: WHO, "
            + "expires: \(expiry(context.today))}}`."
        if path.components[0] == "environments" { return "Remove it, or " + waiver }
        if path.components.last == "kind" {
            let name = path.components[1]
            return "Take `\(name)` away there with `environments: {\(environment): {resources: {\(name): null}}}` and "
                + "the edges to it likewise, or " + waiver
        }
        // A list is replaced whole, so an item's key cannot be taken away by itself.
        let keys = path.components.prefix { !$0.hasPrefix("[") }
        let null = keys.reversed().reduce("null") { "{\($1): \($0)}" }
        return "Take it away there with `environments: {\(environment): \(null)}`, or " + waiver
    }

    /// A quarter from today, which a reader may shorten.
    private static func expiry(_ today: CalendarDate) -> CalendarDate {
        let month = today.month + 3
        return CalendarDate(year: today.year + (month - 1) / 12, month: (month - 1) % 12 + 1, day: 1) ?? today
    }

    private static func path(_ field: String, _ name: String) -> SpecPath {
        SpecPath(field.split(separator: ".").map { $0 == "*" ? name : String($0) })
    }

    private static func lastKey(_ field: String) -> String {
        field.split(separator: ".").last.map(String.init) ?? field
    }
}
