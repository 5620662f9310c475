import Planning
import Spec
import World

/// The variables of a container, as `render compose` hands them over: plain values as they are, and those that hold a secret put together
/// inside by a shell, from files, so that no `inspect` and no list of processes shows them.
struct ContainerVariables {
    let service: DesiredService
    let release: ReleaseID
    let platform: PlatformName
    let environment: EnvironmentName
    /// Attributes of the services that it calls: `url`, `host`, `port`.
    let edges: [String: [String: String]]

    private(set) var plain: [String: String] = [:]
    /// Lines of shell; empty when no value holds a secret.
    private(set) var exports = ""

    /// - Throws: `WorldError` for a placeholder that names nothing here.
    init(
        _ service: DesiredService, _ release: ReleaseID, _ platform: PlatformName, _ environment: EnvironmentName,
        edges: [String: [String: String]]
    ) throws {
        self.service = service
        self.release = release
        self.platform = platform
        self.environment = environment
        self.edges = edges
        plain = [
            "HAUBAN_PLATFORM": platform.text, "HAUBAN_ENVIRONMENT": environment.text,
            "HAUBAN_SERVICE": service.name.text, "HAUBAN_RELEASE": "\(release)",
        ]
        if let port = service.port { plain["PORT"] = "\(port.number)" }
        for (name, text) in service.environment.sorted(by: { $0.key < $1.key }) { try add(name, text) }
    }

    /// What the words without an attribute stand for.
    var words: [String: String] { Self.words(service, release, platform, environment) }

    static func words(
        _ service: DesiredService, _ release: ReleaseID, _ platform: PlatformName, _ environment: EnvironmentName
    ) -> [String: String] {
        var words = ["platform": platform.text, "environment": environment.text, "release": "\(release)"]
        if let port = service.port { words["port"] = "\(port.number)" }
        return words
    }

    /// The entrypoint that sets what holds secrets before it becomes the command; `nil` when nothing does.
    var entrypoint: [String]? {
        exports.isEmpty ? nil : ["/bin/sh", "-euc", exports + "exec \"$@\"\n", "sh"]
    }

    private mutating func add(_ name: String, _ text: String) throws {
        guard let template = try? Template(text) else { throw unknown(text, name) }
        var value = ""
        var shell = ""
        var holdsSecret = false
        for part in template.parts {
            switch part {
            case .text(let text):
                value += text
                shell += Self.quoted(text)
            case .placeholder("secrets", let secret?):
                holdsSecret = true
                shell += "$(cat /run/secrets/\(secret))"
                if template.parts.count == 1, service.run == nil {
                    // Nothing can be put before a command that only the image knows.
                    plain[name + "_FILE"] = "/run/secrets/\(secret)"
                    return
                }
            case .placeholder(let owner, let attribute):
                guard let found = attribute.map({ edges[owner]?[$0] }) ?? words[owner] else {
                    throw unknown("${\(owner)\(attribute.map { "." + $0 } ?? "")}", name)
                }
                value += found
                shell += Self.quoted(found)
            }
        }
        guard holdsSecret else {
            plain[name] = value
            return
        }
        guard service.run != nil else {
            throw WorldError(
                code: "secret-in-image", operation: "start \(service.name)",
                underlying: "\(name) is put together from a secret, and only its image knows the command",
                hint: "Say `run:`, or let the program read \(name)_FILE.")
        }
        exports += "export \(name)=\"\(shell)\"\n"
    }

    private static func quoted(_ text: String) -> String {
        text.map { "\"$`\\".contains($0) ? "\\\($0)" : String($0) }.joined()
    }

    private func unknown(_ placeholder: String, _ name: String) -> WorldError {
        WorldError(
            code: "placeholder-unknown", operation: "start \(service.name)",
            underlying: "\(placeholder) in \(name) names nothing on this engine", hint: "Run `hauban check`.")
    }
}
