/// A service as it will be written, with a comment on each value.
struct DraftService: Sendable {
    /// A line of the service's map: the value and where it was read from.
    struct Noted<Value: Sendable>: Sendable {
        var value: Value
        var comment: String?
    }

    struct Edge: Sendable {
        var target: String
        var access: String
        var comment: String?
    }

    struct Variable: Sendable {
        var name: String
        var value: String
        var comment: String?
    }

    struct SecretUse: Sendable {
        var secret: String
        var variable: String
        var comment: String?
    }

    struct Site: Sendable {
        var build: String?
        var output: String
        var isOnePage: Bool
    }

    struct Health: Sendable {
        var ready: String?
        var exec: [String]?
        /// `interval`, `timeout`, `failures` and `start`, as written.
        var times: [(key: String, value: String)] = []
    }

    var name: String
    /// How Compose calls it; other services know it by this name.
    var composeName: String?
    /// Relative to the repository; empty for the repository itself.
    var source: Noted<String>?
    var image: Noted<String>?
    var dockerfile: String?
    /// Only its Dockerfile says how it is built or started.
    var needsContainer = false
    var site: Noted<Site>?
    var run: Noted<String>?
    var port: Noted<Int>?
    var hostPort: Int?
    var isPublished = false
    var health: Noted<Health>?
    var migrate: Noted<String>?
    var uses: [Edge] = []
    var secrets: [SecretUse] = []
    var env: [Variable] = []
    var exposePath: Noted<String>?
    var strips = false
    var scale: Noted<Int>?
    var stop: Noted<String>?
    /// Sentences above the service.
    var remarks: [String] = []

    init(name: String) { self.name = name }
}

/// A resource as it will be written.
struct DraftResource: Sendable {
    var name: String
    var composeName: String?
    /// `postgres`, `redis` or `bucket`.
    var kind: String
    var version: Int?
    var database: String?
    var extensions: [String] = []
    var comment: String
    var hostPort: Int?

    var defaultPort: Int {
        switch kind {
        case "postgres": 5432
        case "redis": 6379
        default: 9000
        }
    }
}

/// Names that the language accepts, made of names that other tools accept.
struct DraftNames: Sendable {
    private var taken: Set<String> = []

    /// The nearest valid name (lower case, single hyphens, at most 40 characters) that is still free.
    mutating func make(_ text: String, else fallback: String = "service") -> String {
        let wanted = Self.valid(text) ?? fallback
        var name = wanted
        var number = 2
        while !taken.insert(name).inserted {
            name = "\(wanted.prefix(36))-\(number)"
            number += 1
        }
        return name
    }

    static func valid(_ text: String) -> String? {
        var name = ""
        for character in text.lowercased() {
            if character.isASCII, character.isLetter || character.isNumber {
                name.append(character)
            } else if !name.isEmpty, name.last != "-" {
                name.append("-")
            }
        }
        name = String(name.drop { !$0.isLetter }.prefix(40))
        while name.last == "-" { name.removeLast() }
        return name.isEmpty ? nil : name
    }
}
