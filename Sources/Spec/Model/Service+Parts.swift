/// What building needs beyond what the stack tells.
package struct Build: Sendable, Hashable {
    package var run: CommandLine?
    package var dockerfile: String?
    package var args: [String: String]

    static let shape: Shape<Build> = .record(
        "build", "What building needs beyond the stack.",
        short: Shape<CommandLine>.command.map(
            { Build(run: $0, dockerfile: nil, args: [:]) }, show: { $0.run?.text ?? "" })
    ) { f in
        let run = f.optional("run", .command, "Replaces the stack's own build command.", example: "make dist")
        let dockerfile = f.optional(
            "dockerfile", .relativePath, "Dockerfile below `source`, when it is not called `Dockerfile`.")
        let args = f.value(
            "args", .map(of: .anyText, key: .variable), default: [:], because: "none", "Build arguments of the image.")
        return Build(run: run, dockerfile: dockerfile, args: args)
    }
}

/// What changes the schema of a service's database.
package struct Migration: Sendable, Hashable {
    package var run: CommandLine
    /// Whether the version before can run on the schema that it leaves; `nil`: nobody said.
    package var compatible: Bool?
    /// Whether the command was written in place of the map.
    package var isShort: Bool

    static let shape: Shape<Migration> = .record(
        "migration", "What changes the schema of a service's database.",
        short: Shape<CommandLine>.command.map(
            { Migration(run: $0, compatible: nil, isShort: true) }, show: { $0.run.text }),
        show: { $0.run.text }
    ) { f in
        let run = f.required(
            "run", .command, "The command, run once a release with the new code.", example: "alembic upgrade head")
        let compatible = f.optional(
            "compatible", .boolean,
            "Whether the version before can run on the schema that it leaves. Only a release of which this is true is "
                + "ever gone back from by itself.", example: "true")
        return run.map { Migration(run: $0, compatible: compatible, isShort: false) }
    }
}

/// A front end of static files.
package struct Site: Sendable, Hashable {
    package var build: CommandLine?
    /// Folder below `source` that holds the files.
    package var output: String
    package var spa: Bool
    /// Whether a content network keeps copies near the readers.
    package var cdn: Bool

    static let shape: Shape<Site> = .record("site", "A front end of static files.") { f in
        let build = f.optional("build", .command, "Makes the files.", example: "npm run build")
        let output = f.value(
            "output", .relativePath, default: ".", because: "the source is served as it is",
            "Folder with the files, below `source`.", example: "dist")
        let spa = f.value(
            "spa", .boolean, default: false, "Answer unknown paths with index.html, for routing in the browser.")
        let cdn = f.value(
            "cdn", .boolean, default: false,
            "Serve it through the cloud's content network, whose copies are dropped by each release.")
        return Site(build: build, output: output, spa: spa, cdn: cdn)
    }
}

/// How a replica is asked whether it is well.
package struct Health: Sendable, Hashable {
    package enum Question: Sendable, Hashable {
        case http(String)
        case tcp
        case exec(CommandLine)
    }

    package var ready: Question
    /// `nil` when a replica that stops being ready is only taken out of traffic.
    package var live: Question?
    package var interval: Duration
    package var timeout: Duration
    package var passes: Int
    package var failures: Int
    /// Longest time from start to ready.
    package var start: Duration

    /// What a service with a port and no `health:` is asked.
    package static let tcp = Health(
        ready: .tcp, live: nil, interval: .seconds(10), timeout: .seconds(5), passes: 1, failures: 3,
        start: .seconds(60))

    static let shape: Shape<Health> = .record(
        "health", "How a replica is asked whether it is well.",
        short: Shape<String>.urlPath.map(
            { path in
                var health = Health.tcp
                health.ready = .http(path)
                return health
            },
            show: { health in
                if case .http(let path) = health.ready { path } else { "{…}" }
            })
    ) { f in
        let ready = f.optional(
            "ready", .urlPath, "GET here must answer 200 to 399 before the replica gets traffic.", example: "/health")
        let live = f.optional(
            "live", .urlPath, "GET here failing `failures` times restarts the replica.", example: "/live")
        let exec = f.optional(
            "exec", .command, "A command that must exit 0, for services without HTTP.",
            example: "[celery, inspect, ping]")
        let interval = f.value("interval", .duration, default: .seconds(10), "Time from one question to the next.")
        let timeout = f.value("timeout", .duration, default: .seconds(5), "A later answer counts as a failure.")
        let passes = f.value("passes", .integer(1...20), default: 1, "Passes in a row that make a replica ready.")
        let failures = f.value("failures", .integer(1...20), default: 3, "Failures in a row that make it unwell.")
        let start = f.value("start", .duration, default: .seconds(60), "Longest time from start to ready.")
        if exec != nil && ready != nil {
            f.reportKey(
                .conflictingKeys, "`exec` and `ready` exclude each other", "exec", with: "ready",
                help: "Keep one of them.")
        }
        let question: Question = exec.map { .exec($0) } ?? ready.map { .http($0) } ?? .tcp
        return Health(
            ready: question, live: live.map { .http($0) } ?? exec.map { .exec($0) }, interval: interval,
            timeout: timeout, passes: passes, failures: failures, start: start)
    }
}

/// One place where the world reaches a service.
package struct Exposure: Sendable, Hashable {
    /// A label below the environment's domain, or a whole name; `nil` is the domain itself.
    package var host: String?
    package var path: String
    package var strip: Bool
    package var rate: Rate?
    package var body: ByteCount?
    /// Whether requests that look like attacks are refused at the edge.
    package var filter: Bool

    static let shape: Shape<Exposure> = .record("exposure", "One place where the world reaches a service.") { f in
        let host = f.optional(
            "host", .host,
            "A label below the environment's domain (`www`), or a whole host name; the domain itself "
                + "when absent.", example: "www")
        let path = f.value(
            "path", .urlPath, default: "/", because: "the whole host", "Requests whose path starts with it.",
            example: "/api")
        let strip = f.value("strip", .boolean, default: false, "Take `path` off before the service sees the request.")
        let rate = f.optional(
            "rate", .rate,
            "Most requests of one client (an IPv4 address, or the /64 of an IPv6 address); more are answered 429.",
            example: "20/s")
        let body = f.optional(
            "body", .byteCount, "Largest request body; larger ones are answered 413.", example: "10Mi")
        let filter = f.value(
            "filter", .boolean, default: false,
            "Refuse requests that look like attacks (a web application firewall); they are answered 403.")
        return Exposure(host: host, path: path, strip: strip, rate: rate, body: body, filter: filter)
    }

    static let list: Shape<[Exposure]> = .either(
        list: .list(of: shape), or: shape.map({ [$0] }, show: { _ in "{…}" }))
}

/// How many replicas.
package struct Scale: Sendable, Hashable {
    package var min: Int
    package var max: Int
    package var cpu: Percent?
    package var memory: Percent?
    /// Requests in flight in one replica.
    package var requests: Int?

    package static let one = Scale(min: 1, max: 1, cpu: nil, memory: nil, requests: nil)

    static let shape: Shape<Scale> = .record(
        "scale", "How many replicas, and when more.",
        short: Shape<Int>.integer(0...1000, "a number of replicas").map(
            { Scale(min: $0, max: $0, cpu: nil, memory: nil, requests: nil) }, show: { "\($0.min)" }),
        show: { $0.min == $0.max ? "\($0.min)" : "{min: \($0.min), max: \($0.max)}" }
    ) { f in
        let min = f.value(
            "min", .integer(0...1000), default: 1, "Fewest replicas; 0 lets it sleep where the target can.")
        let max = f.value(
            "max", .integer(1...1000), default: Swift.max(1, min), because: "the same as `min`", "Most replicas.",
            varies: "the same as `min`")
        let cpu = f.optional("cpu", .percent(), "Add replicas above this use of the asked processors.", example: "70%")
        let memory = f.optional("memory", .percent(), "Add replicas above this use of the asked memory.")
        let requests = f.optional(
            "requests", .integer(1...10_000), "Add replicas above this many requests in flight in one.")
        if max < min && f.isSound("min", "max") {
            f.report(
                .outOfRange, "max \(max) is below min \(min)", at: f.has("max") ? "max" : "min",
                with: f.has("max") ? "min" : nil, help: "Raise `max` or lower `min`.")
        }
        if max > min && !["cpu", "memory", "requests"].contains(where: f.has) && f.book == nil
            && f.isSound("min", "max", "cpu", "memory", "requests")
        {
            f.report(
                .missingKey, "scale goes from \(min) to \(max) replicas but says not when",
                help: "Add `cpu`, `memory` or `requests`, for example `cpu: 70%`.")
        }
        return Scale(min: min, max: max, cpu: cpu, memory: memory, requests: requests)
    }
}

/// What one replica may take.
package struct Size: Sendable, Hashable {
    package var cpu: CPUCount
    package var memory: ByteCount

    package init(cpu: CPUCount, memory: ByteCount) {
        self.cpu = cpu
        self.memory = memory
    }

    package static let small = Size(cpu: CPUCount(millis: 250), memory: ByteCount(bytes: 256 << 20))

    static let shape: Shape<Size> = .record(
        "size", "What one replica may take.", show: { "{cpu: \($0.cpu), memory: \($0.memory)}" }
    ) { f in
        let cpu = f.value("cpu", .cpu, default: small.cpu, "Processors.", example: "250m")
        let memory = f.value("memory", .byteCount, default: small.memory, "Memory; a replica that takes more is ended.")
        return Size(cpu: cpu, memory: memory)
    }
}

/// What users are promised of a service.
package struct Objective: Sendable, Hashable {
    package var availability: Percent?
    package var latency: [Quantile: Duration]
    /// Over which time the promise is counted.
    package var window: Duration

    package enum Quantile: String, Choice, Comparable {
        case p50, p95, p99

        package var meaning: String { "of every hundred requests, \(rawValue.dropFirst()) are faster" }

        package static func < (left: Self, right: Self) -> Bool { left.rawValue < right.rawValue }
    }

    static let shape: Shape<Objective> = .record("objective", "What users are promised of a service.") { f in
        let availability = f.optional(
            "availability", .percent(), "Share of requests not answered 5xx.", example: "99.9%")
        let latency = f.value(
            "latency", .map(of: .duration, key: Quantile.shape("a quantile")), default: [:], because: "no promise",
            "Slowest answer at a quantile.", example: "{p95: 300ms}")
        let window = f.value("window", .interval, default: .seconds(30 * 86_400), "Over which time it is counted.")
        return Objective(availability: availability, latency: latency, window: window)
    }
}

extension Service {
    /// What `${service.…}` may name on an edge to a service.
    package static let attributes = ["url", "host", "port"]
}
