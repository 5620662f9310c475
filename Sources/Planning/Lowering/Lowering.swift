package import Spec

/// Turns one environment's platform into the desired state that plans are made towards.
///
/// Pure: the fingerprints, which need the contents of the sources, are filled in by who can read them.
package struct Lowering: Sendable {
    private let platform: Platform
    private let environment: EnvironmentName
    /// Absolute path of the folder of hauban.yaml.
    private let root: String

    package init(platform: Platform, environment: EnvironmentName, root: String) {
        self.platform = platform
        self.environment = environment
        self.root = root
    }

    /// The desired state; services that run on a schedule are not part of it, and those from a ready image only where containers run.
    package func desiredState() -> DesiredState {
        let runsContainers = [.docker, .swarm].contains(platform.environments[environment]?.target)
        let services = platform.services.filter {
            $0.value.schedule == nil && ($0.value.image == nil || runsContainers)
        }
        let domain = platform.environments[environment]?.domain
        let hosts = services.values.flatMap(\.expose).compactMap { Self.host($0.host, domain: domain) }
        return DesiredState(
            platform: platform.name, environment: environment,
            services: services.map { lower($0.key, $0.value) },
            resources: platform.resources.map { lower($0.key, $0.value) },
            routes: services.flatMap { name, service in
                service.expose.map { exposure in
                    DesiredRoute(
                        host: Self.host(exposure.host, domain: domain), path: exposure.path, service: name,
                        stripPrefix: exposure.strip, maxBodyBytes: exposure.body?.bytes, rate: exposure.rate)
                }
            },
            tls: tls(for: Array(Set(hosts))),
            watch: WatchSettings(window: platform.release.watch, minimumRequests: platform.release.requests),
            smoke: services.sorted { $0.key < $1.key }.flatMap { name, service in
                service.smoke.map { request in
                    SmokeRequest(
                        service: name, method: request.method,
                        host: service.expose.first.flatMap { Self.host($0.host, domain: domain) }, path: request.path,
                        headers: request.headers, body: request.json, expectStatus: request.status,
                        expectBody: request.contains, timeout: request.within)
                }
            },
            limits: StepLimits(build: platform.release.build, migrate: platform.release.migrate))
    }

    /// TLS with certificates from files, or from an authority where an engine can ask one for host names.
    ///
    /// - Parameter hosts: those of the public routes.
    private func tls(for hosts: [String]) -> DesiredTLS? {
        guard let settings = platform.environments[environment], let tls = settings.tls else { return nil }
        func absolute(_ path: String) -> String { path.hasPrefix("/") ? path : "\(root)/\(path)" }
        let source: DesiredTLS.Source
        switch tls.issuer {
        case .files:
            guard let certificate = tls.certificate, let key = tls.key else { return nil }
            source = .files(certificate: absolute(certificate), key: absolute(key))
        case .letsencrypt, .acme:
            guard [.docker, .swarm].contains(settings.target), !hosts.isEmpty else { return nil }
            source = .order(
                CertificateOrder(
                    names: hosts, directory: tls.directory, root: tls.root.map(absolute), email: tls.email))
        case .managed: return nil
        }
        return DesiredTLS(
            source: source, minimum: tls.minimum.rawValue, hsts: Int(tls.hsts.components.seconds),
            redirect: tls.redirect)
    }

    /// The whole host name of an `expose`: a label stands below the domain, a name with a dot stands alone.
    ///
    /// Without a domain, as on `local`, any host is accepted, so that `http://127.0.0.1:PORT/` reaches the platform.
    package static func host(_ host: String?, domain: String?) -> String? {
        guard let domain else { return nil }
        guard let host else { return domain }
        return host.contains(".") ? host : "\(host).\(domain)"
    }

    private func lower(_ name: ServiceName, _ service: Service) -> DesiredService {
        let edges = service.uses.map { edge, access in
            DesiredEdge(
                kind: platform.services[edge.cast()] == nil ? .resource : .service, target: edge.text,
                access: access.rawValue)
        }
        let health = service.health ?? (service.port == nil ? nil : .tcp)
        return DesiredService(
            name: name, fingerprint: "", source: source(service), run: service.run, replicas: service.scale.min,
            listens: service.port != nil, port: service.port,
            environment: service.env.mapValues(\.text).merging(
                service.secrets.map { ($0.value, "${secrets.\($0.key)}") }
            ) { own, _ in own },
            secrets: Array(service.secrets.keys), uses: edges,
            readiness: health.map { probe($0, asking: $0.ready, passes: max($0.passes, service.rollout.passes)) },
            liveness: health.flatMap { health in health.live.map { probe(health, asking: $0, passes: 1) } },
            migrate: service.migrate?.run, isMigrationCompatible: service.migrate?.compatible,
            rollout: service.rollout.way == .replace ? .replace : .beside,
            canary: canary(service.rollout),
            dependsOn: edges.filter { $0.kind == .service }.compactMap { ServiceName($0.target) },
            stopGrace: service.stop, gateDeadline: health?.start ?? Health.tcp.start, drain: service.rollout.drain,
            logs: service.logs == .json ? .json : .plain,
            objective: ServiceObjective(
                availability: service.slo?.availability?.fraction, p50: service.slo?.latency[.p50],
                p95: service.slo?.latency[.p95],
                p99: service.slo?.latency[.p99]))
    }

    private func canary(_ rollout: Rollout) -> DesiredCanary? {
        guard rollout.way == .canary else { return nil }
        let by: DesiredCanary.Sides =
            switch rollout.by {
            case .request: .request
            case .header(let name): .header(name)
            case .cookie(let name): .cookie(name)
            }
        return DesiredCanary(steps: rollout.steps, hold: rollout.hold, by: by, force: rollout.force)
    }

    private func source(_ service: Service) -> DesiredSource? {
        guard let folder = service.source else { return nil }
        return DesiredSource(
            path: folder == "." ? root : "\(root)/\(folder)", stack: service.stack?.rawValue,
            build: service.site?.build ?? service.build?.run, siteOutput: service.site?.output,
            siteFallback: service.site?.spa == true ? "index.html" : nil)
    }

    private func probe(_ health: Health, asking question: Health.Question, passes: Int) -> Probe {
        let check: Probe.Check =
            switch question {
            case .http(let path): .http(path: path)
            case .tcp: .tcp
            case .exec(let command): .exec(command)
            }
        return Probe(
            check: check, interval: health.interval, timeout: health.timeout, passes: passes,
            failures: health.failures)
    }

    private func lower(_ name: ResourceName, _ resource: Resource) -> DesiredResource {
        var options: [String: String] = [:]
        options["database"] = resource.database
        let extensions = resource.extensions.sorted()
        let version = resource.version.map { "\($0)" }
        let marks = [resource.kind.rawValue, version ?? "", resource.database ?? ""] + extensions
        return DesiredResource(
            name: name, kind: resource.kind.rawValue, version: version, extensions: extensions, options: options,
            fingerprint: marks.joined(separator: "/"))
    }
}
