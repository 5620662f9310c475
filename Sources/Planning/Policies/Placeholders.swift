import Spec

/// A `${owner.attribute}` somewhere in a service.
struct Placeholder: Hashable {
    var owner: String
    var attribute: String?
    var path: SpecPath

    var text: String { "${" + owner + (attribute.map { "." + $0 } ?? "") + "}" }
}

/// Finds the placeholders of a service's texts and commands.
enum Placeholders {
    /// What a placeholder without an attribute may name.
    static let own = ["port", "release", "environment", "platform"]

    /// What `${service.…}` may name.
    static let ofServices = ["url", "host", "port"]

    static func all(of service: Service, named name: ServiceName) -> [Placeholder] {
        var found: [Placeholder] = []
        for (variable, template) in service.env.sorted(by: { $0.key < $1.key }) {
            found += template.placeholders.map {
                Placeholder(owner: $0.owner, attribute: $0.attribute, path: .service(name, "env", variable))
            }
        }
        for (command, path) in commands(of: service, named: name) { found += inCommand(command, at: path) }
        return found
    }

    static func commands(of service: Service, named name: ServiceName) -> [(CommandLine, SpecPath)] {
        var commands: [(CommandLine, SpecPath)] = []
        if let run = service.run { commands.append((run, .service(name, "run"))) }
        if let migrate = service.migrate {
            commands.append(
                (migrate.run, migrate.isShort ? .service(name, "migrate") : .service(name, "migrate", "run")))
        }
        if case .exec(let command) = service.health?.ready {
            commands.append((command, .service(name, "health", "exec")))
        }
        if let build = service.site?.build { commands.append((build, .service(name, "site", "build"))) }
        return commands
    }

    /// In a command `${word}` may be the shell's own: only our words, words near them, and dotted names are ours.
    private static func inCommand(_ command: CommandLine, at path: SpecPath) -> [Placeholder] {
        let texts: [(String, SpecPath)] =
            switch command {
            case .shell(let line): [(line, path)]
            case .words(let words): words.enumerated().map { ($1, path.appending(index: $0)) }
            }
        return texts.flatMap { text, path in
            bodies(in: text).compactMap { body -> Placeholder? in
                let parts = body.split(separator: ".", omittingEmptySubsequences: false).map(String.init)
                guard parts.count <= 2, parts.allSatisfy(isWord) else { return nil }
                if parts.count == 1 && KeyHint.nearest(to: parts[0], among: own) == nil { return nil }
                return Placeholder(owner: parts[0], attribute: parts.count == 2 ? parts[1] : nil, path: path)
            }
        }
    }

    /// What stands between `${` and `}`; `$${` starts none.
    private static func bodies(in text: String) -> [Substring] {
        var bodies: [Substring] = []
        var rest = text[...]
        while let dollar = rest.firstIndex(of: "$") {
            let after = rest[dollar...]
            if after.hasPrefix("$${") {
                rest = after.dropFirst(3)
            } else if after.hasPrefix("${"), let end = after.firstIndex(of: "}") {
                bodies.append(after.dropFirst(2)[..<end])
                rest = after[after.index(after: end)...]
            } else {
                rest = after.dropFirst()
            }
        }
        return bodies
    }

    private static func isWord(_ text: String) -> Bool {
        !text.isEmpty
            && text.utf8.allSatisfy {
                (0x61...0x7a).contains($0) || (0x30...0x39).contains($0) || $0 == 0x2d || $0 == 0x5f
            }
    }
}
