import Spec

/// The `.env.example` of a source: every variable that its services read, and where each comes from.
enum EnvironmentExample {
    static func text(_ image: SourceImage, subject: RenderSubject) -> String {
        var lines = Artifact.header(subject.source).map { "# " + $0 }
        lines.append(
            "# Every variable of \(image.services.map { $0.name.text }.joined(separator: ", ")): no secret stands here."
        )
        var written: Set<String> = []
        for (name, service) in image.services {
            for (variable, template) in service.env.sorted(by: { $0.key < $1.key })
            where written.insert(variable).inserted {
                lines.append("")
                lines += elsewhere(name, variable, template, subject)
                lines += entry(variable, template, subject.base)
            }
            for (secret, variable) in service.secrets.sorted(by: { $0.value < $1.value })
            where written.insert(variable).inserted {
                lines.append("")
                let about = subject.base.secrets[secret]?.about.map { ": \($0)" } ?? "."
                lines.append("# The secret `\(secret)`\(about)")
                lines.append(variable + "=")
            }
        }
        return lines.joined(separator: "\n")
    }

    private static func entry(_ variable: String, _ template: Template, _ platform: Platform) -> [String] {
        guard template.placeholders.isEmpty else {
            return ["# `\(template.text)`: " + explained(template, platform), variable + "="]
        }
        let value = template.parts.map { if case .text(let text) = $0 { text } else { "" } }.joined()
        let isPlain = value.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7f && !"#\"'$\\`".utf8.contains($0) }
        return [variable + "=" + (isPlain ? value : EngineText.quoted(value).replacing("$", with: "\\$"))]
    }

    private static func explained(_ template: Template, _ platform: Platform) -> String {
        template.placeholders.map { owner, attribute in
            guard let attribute else {
                return switch owner {
                case "port": "the port to listen on"
                case "environment": "the environment's name"
                case "platform": "the platform's name"
                default: "the release's name"
                }
            }
            if let resource = ResourceName(owner).flatMap({ platform.resources[$0] }) {
                return "\(attribute) of \(owner), \(resource.kind.meaning)"
            }
            return owner == "secrets" ? "the secret \(attribute)" : "\(attribute) of the service \(owner)"
        }.joined(separator: "; ") + "."
    }

    /// What other environments say, so that nobody looks for it in five files.
    private static func elsewhere(
        _ service: ServiceName, _ variable: String, _ template: Template, _ subject: RenderSubject
    ) -> [String] {
        let others = subject.everywhere.compactMap { place -> String? in
            guard let own = place.platform.services[service] else { return nil }
            guard let value = own.env[variable] else { return "absent in \(place.name)" }
            return value == template ? nil : "\(value.text) in \(place.name)"
        }
        return others.isEmpty ? [] : ["# " + others.joined(separator: ", ") + "."]
    }
}
