/// One place where the platform runs. The sections of the platform that it also holds override the base by key.
package struct Environment: Sendable, Hashable {
    package enum Target: String, Choice, Codable {
        case local, docker, swarm, kubernetes, gcp, aws

        package var meaning: String {
            switch self {
            case .local: "processes of this machine"
            case .docker: "one Docker Engine"
            case .swarm: "a Docker Swarm of several servers"
            case .kubernetes: "a Kubernetes cluster"
            case .gcp: "Google Cloud: Cloud Run and its data services"
            case .aws: "Amazon Web Services: ECS Fargate and its data services"
            }
        }
    }

    package var target: Target
    /// What it is for, where the author said so; see ``Platform/purpose(of:)``.
    package var purpose: Purpose?
    package var branch: String?
    package var tag: String?
    package var domain: String?
    package var project: String?
    package var regions: [String]
    package var hosts: [String]
    package var context: String?
    package var registry: String?
    package var state: String?
    package var requires: Requires
    package var budget: Budget?
    /// Limits that a release must keep to be accepted, measured by its verification.
    package var accept: [PlainName: Condition]
    package var tls: TLS?
    package var encrypt: Encryption
    package var failover: EnvironmentName?
    /// An environment that this one must equal but for its size.
    package var like: EnvironmentName?
    /// Restart a service when its source changes.
    package var reload: Bool
    /// Let the developer's own tools reach services and resources.
    package var openPorts: Bool
    /// What each server must offer.
    package var server: Server?
    /// Per target, what the language does not say, in the words of that target's own files.
    package var patch: [String: JSONTree]

    /// Keys of an environment that are sections of the platform.
    package static let overlays = [
        "services", "resources", "secrets", "pipeline", "alerts", "oncall", "people", "teams", "release", "telemetry",
        "kpis", "routes", "inhibit", "maintenance", "heartbeats", "actions", "incidents", "notify", "integrations",
        "console", "policies",
    ]

    package enum Encryption: String, Choice {
        case edge, mesh

        package var meaning: String {
            switch self {
            case .edge: "TLS ends at the edge"
            case .mesh: "services talk mutual TLS among themselves too"
            }
        }
    }

    static let shape: Shape<Environment> = .record(
        "environment",
        "One place where the platform runs. Sections of the platform written here override the base by key: maps merge, "
            + "scalars and lists replace, `null` removes."
    ) { f in
        let target = f.required("target", Target.shape("a target"), "What runs it.", example: "docker")
        let purpose = f.optional(
            "purpose", Purpose.shape("a purpose"),
            "What it is for, which says how strictly policies judge it; found out from the rest when absent.",
            example: "production")
        let branch = f.optional("branch", .text("a branch"), "A push to this branch ships here.", example: "develop")
        let tag = f.optional("tag", .text("a tag pattern"), "A tag of this form ships here.", example: "v*")
        let domain = f.optional(
            "domain", .host, "The domain below which `expose` hosts stand.", example: "shop.example")
        let project = f.optional("project", .text("a project or account"), "Google Cloud project or AWS account.")
        let regions = f.value(
            "regions", .list(of: .text("a region")), default: [], because: "the target's only place",
            "Where it runs, the first one leading.", example: "[europe-west1]")
        let hosts = f.value(
            "hosts", .list(of: .text("a server")), default: [], because: "this machine",
            "Servers, as `user@host` for SSH.", example: "[deploy@app1.shop.example]")
        let context = f.optional("context", .text("a context"), "kubectl or Docker context.")
        let registry = f.optional("registry", .text("a registry"), "Where images are pushed.", example: "ghcr.io/shop")
        let state = f.optional(
            "state", .text("a bucket"), "Bucket of the Terraform state; one prefix per environment.",
            example: "skillforge-tfstate")
        let requires = f.value(
            "requires", Requires.shape, default: .nothing, because: "nothing",
            "What a release needs before it may start here.")
        let budget = f.optional("budget", Budget.shape, "Most money a month.")
        let accept = f.value(
            "accept", .map(of: Condition.shape, key: PlainName.shape("a criterion")), default: [:],
            because: "none",
            "Limits that a release must keep while it is verified; `release.verify.for` says how long.",
            example: "{latency: p95(api) < 2s}")
        let tls = f.optional("tls", TLS.shape, "Certificates of the edge.")
        let encrypt = f.value(
            "encrypt", Encryption.shape("an encryption"), default: Encryption.edge, "How far traffic is encrypted.")
        let failover = f.optional(
            "failover", EnvironmentName.shape("an environment"), "Takes the traffic when this one fails.")
        let like = f.optional(
            "like", EnvironmentName.shape("an environment"),
            "Must equal that environment but for its size; differences are shown.")
        let reload = f.value(
            "reload", .boolean, default: false, because: "only development wants it",
            "Restart a service when its source changes.")
        let openPorts = f.value(
            "open-ports", .boolean, default: false, because: "only what is exposed is reached",
            "Let services and resources also listen on 127.0.0.1 of the server, for a developer's own tools.")
        let server = f.optional("server", Server.shape, "What each server must offer; looked at before a release.")
        let patch = f.value(
            "patch", .map(of: .tree, key: Target.shape("a target").map({ $0.rawValue }, show: { $0 })), default: [:],
            because: "none", "What the language does not say, per target; `explain` lists what it changes.")
        for overlay in Environment.overlays {
            _ = f.optional(overlay, .overlay(overlay), "Overrides the platform's `\(overlay)` here.")
        }
        guard let target else { return nil }
        return Environment(
            target: target, purpose: purpose, branch: branch, tag: tag, domain: domain, project: project,
            regions: regions, hosts: hosts,
            context: context, registry: registry, state: state, requires: requires, budget: budget, accept: accept,
            tls: tls, encrypt: encrypt, failover: failover, like: like, reload: reload,
            openPorts: openPorts, server: server, patch: patch)
    }
}

extension Shape where Value == Bool {
    /// A section of an environment: read after it was merged over the base, so here it only has to be there.
    static func overlay(_ section: String) -> Shape {
        Shape(
            describe: { _ in .record("platform." + section) }, read: { _, _, _ in true }, show: { _ in section },
            standIn: { true })
    }
}

/// What each server of an environment must offer.
package struct Server: Sendable, Hashable {
    /// As `/etc/os-release` says it: the id, a hyphen and the version.
    package var os: String?
    package var cpu: CPUCount?
    package var memory: ByteCount?
    package var disk: ByteCount?

    static let shape: Shape<Server> = .record("server", "What each server must offer.") { f in
        let os = f.optional(
            "os", .text("a system"), "System and version, as /etc/os-release says them.", example: "ubuntu-22.04")
        let cpu = f.optional("cpu", .cpu, "Fewest processors.", example: "8")
        let memory = f.optional("memory", .byteCount, "Least memory.", example: "16Gi")
        let disk = f.optional("disk", .byteCount, "Least disk.", example: "200Gi")
        return Server(os: os, cpu: cpu, memory: memory, disk: disk)
    }
}

/// What a release needs before it may start in an environment.
package struct Requires: Sendable, Hashable {
    package var approval: Int
    /// How long the same release must have been kept in another environment.
    package var soak: [EnvironmentName: Duration]

    package static let nothing = Requires(approval: 0, soak: [:])

    static let shape: Shape<Requires> = .record(
        "requirements", "What a release needs before it may start here."
    ) { f in
        let approval = f.value("approval", .integer(0...10), default: 0, "People who must have agreed.")
        let soak = f.value(
            "soak", .map(of: .duration, key: EnvironmentName.shape("an environment")), default: [:], because: "no soak",
            "How long the same release must have been kept elsewhere.", example: "{staging: 30m}")
        return Requires(approval: approval, soak: soak)
    }
}

/// Most money a month.
package struct Budget: Sendable, Hashable {
    package var month: Money
    package var warn: Percent

    static let shape: Shape<Budget> = .record("budget", "Most money a month.") { f in
        let month = f.required("month", .money, "Most money a month.", example: "900 USD")
        let warn = f.value(
            "warn", .percent(), default: Percent(millionths: 800_000), "Warn when the forecast passes this share.",
            example: "80%")
        guard let month else { return nil }
        return Budget(month: month, warn: warn)
    }
}

/// Certificates of the edge.
package struct TLS: Sendable, Hashable {
    package enum Issuer: String, Choice {
        case letsencrypt, acme, files, managed

        package var meaning: String {
            switch self {
            case .letsencrypt: "certificates from Let's Encrypt, renewed by themselves"
            case .acme: "the same from another authority that speaks ACME, at `directory`"
            case .files: "certificate and key from files"
            case .managed: "the cloud's own"
            }
        }
    }

    package enum Version: String, Choice {
        case tls12 = "1.2"
        case tls13 = "1.3"

        package var meaning: String { "TLS \(rawValue) and later" }
    }

    package var issuer: Issuer
    package var email: String?
    /// The address of an ACME directory, when the issuer is `acme`.
    package var directory: String?
    /// Path of a PEM file, absolute or from the folder of hauban.yaml, that vouches for the directory and what it issues.
    package var root: String?
    package var minimum: Version
    /// Paths of PEM files, absolute or from the folder of hauban.yaml; both or none.
    package var certificate: String?
    package var key: String?
    /// How long browsers are told to come back over TLS only.
    package var hsts: Duration
    /// Whether plain HTTP is sent to https.
    package var redirect: Bool

    /// Whether an authority is asked for certificates, and again for their renewal.
    package var isOrdered: Bool { issuer == .letsencrypt || issuer == .acme }

    static let shape: Shape<TLS> = .record("tls", "Certificates of the edge.") { f in
        let issuer = f.value(
            "issuer", Issuer.shape("an issuer"), default: Issuer.letsencrypt, "Who gives out the certificates.")
        let email = f.optional("email", .text("an e-mail address"), "Told by the issuer when a renewal fails.")
        let directory = f.optional(
            "directory",
            .text(
                "an address that begins with https", pattern: "^https://[^/ ]+.*$",
                examples: ["https://ca.shop.example/acme/acme/directory"],
                help: "It begins with `https://` and a host; no spaces and no quotes.",
                where: { text in
                    text.hasPrefix("https://") && text.dropFirst(8).first.map { $0 != "/" } == true
                        && text.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7F && $0 != 0x22 && $0 != 0x27 }
                }),
            "With `issuer: acme`, where the authority is asked (RFC 8555, section 7.1.1); Let's Encrypt for tries is "
                + "`https://acme-staging-v02.api.letsencrypt.org/directory`.",
            example: "https://ca.shop.example/acme/acme/directory")
        let root = f.optional(
            "root", .text("a path of a PEM file"),
            "With `issuer: acme`, what vouches for `directory` and for the certificates that it gives out, when that is nobody "
                + "whom systems know: from the folder of hauban.yaml or absolute.",
            example: "certs/root.pem")
        let minimum = f.value(
            "minimum", Version.shape("a TLS version"), default: Version.tls12, "Oldest version accepted.",
            example: "1.3")
        let certificate = f.optional(
            "certificate", .text("a path of a PEM file"),
            "With `issuer: files`, the certificate and those that signed it, from the folder of hauban.yaml or absolute; read "
                + "again when it changes. One for this machine alone: `openssl req -x509 -newkey ec -pkeyopt "
                + "ec_paramgen_curve:prime256v1 -nodes -days 365 -subj /CN=localhost -addext subjectAltName=DNS:localhost "
                + "-keyout dev.key -out dev.pem`.",
            example: "certs/shop.pem")
        let key = f.optional(
            "key", .text("a path of a PEM file"),
            "With `issuer: files`, the certificate's private key, without a passphrase. Keep it out of the repository.",
            example: "/etc/ssl/private/shop.key")
        let hsts = f.value(
            "hsts", .duration, default: .seconds(31_536_000), because: "browsers that came once over TLS stay there",
            "How long browsers come back over TLS only (Strict-Transport-Security); `0s` makes them forget.",
            example: "30d")
        let redirect = f.value(
            "redirect", .boolean, default: true, because: "nothing should be asked in the clear",
            "Answer plain HTTP with the address over https; `false` serves it as well.")
        if f.book == nil, issuer == .files, f.isSound("certificate", "key"), certificate == nil || key == nil {
            f.report(
                .missingKey, "`issuer: files` needs a certificate and its key",
                help: "Add `certificate:` and `key:`, the paths of two PEM files.")
        }
        if f.book == nil, issuer == .acme, f.isSound("directory"), directory == nil {
            f.report(
                .missingKey, "`issuer: acme` needs the address of a directory",
                help: "Add `directory: https://…`; for Let's Encrypt write `issuer: letsencrypt`.")
        }
        if issuer != .acme {
            for name in ["directory", "root"] where f.has(name) {
                f.reportKey(
                    .conflictingKeys, "`\(name)` is for other authorities that speak ACME", name, with: "issuer",
                    help: "Write `issuer: acme`, or remove it.")
            }
        }
        if issuer != .files {
            for name in ["certificate", "key"] where f.has(name) {
                f.reportKey(
                    .conflictingKeys, "`\(name)` is for certificates from files", name, with: "issuer",
                    help: "Write `issuer: files`, or remove it.")
            }
        }
        return TLS(
            issuer: issuer, email: email, directory: directory, root: root, minimum: minimum, certificate: certificate,
            key: key, hsts: hsts,
            redirect: redirect)
    }
}
