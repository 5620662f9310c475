import Spec

extension Policy {
    /// No line of the file holds what looks like a real secret. The value is never part of a message.
    static let secretsInText = Policy(.once) { context in
        var findings: [Diagnostic] = []
        var lines: Set<Int> = []
        var known: [Int: SpecPath]?
        for (index, line) in context.parsed.source.lines.enumerated() {
            for find in SecretForms.finds(in: line) {
                let span = Span(line: index + 1, column: find.column, length: find.length)
                lines.insert(index + 1)
                // Looked up only for a file that holds one: it asks for every value of every environment.
                let places = known ?? Self.places(context)
                known = places
                findings.append(finding("this looks like \(find.kind)", span, places[index + 1] ?? SpecPath()))
            }
        }
        for (platform, environment) in platforms(context) {
            for (name, service) in platform.services.sorted(by: { $0.key < $1.key }) {
                for (variable, template) in service.env.sorted(by: { $0.key < $1.key })
                where SecretForms.isSecretName(variable) && isLiteral(template) {
                    let path = SpecPath.service(name, "env", variable)
                    guard let span = context.parsed.span(of: path, in: environment),
                        lines.insert(span.line).inserted
                    else { continue }
                    findings.append(finding("`\(variable)` is written in plain text", span, path))
                }
            }
        }
        return findings
    }

    private static func finding(_ message: String, _ span: Span, _ path: SpecPath) -> Diagnostic {
        Diagnostic(
            .secretInText, message, at: path, span: span,
            help: "Whoever reads this file has it now: revoke it where it was issued. Then declare it under `secrets`, "
                + "list it in the service's `secrets`, and give its value with `hauban secrets set`.")
    }

    /// A value that somebody typed: no placeholder, no path to a file, not only a number or a switch.
    private static func isLiteral(_ template: Template) -> Bool {
        guard template.placeholders.isEmpty else { return false }
        let text = template.text
        return text.count >= 4 && !text.hasPrefix("/") && !text.allSatisfy(\.isNumber) && text != "true"
            && text != "false"
    }

    private static func platforms(_ context: PolicyContext) -> [(Platform, EnvironmentName?)] {
        let base = context.parsed.partialBase.map { [($0.platform, nil as EnvironmentName?)] } ?? []
        return base + context.parsed.partials.sorted { $0.key < $1.key }.map { ($0.value.platform, $0.key) }
    }

    /// The paths of variables and commands by the line on which they stand, so that a waiver can name them.
    private static func places(_ context: PolicyContext) -> [Int: SpecPath] {
        var places: [Int: SpecPath] = [:]
        for (platform, environment) in platforms(context) {
            for (name, service) in platform.services {
                let paths =
                    service.env.keys.map { SpecPath.service(name, "env", $0) }
                    + Placeholders.commands(of: service, named: name).map(\.1)
                for path in paths {
                    if let line = context.parsed.span(of: path, in: environment)?.line { places[line] = path }
                }
            }
        }
        return places
    }
}
