import Spec

extension AWSRoot {
    /// What the author asked for and AWS does otherwise or not at all, beyond what ``HonourTable`` refuses: each is told.
    var diagnostics: [Diagnostic] {
        var found: [Diagnostic] = []
        func tell(_ path: SpecPath, _ message: String, _ help: String, _ severity: Diagnostic.Severity) {
            found.append(
                Diagnostic(
                    .targetCannotHonour, message, at: path, span: subject.parsed.span(of: path, in: environment),
                    severity: severity, help: help, environment: environment.text))
        }
        judgeSettings(tell)
        for (name, service) in services { judge(name, service, tell) }
        for (name, resource) in resources { judge(name, resource, tell) }
        for (name, alert) in platform.alerts.sorted(by: { $0.key < $1.key }) { judge(name, alert, tell) }
        return found
    }

    private typealias Tell = (SpecPath, String, String, Diagnostic.Severity) -> Void

    private func judgeSettings(_ tell: Tell) {
        let here = { (key: String) in SpecPath.environment(environment, key) }
        if settings.regions.count > 1 {
            tell(
                here("regions"), "`\(environment)` is rendered in \(settings.regions[0]) alone",
                "Give each further region an environment of its own, and name it under `failover`.", .warning)
        }
        let bucket = settings.stateBucket(of: platform.name)
        let accounts = subject.everywhere.filter {
            $0.settings.target == .aws && $0.settings.stateBucket(of: platform.name) == bucket
        }.map(\.settings.project)
        if Set(accounts).count > 1 {
            tell(
                here("state"), "the bucket `\(bucket)` cannot belong to several accounts",
                "Name one for each account, or leave `state` away.", .error)
        }
        if let tls = settings.tls, tls.issuer == .files {
            tell(
                here("tls"), "the load balancer takes no certificate from files",
                "It is rendered with one of AWS's own: `tls: {issuer: managed}`.", .warning)
        }
        if settings.tls?.redirect == false {
            tell(here("tls"), "port 80 answers with the address over https", "Leave `redirect` away.", .warning)
        }
        if encryptsCalls, !edgeHosts.isEmpty {
            tell(
                here("encrypt"), "between the load balancer and services requests are in the clear",
                "They stay within the network; calls from service to service are encrypted.", .note)
        }
        if let budget = settings.budget, budget.month.currency != "USD" {
            tell(
                here("budget"),
                "AWS counts in the currency of the account's bill, which need not be \(budget.month.currency)",
                "Write the budget in that currency.", .warning)
        }
        if platform.telemetry.stack == .prometheus {
            tell(
                SpecPath(["telemetry", "stack"]), "`\(environment)` is watched by CloudWatch, not by Prometheus",
                "Alarms and the dashboard are there; what only Prometheus can say is told for each.", .note)
        }
        if let first = services.first(where: { $0.service.metrics != nil }) {
            tell(
                .service(first.name, "metrics"), "CloudWatch asks no service for its `metrics`",
                "It counts requests at the load balancer and between services; what else they measure, they have to send.",
                .note)
        }
        if !platform.kpis.isEmpty {
            tell(
                SpecPath(["kpis"]), "CloudWatch cannot ask in PromQL, so no KPI is on the dashboard",
                "Send them as metrics of CloudWatch (embedded metric format), or keep a Prometheus.", .warning)
        }
        let unheard = Set((platform.owner?.oncall.flatMap { platform.oncall[$0] }?.channels ?? [:]).values.joined())
            .filter { $0.kind != .email }
        if !unheard.isEmpty, !platform.alerts.isEmpty {
            tell(
                SpecPath(["oncall"]),
                "CloudWatch speaks to topics; \(Set(unheard.map(\.kind.rawValue)).sorted().joined(separator: ", ")) hear of its alarms through `hauban serve`",
                "Add an integration of `kind: sns`, and give its address under `listeners` of \(folder).", .note)
        }
    }

    private func judge(_ name: ServiceName, _ service: Service, _ tell: Tell) {
        let here = { (key: String) in SpecPath.service(name, key) }
        if !service.egress.isEmpty {
            tell(
                here("egress"),
                "names are answered for the whole network, so `\(name)` may also ask for other services' hosts",
                "Services without `egress` have no way out at all; which hosts each may reach, a proxy would have to say.",
                .warning)
        }
        if service.rollout.way == .canary {
            tell(
                here("rollout"), "ECS moves no traffic of `\(name)` in steps",
                "It is rendered as `rollout: beside`, and ECS returns a release whose replicas do not become healthy.",
                .warning)
        }
        if service.stop > .seconds(120) {
            tell(here("stop"), "Fargate waits at most 2m for `\(name)` to end", "It is rendered with 2m.", .warning)
        }
        if AWSSizes.task(cpu: AWSSizes.units(service.size.cpu), memory: AWSSizes.mebibytes(service.size.memory)) == nil
        {
            tell(
                here("size"), "Fargate has no task as large as `\(name)`", "16 processors and 120Gi are the most.",
                .error)
        }
        if let health = service.health, health.start > .seconds(300) {
            tell(
                here("health"), "ECS waits at most 5m for `\(name)` to become healthy",
                "It is rendered with 5m for what runs without a load balancer.", .warning)
        }
        if service.schedule != nil, service.schedule.flatMap(AWSSizes.schedule) == nil {
            tell(
                here("schedule"), "the scheduler of AWS takes days of the month or of the week, not both",
                "Split `\(name)` into two services, one for each.", .error)
        }
        for exposure in service.expose {
            if exposure.strip {
                tell(
                    here("expose"), "the load balancer cannot take \(exposure.path) off requests to `\(name)`",
                    "Let the service answer under \(exposure.path), and remove `strip`.", .error)
            }
            if exposure.body != nil {
                tell(
                    here("expose"), "nothing in front of `\(name)` looks at the size of bodies",
                    "AWS's firewall reads the first 8Ki only: let the service refuse larger ones.", .warning)
            }
            if let rate = exposure.rate, rate.count * 60 / rate.per < 10 {
                tell(
                    here("expose"), "AWS's firewall counts no less than ten requests a minute, not \(rate)",
                    "It is rendered with 10/m.", .warning)
            }
        }
        if service.site?.cdn == true {
            let hosts = Set(service.expose.map(host))
            if !hosts.isDisjoint(with: edgeHosts) {
                tell(
                    here("expose"),
                    "the content network answers the whole host of `\(name)`, which other services share",
                    "Give them a host of their own, or leave `cdn` away.", .error)
            }
            if service.expose.contains(where: { $0.path != "/" || $0.rate != nil || $0.filter }) {
                tell(
                    here("expose"),
                    "the content network serves `\(name)` under every path, with neither limit nor filter",
                    "Leave `cdn` away to serve it behind the load balancer.", .warning)
            }
            if settings.tls?.minimum == .tls13 {
                tell(
                    SpecPath.environment(environment, "tls"), "the content network speaks TLS 1.2 as well",
                    "CloudFront has no policy of 1.3 alone.", .warning)
            }
        }
        let handed = handed(name, service)
        if service.run == nil, !handed.exports.isEmpty {
            tell(
                here("env"),
                "ECS cannot put together values of `\(name)` that hold a secret: only the image knows its command",
                "Say what it starts with under `run:`.", .error)
        }
        let words = [service.run, service.migrate?.run].compactMap { $0 }
            .flatMap { ContainerCommand($0, values: [:]).unfilled }
        for word in words {
            tell(
                here("run"), "ECS cannot put `${\(word)}` into a command",
                "Hand it over as a variable under `env:` and name that variable in the command.", .error)
        }
        for (variable, template) in service.env.sorted(by: { $0.key < $1.key }) {
            for (owner, attribute) in template.placeholders {
                guard let resource = ResourceName(owner).flatMap({ platform.resources[$0] }) else { continue }
                let isKey = resource.kind == .bucket && ["access_key", "secret_key"].contains(attribute)
                if isKey {
                    tell(
                        here("env").appending(variable), "there are no keys of `\(owner)`: the service's role opens it",
                        "Leave the variable away; libraries of AWS find the role by themselves.", .warning)
                }
                if resource.kind == .redis, attribute == "password" {
                    tell(
                        here("env").appending(variable), "`\(owner)` has no password",
                        "It is opened by the network alone, over TLS; a password would stand in Terraform's state.",
                        .warning)
                }
            }
        }
        if service.slo != nil, !isCounted(name, service) {
            tell(
                here("slo"), "nothing counts the requests of `\(name)`, so its promise is not watched",
                "Requests are counted where the world or another service sends them.", .warning)
        }
        if service.scale.max > service.scale.min, service.scale.requests != nil, service.scale.cpu == nil,
            service.scale.memory == nil, !isCounted(name, service)
        {
            tell(
                here("scale"), "nothing counts the requests of `\(name)`, so it would not grow",
                "Add `cpu` to its `scale`.", .warning)
        }
    }

    private func judge(_ name: ResourceName, _ resource: Resource, _ tell: Tell) {
        let here = { (key: String) in SpecPath.resource(name, key) }
        switch resource.kind {
        case .postgres:
            if AWSSizes.database(resource.size) == nil {
                tell(
                    here("size"), "RDS has no machine as large as `\(name)`", "64 processors and 512Gi are the most.",
                    .error)
            }
        case .redis:
            if AWSSizes.cache(resource.size) == nil {
                tell(
                    here("size"), "ElastiCache has no node as large as `\(name)`", "64 processors are the most.", .error
                )
            }
            if let version = resource.version, version > 7 {
                tell(here("version"), "ElastiCache has no Redis \(version)", "It is rendered with 7.1.", .warning)
            }
            if resource.storage != nil {
                tell(
                    here("storage"), "a Redis of ElastiCache keeps nothing on a disk",
                    "What it holds is bounded by the memory of its `size`.", .warning)
            }
            for (user, access) in users(of: name) where access == .read {
                tell(
                    SpecPath.service(user, "uses").appending(name.text), "`\(user)` could also write to `\(name)`",
                    "Redis is opened by the network alone; it knows no users here.", .warning)
            }
        case .bucket:
            if resource.storage != nil {
                tell(here("storage"), "a bucket has no end", "Leave `storage` away, or watch what it costs.", .note)
            }
            if let region = resource.backup?.region, region != secondRegion {
                tell(
                    here("backup"), "the second copy of `\(name)` lies in \(secondRegion ?? ""), with the others",
                    "Name one region for all second copies.", .warning)
            }
        case .topic:
            if let keep = resource.keep, keep > .seconds(1_209_600) {
                tell(here("keep"), "SQS keeps messages for 14d at most", "It is rendered with 14d.", .warning)
            }
            if let topic = resource.topic, topic.contains(".") {
                tell(here("topic"), "SNS takes no dots in `\(topic)`", "They are rendered as hyphens.", .note)
            }
            if !users(of: name).contains(where: { $0.access == .subscribe }) {
                tell(
                    here("kind"), "nobody reads `\(name)`, so what is published is gone", "Draw an edge to a reader.",
                    .note)
            }
        case .cluster: break
        }
        if let backup = resource.backup, resource.kind == .postgres || resource.kind == .redis {
            if backup.keep > .seconds(35 * 86_400) {
                tell(
                    here("backup"), "AWS keeps automatic copies of `\(name)` for 35d at most",
                    "It is rendered with 35d.", .warning)
            }
            if resource.kind == .postgres, let region = backup.region, region != secondRegion {
                tell(
                    here("backup"), "the second copy of `\(name)` lies in \(secondRegion ?? ""), with the others",
                    "Name one region for all second copies.", .warning)
            }
            if resource.kind == .postgres, let rpo = backup.rpo, rpo < .seconds(300) {
                tell(
                    here("backup"), "RDS may lose up to 5m of `\(name)`, not \(DurationText.text(rpo))",
                    "Add `standby: true`, which loses nothing.", .warning)
            }
            if resource.kind == .redis, backup.every < .seconds(86_400) || backup.region != nil {
                tell(
                    here("backup"), "ElastiCache copies `\(name)` once a day, within its region",
                    "What must not be lost belongs into a database.", .warning)
            }
        }
    }

    private func judge(_ name: AlertName, _ alert: Alert, _ tell: Tell) {
        let here = SpecPath(["alerts", name.text])
        switch alert.trigger {
        case .promql:
            tell(
                here, "alert `\(name)` is no alarm: CloudWatch does not ask in PromQL",
                "Say it with `when:`, or keep a Prometheus.", .warning)
        case .condition(let condition):
            switch AWSAlarm.make(condition, hold: alert.hold, in: self) {
            case .impossible(let why):
                tell(
                    here, "alert `\(name)` is no alarm: \(why)", "Ask for something else, or watch it elsewhere.",
                    .warning)
            case .budget where settings.budget == nil:
                tell(
                    here, "alert `\(name)` is no alarm: `\(environment)` has no `budget`", "Say what it may cost.",
                    .warning)
            case .alarm, .logs, .budget: break
            }
        }
    }
}
