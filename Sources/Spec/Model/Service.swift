/// One process of the platform, in as many replicas as asked.
package struct Service: Sendable, Hashable {
    /// Source folder below hauban.yaml.
    package var source: String? { shared.declared.source }
    /// A ready image in place of a source.
    package var image: String? { shared.declared.image }
    package var stack: Stack? { shared.declared.stack }
    package var build: Build? { shared.declared.build }
    package var site: Site? { shared.declared.site }
    package var run: CommandLine? { shared.declared.run }
    package var port: Port? { shared.declared.port }
    package var health: Health? { shared.declared.health }
    package var metrics: String? { shared.declared.metrics }
    package var migrate: Migration? { shared.declared.migrate }
    package var uses: [EdgeName: Access] { shared.declared.uses }
    /// The variable in which each secret is handed over.
    package var secrets: [SecretName: String] { shared.declared.secrets }
    package var env: [String: Template] { shared.declared.env }
    package var egress: [String] { shared.declared.egress }
    package var expose: [Exposure] { shared.declared.expose }
    package var scale: Scale { shared.declared.scale }
    package var size: Size { shared.declared.size }
    package var slo: Objective? { shared.declared.slo }
    package var smoke: [SmokeRequest] { shared.declared.smoke }
    package var rollout: Rollout { shared.declared.rollout }
    package var stop: Duration { shared.declared.stop }
    package var logs: LogFormat { shared.declared.logs }
    package var schedule: CronSchedule? { shared.declared.schedule }
    package var capacity: Capacity { shared.declared.capacity }
    package var labels: [String: String] { shared.declared.labels }

    /// Held once: a large platform is sorted, grouped and handed on many times, and a copy of every field each time was a
    /// quarter of what rendering 500 services took.
    private final class Shared: Sendable, Hashable {
        let declared: Declared

        init(_ declared: Declared) { self.declared = declared }

        static func == (left: Shared, right: Shared) -> Bool { left === right || left.declared == right.declared }

        func hash(into hasher: inout Hasher) { hasher.combine(declared) }
    }

    private struct Declared: Sendable, Hashable {
        let source: String?
        let image: String?
        let stack: Stack?
        let build: Build?
        let site: Site?
        var run: CommandLine?
        let port: Port?
        let health: Health?
        let metrics: String?
        let migrate: Migration?
        let uses: [EdgeName: Access]
        let secrets: [SecretName: String]
        let env: [String: Template]
        let egress: [String]
        let expose: [Exposure]
        let scale: Scale
        let size: Size
        let slo: Objective?
        let smoke: [SmokeRequest]
        let rollout: Rollout
        let stop: Duration
        let logs: LogFormat
        let schedule: CronSchedule?
        let capacity: Capacity
        let labels: [String: String]
    }

    private let shared: Shared

    /// The same with another command: how its migration is run.
    package func running(_ command: CommandLine?) -> Service {
        var declared = shared.declared
        declared.run = command
        return Service(shared: Shared(declared))
    }

    /// Whether it answers requests.
    package var isServer: Bool { port != nil || site != nil }

    /// How the source becomes something that runs, when the files do not tell.
    package enum Stack: String, Choice {
        case python, node, swift, go, site, docker, none

        package var meaning: String {
            switch self {
            case .python: "a virtual environment from requirements.txt or pyproject.toml"
            case .node: "`npm ci` from package-lock.json"
            case .swift: "`swift build -c release` from Package.swift"
            case .go: "`go build` from go.mod"
            case .site: "static files"
            case .docker: "the Dockerfile says it all"
            case .none: "the files as they are, started with `run`"
            }
        }
    }

    package enum LogFormat: String, Choice {
        case json, plain

        package var meaning: String {
            switch self {
            case .json: "one JSON object a line with timestamp, severity, message, service_name and correlation_id"
            case .plain: "any text; lines are kept but not understood"
            }
        }
    }

    package enum Capacity: String, Choice {
        case standard, spot

        package var meaning: String {
            switch self {
            case .standard: "machines that stay"
            case .spot: "cheaper machines that the cloud may take back at short notice"
            }
        }
    }

    /// What an edge lets the service do.
    package enum Access: String, Choice {
        case read, write, publish, subscribe, call

        package var meaning: String {
            switch self {
            case .read: "read a database, cache or bucket"
            case .write: "read and write a database, cache or bucket"
            case .publish: "send messages to a topic"
            case .subscribe: "receive messages of a topic"
            case .call: "send requests to a service or a cluster"
            }
        }
    }

    static let shape: Shape<Service> = .record(
        "service", "One process of the platform, built from source and run in replicas."
    ) { f in
        let source = f.optional(
            "source", .relativePath, "Folder with the service's source, below hauban.yaml.", example: "services/api")
        let image = f.optional(
            "image", .text("an image reference", examples: ["ghcr.io/shop/api:1.4"]),
            "A ready container image, in place of a source.", example: "prefecthq/prefect:3-latest")
        let stack = f.optional("stack", Stack.shape("a stack"), "How to build; found out from the source when absent.")
        let build = f.optional("build", Build.shape, "What building needs beyond the stack.")
        let site = f.optional("site", Site.shape, "Makes this a static front end.")
        let run = f.optional(
            "run", .command, "The command that starts one replica; `${port}` is the port it must listen on.",
            example: "uvicorn api.main:app --host 0.0.0.0 --port ${port}")
        let port = f.optional(
            "port", .port, "The port on which a replica listens; absent for workers. On `local` a free one is chosen.",
            example: "8080")
        let health = f.optional("health", Health.shape, "How a replica is asked whether it is well.")
        let metrics = f.optional(
            "metrics", .urlPath, "Where Prometheus reads the service's metrics.", example: "/metrics")
        let migrate = f.optional(
            "migrate", Migration.shape,
            "Changes the database's schema: run once a release with the new code before any new replica starts.",
            example: "{run: alembic upgrade head, compatible: true}")
        let uses = f.value(
            "uses", .map(of: Access.shape("an access"), key: EdgeName.shape("an edge")), default: [:],
            because: "uses nothing",
            "Edges to resources and services. One edge gives variables, start order, network rule and identity grant.",
            example: "{db: write, mailer: call}")
        let secrets = f.value(
            "secrets", SecretUse.shape, default: [:], because: "uses no secret",
            "Secrets handed over in environment variables: a list, or a map from secret to variable.",
            example: "[stripe-key]")
        let env = f.value(
            "env", .map(of: .template, key: .variable), default: [:], because: "no variables",
            "Environment variables; `${db.url}` names an attribute of an edge.",
            example: "{DATABASE_URL: \"${db.url}\"}")
        let egress = f.value(
            "egress", .list(of: .host), default: [], because: "no outside host",
            "Hosts outside the platform that it may reach.", example: "[api.stripe.com]")
        let expose = f.value(
            "expose", Exposure.list, default: [], because: "not reachable from outside",
            "Where the world reaches it: one place or a list.", example: "{host: www, path: /api}")
        let isWorker = port == nil && site == nil
        let scale = f.value(
            "scale", Scale.shape, default: .one, because: "one replica", "How many replicas, and when more.")
        let size = f.value(
            "size", Size.shape, default: .small, because: "a small service", "What one replica may take.")
        let slo = f.optional("slo", Objective.shape, "What users are promised; releases are watched against it.")
        let smoke = f.value(
            "smoke", .list(of: SmokeRequest.shape), default: [], because: "no smoke requests",
            "Requests sent to the service through the front door after a release; one that fails returns the release.",
            example: "[{post: /api/orders, json: {sku: demo}, expect: {status: 201}}]")
        let rollout = f.value(
            "rollout", Rollout.shape, default: isWorker ? .replace : .beside,
            because: isWorker ? "a service without a port is a consumer" : "it has a port to switch",
            "How a new release takes over.",
            varies: "`beside` with a port, `replace` without")
        let stop = f.value(
            "stop", .duration, default: .seconds(10), "Time from SIGTERM to SIGKILL.", example: "30s")
        let logs = f.value(
            "logs", LogFormat.shape("a log format"), default: LogFormat.json, because: "plain text cannot be searched",
            "What a replica writes to its output.")
        let schedule = f.optional(
            "schedule", CronSchedule.shape, "Runs to its end at these times in place of running always.",
            example: "\"*/5 * * * *\"")
        let capacity = f.value(
            "capacity", Capacity.shape("a capacity"), default: Capacity.standard, "Which machines it may run on.")
        let labels = f.value(
            "labels", .map(of: .text("a label"), key: .text("a label's key")), default: [:], because: "no labels",
            "For cost by feature and the like.", example: "{feature: checkout}")

        if source == nil && image == nil && f.isSound("source", "image") && f.book == nil {
            f.report(
                .missingKey, "\(f.path.last) has neither `source` nor `image`",
                help: "`source` is the folder that it is built from; `image` a ready container image.")
        }
        if source != nil && image != nil {
            f.reportKey(
                .conflictingKeys, "`image` and `source` exclude each other", "image", with: "source",
                help: "Keep one of them.")
        }
        if site != nil && (run != nil || port != nil) {
            f.reportKey(
                .conflictingKeys, "a site has no process, so `\(run == nil ? "port" : "run")` does not apply",
                run == nil ? "port" : "run", with: "site", help: "Static files are served by the front door.")
        }
        if schedule != nil && port != nil {
            f.reportKey(
                .conflictingKeys, "a service on a schedule runs to its end, so `port` does not apply", "port",
                with: "schedule",
                help: "Split it: one service that serves, one on the schedule.")
        }
        if rollout.way == .canary, isWorker, f.isSound("port", "site", "rollout"), f.book == nil {
            f.report(
                .conflictingKeys, "a service without a port has no traffic that a canary could share out",
                at: "rollout",
                help: "Add `port`, the port on which it listens, or write `rollout: replace`, or `beside` when two "
                    + "releases may work at once.")
        }
        let declared = Declared(
            source: source, image: image, stack: stack, build: build, site: site, run: run, port: port, health: health,
            metrics: metrics, migrate: migrate, uses: uses, secrets: secrets, env: env, egress: egress, expose: expose,
            scale: scale, size: size, slo: slo, smoke: smoke, rollout: rollout, stop: stop, logs: logs,
            schedule: schedule, capacity: capacity, labels: labels)
        return Service(shared: Shared(declared))
    }
}

/// `secrets:` of a service: a list of names, or names with the variable that each is handed over in.
enum SecretUse {
    static let shape: Shape<[SecretName: String]> = .either(
        list: Shape<[SecretName]>.list(of: SecretName.shape("a secret"), dense: true).map(
            { names in Dictionary(names.map { ($0, variable(for: $0)) }) { first, _ in first } },
            show: { uses in "[" + uses.keys.sorted().map(\.text).joined(separator: ", ") + "]" }),
        or: .map(of: .variable, key: SecretName.shape("a secret")))

    /// `stripe-key` is handed over in `STRIPE_KEY`.
    static func variable(for secret: SecretName) -> String {
        secret.text.uppercased().map { $0 == "-" ? "_" : String($0) }.joined()
    }
}
