import Spec

extension Policy {
    /// What is written must have its meaning on the environment's target: refused or waived, never dropped.
    static let honour = Policy(.environment) { context in
        guard let name = context.environment, let settings = context.settings,
            context.isKnown(.environment(name, "target"))
        else { return [] }
        let rows = HonourTable.rows.filter { $0.targets.contains(settings.target) }
        var findings: [Diagnostic] = []
        func judge(_ section: String, _ subject: HonourTable.Subject, _ path: (HonourTable.Row) -> SpecPath) {
            for row in rows where row.field.hasPrefix(section + ".") && row.concerns(subject) {
                let place = path(row)
                guard context.isWritten(place), row.values == nil ? context.isKnown(place) : context.isWhole(place)
                else { continue }
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
        judge("telemetry", HonourTable.Subject(settings: settings, telemetry: context.platform.telemetry)) {
            Self.path($0.field, "")
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
        let isTelemetry = path.components[0] == "telemetry"
        let key = path.components.dropFirst(isTelemetry ? 1 : 2).joined(separator: ".").replacing(".[", with: "[")
        let written = context.span(path).flatMap { context.parsed.source.text(at: $0) } ?? ""
        let what =
            if let values = row.values {
                values.split(separator: ", ").contains(written[...]) ? "`\(key): \(written)`" : "`\(key)` (\(values))"
            } else { "`\(key)`" }
        return context.finding(
            .targetCannotHonour,
            "\(target.rawValue) cannot honour \(what) of `\(path.components[isTelemetry ? 0 : 1])`: it \(row.because)",
            at: path, .key,
            help: (row.mend ?? mend(path, environment)) + " Or set it aside in writing: "
                + WaiverDraft.text("target-cannot-honour", at: path, in: environment, today: context.today) + ".")
    }

    /// How the field goes away where it has no meaning, and stays elsewhere.
    private static func mend(_ path: SpecPath, _ environment: EnvironmentName) -> String {
        let section = path.components[0]
        let name = path.components[1]
        if section == "environments" { return "Remove it." }
        switch path.components.last {
        case "kind", "image", "schedule":
            // Without these keys it would be something else.
            return "Take `\(name)` away there, and the edges to it: "
                + "`environments: {\(environment): {\(section): {\(name): null}}}`."
        case _ where path.components.contains { $0.hasPrefix("[") }:
            // A list is replaced whole.
            let list = path.components[2]
            return
                "Write `\(list)` without it there, below `environments: {\(environment): {\(section): {\(name): …}}}`."
        default:
            let null = path.components.reversed().reduce("null") { "{\($1): \($0)}" }
            return "Take it away there: `environments: {\(environment): \(null)}`."
        }
    }

    private static func path(_ field: String, _ name: String) -> SpecPath {
        SpecPath(field.split(separator: ".").map { $0 == "*" ? name : String($0) })
    }

    private static func lastKey(_ field: String) -> String {
        field.split(separator: ".").last.map(String.init) ?? field
    }
}
