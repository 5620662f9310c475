/// Something that services use and that keeps data.
package struct Resource: Sendable, Hashable {
    package enum Kind: String, Choice {
        case postgres, redis, bucket, topic, cluster

        package var meaning: String {
            switch self {
            case .postgres: "a PostgreSQL database"
            case .redis: "a Redis cache or broker"
            case .bucket: "objects by name, over the S3 protocol or the cloud's own"
            case .topic: "messages from publishers to subscribers"
            case .cluster: "a Kubernetes cluster for a tool of yours that needs one"
            }
        }

        /// What `uses:` may say of it.
        package var accesses: [Service.Access] {
            switch self {
            case .postgres, .redis, .bucket: [.read, .write]
            case .topic: [.publish, .subscribe]
            case .cluster: [.call]
            }
        }

        /// What `${resource.…}` may name.
        package var attributes: [String] {
            switch self {
            case .postgres: ["url", "host", "port", "user", "password", "database"]
            case .redis: ["url", "host", "port", "user", "password"]
            case .bucket: ["url", "name", "region", "access_key", "secret_key"]
            case .topic: ["url", "name"]
            case .cluster: ["url"]
            }
        }
    }

    /// What a full Redis forgets.
    package enum Eviction: String, Choice {
        case never
        case expiring
        case oldest

        package var meaning: String {
            switch self {
            case .never: "nothing: writes are refused until there is room"
            case .expiring: "what would expire soonest anyway"
            case .oldest: "what was not used for longest"
            }
        }
    }

    package var kind: Kind
    package var version: Int?
    package var extensions: [String]
    package var database: String?
    package var storage: ByteCount?
    package var size: Size?
    package var standby: Bool
    package var versioned: Bool
    package var topic: String?
    package var deadLetter: Bool
    package var keep: Duration?
    package var evict: Eviction
    package var encrypt: Bool
    package var backup: Backup?
    package var labels: [String: String]

    /// The keys that each kind knows beyond the common ones.
    private static let own: [Kind: Set<String>] = [
        .postgres: ["version", "extensions", "database", "storage", "size", "standby", "backup"],
        .redis: ["version", "storage", "size", "standby", "backup", "evict"],
        .bucket: ["versioned", "keep", "storage", "backup"],
        .topic: ["topic", "dead-letter", "keep"],
        .cluster: ["version", "size"],
    ]

    /// The kinds that know a key, for its meaning.
    private static func of(_ key: String) -> String {
        let kinds = Kind.allCases.filter { own[$0]?.contains(key) == true }
        return " Of " + kinds.map(\.rawValue).joined(separator: ", ") + "."
    }

    static let shape: Shape<Resource> = .record("resource", "Something that services use and that keeps data.") { f in
        let kind = f.required("kind", Kind.shape("a kind of resource"), "What it is.", example: "postgres")
        let applies = { (key: String) in kind.map { own[$0]?.contains(key) == true } ?? true }
        let version = f.optional("version", .integer(1...100), "Major version." + of("version"), example: "15")
        let extensions = f.value(
            "extensions", .list(of: .text("an extension")), default: [], because: "none",
            "PostgreSQL extensions to create." + of("extensions"), example: "[pgcrypto]", applies: applies("extensions")
        )
        let database = f.optional(
            "database",
            .text(
                "a database's name", pattern: "^[a-z][a-z0-9_]{0,62}$", examples: ["skillforge_db"],
                help: "Lower-case letters, digits and underscores.",
                where: { text in
                    (0x61...0x7a).contains(text.utf8.first ?? 0) && text.utf8.count <= 63
                        && text.utf8.allSatisfy {
                            (0x61...0x7a).contains($0) || (0x30...0x39).contains($0) || $0 == 0x5f
                        }
                }), "Name of the database; the platform's name when absent." + of("database"))
        let storage = f.optional("storage", .byteCount, "Space for the data." + of("storage"), example: "20Gi")
        let size = f.optional("size", Size.shape, "What the server may take." + of("size"))
        let standby = f.value(
            "standby", .boolean, default: false,
            "A second server that takes over when the first fails." + of("standby"),
            applies: applies("standby"))
        let versioned = f.value(
            "versioned", .boolean, default: false, "Keep old versions of objects." + of("versioned"),
            applies: applies("versioned"))
        let topic = f.optional(
            "topic", .text("a topic's name"), "Name of the topic where it is not the resource's." + of("topic"),
            example: "project.deliverable.submitted")
        let deadLetter = f.value(
            "dead-letter", .boolean, default: true, because: "a message that nobody can read must not be lost",
            "Keep messages that were refused five times." + of("dead-letter"), applies: applies("dead-letter"))
        let keep = f.optional(
            "keep", .interval, "Remove objects or messages after this time." + of("keep"), example: "90d")
        let evict = f.value(
            "evict", Eviction.shape("a choice"), default: Eviction.never,
            because: "a broker must not lose messages", "What a full Redis forgets." + of("evict"),
            applies: applies("evict"))
        let encrypt = f.value(
            "encrypt", .boolean, default: false, because: "the target's own default",
            "Demand encryption of the data at rest.")
        let backup = f.optional(
            "backup", Backup.shape, "Copies, and how fast they must bring the data back." + of("backup"))
        let labels = f.value(
            "labels", .map(of: .text("a label"), key: .text("a label's key")), default: [:], because: "no labels",
            "For cost by feature and the like.")
        if let kind, f.isSound("kind") {
            for key in own.values.reduce(into: Set<String>(), { $0.formUnion($1) }).sorted()
            where f.has(key) && own[kind]?.contains(key) != true {
                f.reportKey(
                    .keyNotForKind, "`\(key)` says nothing about a \(kind.rawValue)", key, with: "kind",
                    help:
                        "It belongs to \(own.filter { $0.value.contains(key) }.keys.map(\.rawValue).sorted().joined(separator: ", "))."
                )
            }
        }
        guard let kind else { return nil }
        return Resource(
            kind: kind, version: version, extensions: extensions, database: database, storage: storage, size: size,
            standby: standby, versioned: versioned, topic: topic, deadLetter: deadLetter, keep: keep, evict: evict,
            encrypt: encrypt,
            backup: backup, labels: labels)
    }
}

/// Copies of a resource's data, and how fast they must bring it back.
package struct Backup: Sendable, Hashable {
    package var every: Duration
    package var keep: Duration
    /// Recovery point objective: at most this much work is lost.
    package var rpo: Duration?
    /// Recovery time objective: back within this time.
    package var rto: Duration?
    package var drill: Duration?
    /// Another region that holds a second copy.
    package var region: String?

    static let shape: Shape<Backup> = .record(
        "backup", "Copies of a resource's data, and how fast they must bring it back."
    ) { f in
        let every = f.value(
            "every", .interval, default: .seconds(86_400), because: "daily", "Time between copies.", example: "6h")
        let keep = f.value(
            "keep", .interval, default: .seconds(14 * 86_400), because: "two weeks", "How long a copy stays.")
        let rpo = f.optional("rpo", .duration, "At most this much work may be lost.", example: "5m")
        let rto = f.optional("rto", .duration, "The data must be back within this time.", example: "15m")
        let drill = f.optional("drill", .interval, "How often a restore is tried for real.", example: "weekly")
        let region = f.optional(
            "region", .text("a region"), "Another region for a second copy.", example: "europe-west4")
        if keep < every && f.isSound("keep", "every") {
            f.report(
                .outOfRange, "a copy is kept for \(DurationText.text(keep)) but made every \(DurationText.text(every))",
                at: f.has("keep") ? "keep" : "every",
                with: f.has("keep") ? "every" : nil, help: "There would be times without any copy.")
        }
        return Backup(every: every, keep: keep, rpo: rpo, rto: rto, drill: drill, region: region)
    }
}

/// A value that no file may hold; only its name and care are declared.
package struct SecretSpec: Sendable, Hashable {
    package var rotate: Duration?
    package var about: String?
    /// How long the value before the last renewal can still be read.
    package var keepOld: Duration?

    static let shape: Shape<SecretSpec> = .record(
        "secret", "A value that no file may hold: declared by name, given with `hauban secrets set`."
    ) { f in
        let rotate = f.optional("rotate", .interval, "Renew it after this time.", example: "90d")
        let about = f.optional("about", .text(), "What it opens and who gives it out.")
        let keepOld = f.optional(
            "keep-old", .interval, "How long the value before a renewal can still be read, to open what it closed.",
            example: "30d")
        return SecretSpec(rotate: rotate, about: about, keepOld: keepOld)
    }
}
