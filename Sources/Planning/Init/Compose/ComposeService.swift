/// One service of a Compose file, with the keys that mean something to Hauban (Compose Specification, "services").
struct ComposeService: Sendable, Hashable {
    /// A command as Compose takes it: a line for the shell's splitting, or words.
    enum CommandText: Sendable, Hashable {
        case line(String)
        case words([String])

        var text: String {
            switch self {
            case .line(let line): line
            case .words(let words): words.map(Self.quoted).joined(separator: " ")
            }
        }

        private static func quoted(_ word: String) -> String {
            let plain = word.allSatisfy { $0.isLetter || $0.isNumber || "-_./:=@%+,${}".contains($0) }
            return plain && !word.isEmpty ? word : "'" + word.replacing("'", with: "'\\''") + "'"
        }
    }

    struct Variable: Sendable, Hashable {
        var name: String
        /// After interpolation; `nil` when the shell that runs Compose would give it.
        var value: String?
        /// Variables of the Compose file's own that the value was made of.
        var takenFrom: [String]
    }

    struct PortMapping: Sendable, Hashable {
        var container: Int
        /// `nil` when Compose chooses; absent from the host when `isPublished` is false.
        var host: Int?
        var isPublished: Bool
    }

    struct HealthCheck: Sendable, Hashable {
        var test: [String]
        var interval: String?
        var timeout: String?
        var retries: Int?
        var start: String?
    }

    var name: String
    var image: String?
    /// Relative to the repository; `nil` without `build`.
    var context: String?
    var dockerfile: String?
    var buildArguments: [String] = []
    var contextLeavesRepository = false
    var command: CommandText?
    var entrypoint: CommandText?
    var ports: [PortMapping] = []
    var environment: [Variable] = []
    var environmentFiles: [String] = []
    var dependsOn: [String] = []
    var secrets: [String] = []
    var health: HealthCheck?
    var replicas: Int?
    var profiles: [String] = []
    var stopGrace: String?
    /// Keys that have a meaning and get none here, sorted.
    var leftOut: Set<String> = []

    /// The one `registry/path/name:tag` split into the last name and the tag.
    var imageName: (name: String, path: String, tag: String?)? {
        guard let image else { return nil }
        let bare = image.prefix { $0 != "@" }
        let last = bare.split(separator: "/").last ?? bare[...]
        let parts = last.split(separator: ":", maxSplits: 1)
        guard let name = parts.first else { return nil }
        let path = parts.count > 1 ? bare.dropLast(parts[1].count + 1) : bare
        return (String(name), String(path), parts.count > 1 ? String(parts[1]) : nil)
    }
}
