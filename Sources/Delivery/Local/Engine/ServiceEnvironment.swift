import Planning
import Spec
import World

/// Makes the complete environment and the command of one process of a service.
struct ServiceEnvironment {
    let service: DesiredService
    let release: ReleaseID
    let environment: EnvironmentName
    let platform: PlatformName
    let build: BuildResult
    /// The variables that processes take over from the machine, `PATH` among them.
    let host: [String: String]
    /// Attributes by edge, as `${edge.attribute}` names them.
    let edges: [String: [String: EnvironmentValue]]
    let port: Int?

    /// Everything that the process sees; nothing else is inherited.
    ///
    /// - Throws: `WorldError` for a placeholder that names nothing, which `hauban check` finds first.
    func variables() throws -> [String: EnvironmentValue] {
        let path = host["PATH"] ?? "/usr/local/bin:/usr/bin:/bin"
        var values = host.merging(build.environment(path: path)) { $1 }.mapValues { EnvironmentValue(text: $0) }
        values["HAUBAN_PLATFORM"] = EnvironmentValue(text: platform.text)
        values["HAUBAN_ENVIRONMENT"] = EnvironmentValue(text: environment.text)
        values["HAUBAN_SERVICE"] = EnvironmentValue(text: service.name.text)
        values["HAUBAN_RELEASE"] = EnvironmentValue(text: "\(release)")
        if let port { values["PORT"] = EnvironmentValue(text: "\(port)") }
        for (name, text) in service.environment { values[name] = try value(of: text, for: name) }
        return values
    }

    /// The argument vector of a command of the author's, its placeholders put in.
    ///
    /// - Throws: `WorldError` when a placeholder would put a secret into an argument list, where every user could read it.
    func arguments(_ command: CommandLine) throws -> [String] {
        switch command {
        case .shell(let line): CommandLine.shell(try plain(line)).arguments
        case .words(let words): try words.map(plain)
        }
    }

    private func plain(_ text: String) throws -> String {
        try value(of: text, for: "its command").parts.map { part in
            switch part {
            case .text(let text): return text
            case .secret:
                throw WorldError(
                    code: "secret-in-arguments", operation: "start \(service.name)",
                    underlying: "its command holds a placeholder with a secret in it",
                    hint: "Hand it over with `env:` and let the program read the variable; argument lists are public.")
            }
        }.joined()
    }

    private func value(of text: String, for name: String) throws -> EnvironmentValue {
        let template: Template
        do {
            template = try Template(text)
        } catch {
            throw unknown(text, name)
        }
        var parts: [EnvironmentValue.Part] = []
        for part in template.parts {
            switch part {
            case .text(let text): parts.append(.text(text))
            case .placeholder(let owner, let attribute):
                guard let value = value(owner, attribute) else {
                    throw unknown("${\(owner)\(attribute.map { "." + $0 } ?? "")}", name)
                }
                parts += value.parts
            }
        }
        return EnvironmentValue(parts: parts)
    }

    private func value(_ owner: String, _ attribute: String?) -> EnvironmentValue? {
        guard let attribute else {
            switch owner {
            case "port": return port.map { EnvironmentValue(text: "\($0)") }
            case "release": return EnvironmentValue(text: "\(release)")
            case "environment": return EnvironmentValue(text: environment.text)
            case "platform": return EnvironmentValue(text: platform.text)
            default: return nil
            }
        }
        if owner == "secrets" { return EnvironmentValue(parts: [.secret(attribute)]) }
        return edges[owner]?[attribute]
    }

    private func unknown(_ placeholder: String, _ name: String) -> WorldError {
        WorldError(
            code: "placeholder-unknown", operation: "start \(service.name)",
            underlying: "\(placeholder) in \(name) names nothing here", hint: "Run `hauban check`.")
    }
}
