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
    /// Attributes of what it uses: `url`, `host`, `port`, `password`.
    let edges: [String: [String: ContainerValue]]

    private(set) var plain: [String: String] = [:]
    /// Lines of shell; empty when no value holds a secret.
    private(set) var exports = ""

    /// - Throws: `WorldError` for a placeholder that names nothing here.
    init(
        _ service: DesiredService, _ release: ReleaseID, _ platform: PlatformName, _ environment: EnvironmentName,
        edges: [String: [String: ContainerValue]]
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
        var value = ContainerValue(parts: [])
        for part in template.parts {
            switch part {
            case .text(let text): value.parts.append(.text(text))
            case .placeholder("secrets", let secret?): value.parts.append(.file(secret))
            case .placeholder(let owner, let attribute):
                let found =
                    attribute.map { edges[owner]?[$0] } ?? words[owner].map { ContainerValue($0) }
                guard let found else { throw unknown("${\(owner)\(attribute.map { "." + $0 } ?? "")}", name) }
                value.parts += found.parts
            }
        }
        if let text = value.plain {
            plain[name] = text
        } else if service.run != nil {
            exports += "export \(name)=\"\(value.shell)\"\n"
        } else if let file = value.file {
            // Nothing can be put before a command that only the image knows.
            plain[name + "_FILE"] = "/run/secrets/\(file)"
        } else {
            throw WorldError(
                code: "secret-in-image", operation: "start \(service.name)",
                underlying: "\(name) is put together from a secret, and only its image knows the command",
                hint: "Say `run:`, or let the program read \(name)_FILE.")
        }
    }

    private func unknown(_ placeholder: String, _ name: String) -> WorldError {
        WorldError(
            code: "placeholder-unknown", operation: "start \(service.name)",
            underlying: "\(placeholder) in \(name) names nothing on this engine", hint: "Run `hauban check`.")
    }
}
