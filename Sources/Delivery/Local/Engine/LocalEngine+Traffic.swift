import FoundationEssentials
package import FrontDoor
package import Planning
import Spec
import World

extension LocalEngine {
    static var frontDoorID: String { "front-door" }
    static var publicListener: String { "public" }
    private static var secureListener: String { "https" }

    /// The front door with a listener for the world and one for each service that others call.
    ///
    /// The listeners' ports are chosen once and stay: a service's `${mailer.url}` outlives every release of the mailer.
    ///
    /// - Parameter insists: whether a listener whose port somebody else has is an error.
    @discardableResult
    func ensureFrontDoor(for services: [ServiceName], insists: Bool = true) async throws -> FrontDoorConfiguration {
        let supervisor = try await supervisor()
        let workload = Workload(
            id: Self.frontDoorID, kind: .frontDoor, name: Self.frontDoorID,
            command: frontDoorCommand + ["--state", place.frontDoorState, "--control", place.frontDoorSocket],
            environment: ["PATH": EnvironmentValue(text: host["PATH"] ?? "/usr/bin:/bin")],
            workingDirectory: place.state,
            // Without it nothing is served: however often it ends, it is back within a second, and never given up.
            restart: RestartPolicy(
                initialBackoff: .milliseconds(50), maximumBackoff: .milliseconds(400), limit: 1_000_000),
            stop: StopPolicy(grace: .seconds(35)), logFormat: .plain)
        // One that runs stays, whichever hauban started it; one that was stopped is started with this hauban.
        let known = try await supervisor.status().first { $0.id == Self.frontDoorID }
        if known?.state.isFinal ?? true {
            if known != nil { try await supervisor.remove([Self.frontDoorID]) }
            try await supervisor.start([workload])
        }
        _ = try await answeringFrontDoor()
        if insists { try await checkListeners() }
        try Folder.make(place.state + "/access", mode: 0o700)
        var attempt = 0
        while true {
            let isAgain = attempt > 0
            do {
                return try await changeFrontDoor { wanted in
                    wanted = try listening(wanted, for: services, isAgain: isAgain)
                }.configuration
            } catch let error as FrontDoorError where error.code == .bindFailed && attempt < 5 {
                // Taken between the choice and its use, by an environment that starts at the same time for instance.
                attempt += 1
            }
        }
    }

    /// The configuration with the settings that an environment's front door always has, and a listener for the world and for
    /// each service, on ports that last.
    ///
    /// - Parameter isAgain: whether a port that was free turned out to be taken.
    private func listening(
        _ current: FrontDoorConfiguration, for services: [ServiceName], isAgain: Bool
    ) throws -> FrontDoorConfiguration {
        var wanted = current
        wanted.accessLog = place.accessLog
        if !wanted.listeners.contains(where: { $0.name == Self.publicListener }) {
            let wish = isAgain && !insistsOnPort ? 0 : try choosePublicPort()
            let port = try wish == 0 ? ports.next() : wish
            if publicPort != 0, port != publicPort {
                portNotes.add(
                    listener: Self.publicListener, wished: publicPort, holder: PortHolder.find(publicPort),
                    chosen: port, option: "--port")
            }
            wanted.listeners.append(.init(name: Self.publicListener, host: "127.0.0.1", port: port, scope: .public))
        }
        for service in services.sorted() where !wanted.listeners.contains(where: { $0.name == "service.\(service)" }) {
            wanted.listeners.append(
                .init(
                    name: "service.\(service)", host: "127.0.0.1", port: try ports.next(),
                    scope: .service(service.text)))
            wanted.services[service.text] = wanted.services[service.text] ?? .init(releases: [])
        }
        return wanted
    }

    private func choosePublicPort() throws -> Int {
        if publicPort == 0 || FreePort.isFree(publicPort) { return publicPort }
        guard insistsOnPort else { return 0 }
        throw PortHolder.refusal(
            of: publicPort, during: "listen on 127.0.0.1:\(publicPort)",
            then: "Or name another port with `--port`; 0 takes any that is free.")
    }

    /// - Throws: `WorldError` with the code `port-taken` when the front door lacks a listener.
    private func checkListeners() async throws {
        let health = try await frontDoor.health()
        guard let lacking = health.listeners.first(where: { $0.trouble != nil }) else { return }
        throw Self.refusal(of: lacking)
    }

    static func refusal(of listener: FrontDoorHealth.Listener) -> WorldError {
        PortHolder.refusal(
            of: listener.port, during: "listen on \(listener.host):\(listener.port) for \(listener.name)",
            then: "The front door takes the port as soon as it is free; its other listeners serve.")
    }

    /// Changes the configuration of the front door, and begins anew when somebody else changed it in between.
    @discardableResult
    package func changeFrontDoor(
        _ change: (inout FrontDoorConfiguration) throws -> Void
    ) async throws -> (configuration: FrontDoorConfiguration, didChange: Bool) {
        var attempts = 0
        while true {
            let current = try await frontDoor.configuration()
            var wanted = current
            try change(&wanted)
            guard wanted != current else { return (current, false) }
            do {
                return (try await apply(wanted), true)
            } catch let error as FrontDoorError where error.code == .generationStale && attempts < 10 {
                attempts += 1
            }
        }
    }

    func answeringFrontDoor() async throws -> FrontDoorConfiguration {
        let end = keeper.uptime() + .seconds(15)
        while true {
            do {
                return try await frontDoor.configuration(deadline: .seconds(2))
            } catch {
                guard keeper.uptime() < end else {
                    throw WorldError(
                        code: "front-door-absent", operation: "reach the front door", underlying: "\(error)",
                        hint: "Its log: `hauban logs front-door`; `hauban doctor` looks for what is wrong.")
                }
                try await keeper.sleep(.milliseconds(20))
            }
        }
    }

    /// Where the world reaches the platform: `http://127.0.0.1:8080`, over TLS `https://localhost:8443` if the certificate is
    /// for that name; `nil` while nothing is deployed.
    package func publicAddress() async -> String? {
        guard let health = try? await frontDoor.health(deadline: .seconds(2)) else { return nil }
        if let secure = health.listeners.first(where: { $0.name == Self.secureListener }) {
            let isLocal = health.certificates.contains { $0.names.contains("localhost") }
            return "https://\(isLocal ? "localhost" : secure.host):\(secure.port)"
        }
        return health.listeners.first { $0.name == Self.publicListener }.map { "http://\($0.host):\($0.port)" }
    }

    /// The TLS that a front door's configuration speaks of.
    static func tls(of configuration: FrontDoorConfiguration) -> DesiredTLS? {
        guard let tls = configuration.listeners.first(where: { $0.name == secureListener })?.tls,
            let pair = tls.certificates.first
        else { return nil }
        return DesiredTLS(
            certificate: pair.certificate, key: pair.key, minimum: tls.minimumVersion.rawValue,
            hsts: tls.transportSecurity?.maxAgeSeconds ?? 0,
            redirect: configuration.listeners.contains { $0.name == publicListener && $0.redirect != nil })
    }

    /// Gives the listeners for the world the TLS that they should have: https on a port of its own, and plain HTTP beside it,
    /// which leads there. The port stays once it is chosen.
    private func secure(_ configuration: inout FrontDoorConfiguration, _ tls: DesiredTLS?) throws {
        var port: Int?
        if let tls, case .files(let certificate, let key) = tls.source {
            let known = configuration.listeners.first { $0.name == Self.secureListener }?.port
            let wished = securePort != 0 && FreePort.isFree(securePort) ? securePort : nil
            let chosen = try known ?? wished ?? ports.next()
            if known == nil, wished == nil, securePort != 0 {
                portNotes.add(
                    listener: Self.secureListener, wished: securePort, holder: PortHolder.find(securePort),
                    chosen: chosen, option: "--https-port")
            }
            var listener = FrontDoorConfiguration.Listener(
                name: Self.secureListener, host: "127.0.0.1", port: chosen, scope: .public)
            listener.tls = .init(
                certificates: [.init(certificate: certificate, key: key)],
                minimumVersion: tls.minimum == "1.3" ? .v13 : .v12,
                transportSecurity: .init(maxAgeSeconds: tls.hsts))
            configuration.listeners.removeAll { $0.name == Self.secureListener }
            configuration.listeners.append(listener)
            if tls.redirect { port = chosen }
        } else {
            configuration.listeners.removeAll { $0.name == Self.secureListener }
        }
        for index in configuration.listeners.indices where configuration.listeners[index].name == Self.publicListener {
            configuration.listeners[index].redirect = port.map { .init(port: $0) }
        }
    }

    /// Where other services reach a service.
    func address(of service: ServiceName, in configuration: FrontDoorConfiguration) -> (host: String, port: Int)? {
        configuration.listeners.first { $0.name == "service.\(service)" }.map { ($0.host, $0.port) }
    }

    /// Makes the front door lead where the table says, in one motion.
    ///
    /// - Parameter isForward: towards the new release. Then a port that somebody else has is an error, and what served before
    ///   stands in where the new replicas take no connection, until it is drained.
    func route(_ context: ReleaseContext, isForward: Bool) async throws -> StepOutcome {
        let desired = context.desired
        _ = try await ensureFrontDoor(for: Self.listening(desired), insists: isForward)
        let workloads = try await supervisor().workloads()
        let result = try await changeFrontDoor { wanted in
            try lead(&wanted, context, workloads, isForward: isForward)
        }
        return StepOutcome(didChange: result.didChange)
    }

    private func lead(
        _ wanted: inout FrontDoorConfiguration, _ context: ReleaseContext, _ workloads: [Workload], isForward: Bool
    ) throws {
        try TrafficTable(context: context, isForward: isForward) { service, release in
            let built = try releases.load(release).part(service)
            var target = FrontDoorConfiguration.ReleaseTarget(release: "\(release)")
            if let folder = built?.build.siteFolder {
                target.site = .init(root: folder, fallback: built?.service.source?.siteFallback)
            }
            target.upstreams = Self.upstreams(of: service, release, workloads)
            return target
        }.write(to: &wanted)
        if Self.tls(of: wanted) != context.routing.tls { try secure(&wanted, context.routing.tls) }
    }

    private static func upstreams(
        of service: ServiceName, _ release: ReleaseID, _ workloads: [Workload]
    ) -> [FrontDoorConfiguration.Upstream] {
        workloads.filter { $0.name == service.text && $0.release == "\(release)" }.compactMap { workload in
            workload.port.map { .init(port: $0, replica: "\(workload.replica)") }
        }
    }

    /// Makes the front door lead to the replicas of a service's release that these are.
    func lead(_ service: ServiceName, _ release: ReleaseID, to workloads: [Workload]) async throws {
        try await changeFrontDoor { wanted in
            guard let index = wanted.services[service.text]?.releases.firstIndex(where: { $0.release == "\(release)" })
            else { return }
            wanted.services[service.text]?.releases[index].upstreams = Self.upstreams(of: service, release, workloads)
        }
    }

    /// Takes the stand-in of a service out: from then on nothing new reaches the old release.
    private func endStandIn(of service: ServiceName) async throws {
        _ = try await changeFrontDoor { wanted in
            TrafficTable.endStandIn(of: service, in: &wanted)
        }
    }

    /// The services with a listener of their own: those that others call, and over TLS the sites too, since smoke requests go
    /// in the clear.
    private static func listening(_ desired: DesiredState) -> [ServiceName] {
        desired.services.filter { $0.listens || desired.tls != nil && $0.isSite }.map(\.name)
    }

    func drain(_ service: ServiceName, _ context: ReleaseContext) async throws -> StepOutcome {
        guard let old = context.oldRelease(of: service), old != context.keptRelease(of: service) else {
            return StepOutcome(didChange: false)
        }
        let limit = context.oldService(service)?.drain ?? .seconds(30)
        try await endStandIn(of: service)
        return try await drain(service, old, limit).outcome(of: service, after: limit)
    }

    /// Lets the requests of a release that traffic has left end, and cuts what is there when its time is over.
    func drain(_ service: ServiceName, _ release: ReleaseID, _ limit: Duration) async throws -> DrainResult {
        // The front door cuts at the limit; the rest is for the cut connections to end.
        try await frontDoor.drain(
            service: service.text, release: "\(release)", deadline: limit + .seconds(2), cutAfter: limit)
    }

    package func send(_ request: Planning.SmokeRequest, in context: ReleaseContext) async throws -> SmokeAnswer {
        let door = try await frontDoor.configuration()
        // A service without a public route can be asked too: through its own listener, so by the release that serves.
        let own = address(of: request.service, in: door).map { "http://\($0.host):\($0.port)" }
        let world = await publicAddress()
        guard let address = own ?? world else {
            throw WorldError(
                code: "front-door-absent", operation: request.text, underlying: "the front door has no listener for it")
        }
        var headers = request.headers
        if let host = request.host { headers["Host"] = host }
        let now = Int(Date().timeIntervalSince1970)
        let maintenances = [door.services[request.service.text]?.maintenance, door.maintenance]
        if let maintenance = maintenances.compactMap({ $0 }).first(where: { $0.isOn(at: now) }) {
            headers["X-Hauban-Bypass"] = maintenance.token
        }
        if request.body != nil, !headers.keys.contains(where: { $0.lowercased() == "content-type" }) {
            headers["Content-Type"] = "application/json"
        }
        let answer = try await HTTPRequest(
            method: request.method, url: address + request.path, headers: headers, body: request.body
        ).send(within: request.timeout)
        return SmokeAnswer(status: answer.status, body: answer.body)
    }
}
