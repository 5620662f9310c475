/// The whole platform, as it is in one environment or, without one, in the base.
package struct Platform: Sendable, Hashable {
    package var name: PlatformName
    package var about: String?
    package var owner: Owner?
    package var repository: RepositorySpec?
    package var services: [ServiceName: Service]
    package var resources: [ResourceName: Resource]
    package var secrets: [SecretName: SecretSpec]
    package var pipeline: Pipeline
    package var release: Release
    package var alerts: [AlertName: Alert]
    package var kpis: [PlainName: KPI]
    package var telemetry: Telemetry
    package var oncall: [ScheduleName: Schedule]
    package var people: [PartyName: Person]
    package var teams: [PartyName: Team]
    package var routes: [PlainName: RouteSpec]
    package var inhibit: [PlainName: InhibitSpec]
    package var maintenance: [PlainName: PlannedMaintenance]
    package var heartbeats: [PlainName: HeartbeatSpec]
    package var actions: [ActionName: ActionSpec]
    package var incidents: IncidentRules
    package var notify: NotifySpec
    package var integrations: [PlainName: IntegrationSpec]
    package var console: ConsoleSpec?
    package var drills: [PlainName: Drill]
    package var launch: [PlainName: Phase]
    package var waivers: [WaiverName: Waiver]
    /// How much a guideline weighs where its own level does not fit, by the guideline's id.
    package var policies: [PlainName: PolicyLevel]
    package var environments: [EnvironmentName: Environment]

    /// The only version of the format so far.
    package static let format = 1

    static let shape: Shape<Platform> = .record("platform", "The whole platform.") { f in
        _ = f.required(
            "hauban", .integer(1...1, "the version of the format"), "Version of the format: 1.", example: "1")
        let name = f.required(
            "platform", PlatformName.shape("a platform's name"), "Name of the platform.", example: "shop")
        let about = f.optional("about", .text(), "One sentence about it.")
        let owner = f.optional("owner", Owner.shape, "Who answers for it.")
        let repository = f.optional("repository", RepositorySpec.shape, "Where hauban.yaml is kept.")
        let services = f.value(
            "services", .map(of: Service.shape, key: ServiceName.shape("a service's name")), default: [:],
            because: "none", "The processes of the platform.")
        let resources = f.value(
            "resources", .map(of: Resource.shape, key: ResourceName.shape("a resource's name")), default: [:],
            because: "none", "What services use and what keeps data.")
        let secrets = f.value(
            "secrets", .map(of: SecretSpec.shape, key: SecretName.shape("a secret's name")), default: [:],
            because: "none", "Values that no file may hold.")
        let pipeline = f.value(
            "pipeline", Pipeline.shape, default: .usual, because: "the usual stages and gates",
            "What a change goes through.")
        let release = f.value(
            "release", Release.shape, default: .usual, because: "the usual watch", "How a release is judged.")
        let alerts = f.value(
            "alerts", .map(of: Alert.shape, key: AlertName.shape("an alert's name")), default: [:], because: "none",
            "When somebody must look.")
        let kpis = f.value(
            "kpis", .map(of: KPI.shape, key: PlainName.shape("a KPI's name")), default: [:], because: "none",
            "Numbers of the business for the dashboard.")
        let telemetry = f.value(
            "telemetry", Telemetry.shape, default: .usual, because: "Prometheus, Grafana and Loki", "Where signals go.")
        let oncall = f.value(
            "oncall", .map(of: Schedule.shape, key: ScheduleName.shape("a schedule's name")), default: [:],
            because: "nobody", "Who is told.")
        let people = f.value(
            "people", .map(of: Person.shape, key: PartyName.shape("a person's name")), default: [:], because: "none",
            "How people are reached.")
        let teams = f.value(
            "teams", .map(of: Team.shape, key: PartyName.shape("a team's name")), default: [:], because: "none",
            "People who are told together.")
        let routes = f.value(
            "routes", .map(of: RouteSpec.shape, key: PlainName.shape("a route's name")), default: [:],
            because: "everything goes to the owner's schedule", "Where alerts go, by their labels.")
        let inhibit = f.value(
            "inhibit", .map(of: InhibitSpec.shape, key: PlainName.shape("a name")), default: [:], because: "nothing",
            "Alerts that are not worth telling while others fire.")
        let maintenance = f.value(
            "maintenance", .map(of: PlannedMaintenance.shape, key: PlainName.shape("a name")), default: [:],
            because: "none", "Planned work, once or again and again.")
        let heartbeats = f.value(
            "heartbeats", .map(of: HeartbeatSpec.shape, key: PlainName.shape("a heartbeat's name")), default: [:],
            because: "none", "Signs of life that must not stay away.")
        let actions = f.value(
            "actions", .map(of: ActionSpec.shape, key: ActionName.shape("an action's name")), default: [:],
            because: "the remedies alone", "What can be done about an incident.")
        let incidents = f.value(
            "incidents", IncidentRules.shape, default: .usual, because: "the usual times",
            "How alerts become incidents.")
        let notify = f.value(
            "notify", NotifySpec.shape, default: .nothing, because: "nobody carries messages yet",
            "Who carries messages to people.")
        let integrations = f.value(
            "integrations", .map(of: IntegrationSpec.shape, key: PlainName.shape("an integration's name")),
            default: [:], because: "none", "Who sends alerts here.")
        let console = f.optional("console", ConsoleSpec.shape, "Where people see incidents.")
        let drills = f.value(
            "drills", .map(of: Drill.shape, key: PlainName.shape("a drill's name")), default: [:], because: "none",
            "Emergencies that are practised.")
        let launch = f.value(
            "launch", .map(of: Phase.shape, key: PlainName.shape("a phase's name")), default: [:], because: "no phases",
            "Phases of a launch with their criteria.")
        let waivers = f.value(
            "waivers", .map(of: Waiver.shape, key: WaiverName.shape("a waiver's name")), default: [:], because: "none",
            "Rules that are set aside, in writing and for a time.")
        let policies = f.value(
            "policies", .map(of: PolicyLevel.shape("a level of a policy"), key: PlainName.shape("a policy's id")),
            default: [:], because: "each policy's own level, the strictest in production",
            "How much each policy of docs/policies.md weighs here.", example: "{no-slo: off, no-limits: error}")
        let environments = f.value(
            "environments", .map(of: Environment.shape, key: EnvironmentName.shape("an environment's name")),
            default: [:], because: "none", "Where the platform runs.")
        guard let name else { return nil }
        return Platform(
            name: name, about: about, owner: owner, repository: repository, services: services, resources: resources,
            secrets: secrets,
            pipeline: pipeline, release: release, alerts: alerts, kpis: kpis, telemetry: telemetry, oncall: oncall,
            people: people, teams: teams, routes: routes, inhibit: inhibit, maintenance: maintenance,
            heartbeats: heartbeats, actions: actions, incidents: incidents, notify: notify, integrations: integrations,
            console: console, drills: drills, launch: launch, waivers: waivers, policies: policies,
            environments: environments)
    }
}

/// Who answers for the platform.
package struct Owner: Sendable, Hashable {
    package var team: PartyName?
    package var oncall: ScheduleName?

    static let shape: Shape<Owner> = .record("owner", "Who answers for the platform.") { f in
        let team = f.optional("team", PartyName.shape("a team"), "The team.", example: "shop")
        let oncall = f.optional(
            "oncall", ScheduleName.shape("a schedule"), "The schedule that alerts go to.", example: "primary")
        return Owner(team: team, oncall: oncall)
    }
}

/// How a release is judged.
package struct Release: Sendable, Hashable {
    /// How long the golden signals are watched after the switch.
    package var watch: Duration
    /// Requests needed before errors are judged.
    package var requests: Int
    /// How many old releases stay ready for a rollback.
    package var keep: Int
    /// The longest that building one service may take.
    package var build: Duration
    /// The longest that one migration may take.
    package var migrate: Duration
    /// What is looked at after it was kept.
    package var verify: Verification

    package static let usual = Release(
        watch: .seconds(60), requests: 20, keep: 3, build: .seconds(900), migrate: .seconds(600), verify: .usual)

    static let shape: Shape<Release> = .record(
        "release", "How a release is judged."
    ) { f in
        let watch = f.value(
            "watch", .duration, default: usual.watch, "How long the golden signals are watched after the switch.",
            example: "60s")
        let requests = f.value(
            "requests", .integer(1...100_000), default: usual.requests, "Requests needed before errors are judged.")
        let keep = f.value(
            "keep", .integer(1...50), default: usual.keep, "Old releases that stay ready for a rollback.")
        let build = f.value(
            "build", .duration, default: usual.build,
            "The longest that building one service may take; what it started is then killed.", example: "15m")
        let migrate = f.value(
            "migrate", .duration, default: usual.migrate,
            "The longest that one migration may take; what it started is then killed.", example: "10m")
        let verify = f.value(
            "verify", Verification.shape, default: .usual, because: "what follows from the rest of the file",
            "What `hauban verify` and the stage `verify` look at besides.")
        return Release(
            watch: watch, requests: requests, keep: keep, build: build, migrate: migrate, verify: verify)
    }
}

/// A number of the business.
package struct KPI: Sendable, Hashable {
    package var promql: String
    package var title: String?
    package var unit: String?
    /// Title of the dashboard that shows it; the platform's own when absent.
    package var dashboard: String?

    static let shape: Shape<KPI> = .record("kpi", "A number of the business for the dashboard.") { f in
        let promql = f.required(
            "promql", .text("a PromQL expression"), "How it is computed.", example: "sum(active_sprints)")
        let title = f.optional("title", .text(), "Heading on the dashboard.")
        let unit = f.optional("unit", .text("a unit"), "Unit.", example: "USD")
        let dashboard = f.optional(
            "dashboard", .text("a dashboard's title"), "Dashboard that shows it; the platform's own when absent.",
            example: "Incident Overview")
        guard let promql else { return nil }
        return KPI(promql: promql, title: title, unit: unit, dashboard: dashboard)
    }
}

/// Where logs, metrics and traces go.
package struct Telemetry: Sendable, Hashable {
    package enum Traces: String, Choice {
        case none, otlp, langsmith, cloud

        package var meaning: String {
            switch self {
            case .none: "only the correlation id in the logs"
            case .otlp: "an OpenTelemetry collector"
            case .langsmith: "LangSmith, for graphs of language models"
            case .cloud: "the cloud's own tracing"
            }
        }
    }

    package enum Stack: String, Choice {
        case prometheus, cloud

        package var meaning: String {
            switch self {
            case .prometheus: "Prometheus, Alertmanager, Grafana and Loki"
            case .cloud: "the cloud's own monitoring"
            }
        }
    }

    package var stack: Stack
    package var traces: Traces
    package var sample: Percent
    package var logsKeep: Duration
    package var logsEncrypt: Bool

    package static let usual = Telemetry(
        stack: .prometheus, traces: .none, sample: Percent(millionths: 1_000_000), logsKeep: .seconds(30 * 86_400),
        logsEncrypt: false)

    static let shape: Shape<Telemetry> = .record(
        "telemetry", "Where logs, metrics and traces go."
    ) { f in
        let stack = f.value(
            "stack", Stack.shape("a monitoring stack"), default: Stack.prometheus, "What collects and shows.")
        let traces = f.value("traces", Traces.shape("a tracing service"), default: Traces.none, "Where traces go.")
        let sample = f.value("sample", .percent(), default: usual.sample, "Share of requests that are traced.")
        let keep = f.value("logs-keep", .interval, default: usual.logsKeep, "How long logs stay.")
        let encrypt = f.value(
            "logs-encrypt", .boolean, default: false, because: "the target's own default",
            "Demand encryption of logs at rest.")
        return Telemetry(stack: stack, traces: traces, sample: sample, logsKeep: keep, logsEncrypt: encrypt)
    }
}

/// An emergency that is practised.
package struct Drill: Sendable, Hashable {
    package enum Kind: String, Choice {
        case failover, restore, notification, team

        package var meaning: String {
            switch self {
            case .failover: "a server is taken away"
            case .restore: "the newest copy is restored beside the running one and timed"
            case .notification: "a page is sent and must be acknowledged"
            case .team: "people walk through a runbook"
            }
        }
    }

    package var kind: Kind
    package var environment: EnvironmentName
    package var every: Duration
    package var surprise: Bool

    static let shape: Shape<Drill> = .record("drill", "An emergency that is practised.") { f in
        let kind = f.required("kind", Kind.shape("a kind of drill"), "What is practised.")
        let environment = f.required("environment", EnvironmentName.shape("an environment"), "Where.")
        let every = f.value("every", .interval, default: .seconds(2_592_000), because: "monthly", "How often.")
        let surprise = f.value("surprise", .boolean, default: false, "At a random time within the interval.")
        guard let kind, let environment else { return nil }
        return Drill(kind: kind, environment: environment, every: every, surprise: surprise)
    }
}

/// A phase of a launch.
package struct Phase: Sendable, Hashable {
    package var environment: EnvironmentName
    package var after: PlainName?
    package var criteria: [PlainName: Condition]

    static let shape: Shape<Phase> = .record("phase", "A phase of a launch, met when its criteria are.") { f in
        let environment = f.required("environment", EnvironmentName.shape("an environment"), "Where it is measured.")
        let after = f.optional("after", PlainName.shape("a phase"), "The phase that must be met before.")
        let criteria = f.value(
            "criteria", .map(of: Condition.shape, key: PlainName.shape("a criterion")), default: [:], because: "none",
            "What must hold.")
        guard let environment else { return nil }
        return Phase(environment: environment, after: after, criteria: criteria)
    }
}

/// A rule that is set aside in writing and for a time.
package struct Waiver: Sendable, Hashable {
    package var rule: String
    /// The part of the platform that it covers, for example `environments.dev` or `services.api.size`.
    package var scope: SpecPath
    package var environment: EnvironmentName?
    /// A Dockerfile, Compose file or workflow, or a folder of them, as named from the folder of hauban.yaml.
    package var file: String?
    package var reason: String
    package var owner: PartyName
    package var expires: CalendarDate

    static let shape: Shape<Waiver> = .record("waiver", "A rule that is set aside in writing and for a time.") { f in
        let rule = f.required(
            "rule", .text("a rule"), "Id of the diagnostic or pipeline rule.", example: "target-cannot-honour")
        let scope = f.value(
            "scope", .text("a path"), default: "", because: "the whole platform", "Path of the part that it covers.",
            example: "services.api.size")
        let environment = f.optional(
            "environment", EnvironmentName.shape("an environment"), "Only there.", example: "dev")
        let file = f.optional(
            "file", .relativePath, "Only in that Dockerfile, Compose file or workflow, or below that folder.",
            example: "services/api/Dockerfile")
        let reason = f.required("reason", .text(), "Why.")
        let owner = f.required("owner", PartyName.shape("a person or team"), "Who answers for it.")
        let expires = f.required("expires", .date, "Last day on which it holds.", example: "2027-03-31")
        guard let rule, let reason, let owner, let expires else { return nil }
        return Waiver(
            rule: rule, scope: SpecPath(text: scope), environment: environment, file: file, reason: reason,
            owner: owner, expires: expires)
    }
}

extension Platform {
    /// Every time zone that anything here names.
    package var zones: Set<String> {
        var zones = Set(people.values.map(\.zone))
        zones.formUnion(people.values.compactMap { $0.quiet?.zone })
        zones.formUnion(oncall.values.flatMap { $0.rotations.map(\.rotation.zone) })
        zones.formUnion(maintenance.values.map(\.zone))
        return zones
    }

    /// Everybody who takes turns, stands in or belongs to a team.
    package var namedPeople: [PartyName] {
        oncall.values.flatMap { schedule in
            schedule.rotations.flatMap(\.rotation.people)
                + schedule.holidays.values.compactMap { if case .person(let name) = $0 { name } else { nil } }
        } + teams.values.flatMap(\.people)
    }
}
