import FrontDoor
package import Planning
import Spec
import World

extension LocalEngine {
    static var frontDoorID: String { "front-door" }
    static var publicListener: String { "public" }

    /// The front door with a listener for the world and one for each service that others call.
    ///
    /// The listeners' ports are chosen once and stay: a service's `${mailer.url}` outlives every release of the mailer.
    @discardableResult
    func ensureFrontDoor(for services: [ServiceName]) async throws -> FrontDoorConfiguration {
        let supervisor = try await supervisor()
        let workload = Workload(
            id: Self.frontDoorID, kind: .frontDoor, name: Self.frontDoorID,
            command: frontDoorCommand + ["--state", place.frontDoorState, "--control", place.frontDoorSocket],
            environment: ["PATH": EnvironmentValue(text: host["PATH"] ?? "/usr/bin:/bin")],
            workingDirectory: place.state,
            restart: RestartPolicy(initialBackoff: .milliseconds(50), maximumBackoff: .seconds(2), limit: 50),
            stop: StopPolicy(grace: .seconds(35)), logFormat: .plain)
        // One that runs stays, whichever hauban started it; one that was stopped is started with this hauban.
        let known = try await supervisor.status().first { $0.id == Self.frontDoorID }
        if known?.state.isFinal ?? true {
            if known != nil { try await supervisor.remove([Self.frontDoorID]) }
            try await supervisor.start([workload])
        }
        _ = try await answeringFrontDoor()
        try Folder.make(place.state + "/access", mode: 0o700)
        return try await changeFrontDoor { wanted in
            complete(&wanted, for: services)
        }.configuration
    }

    /// Adds the listeners and settings that an environment's front door always has.
    private func complete(_ wanted: inout FrontDoorConfiguration, for services: [ServiceName]) {
        wanted.accessLog = place.accessLog
        if !wanted.listeners.contains(where: { $0.name == Self.publicListener }) {
            wanted.listeners.append(
                .init(name: Self.publicListener, host: "127.0.0.1", port: publicPort, scope: .public))
        }
        for service in services.sorted() where !wanted.listeners.contains(where: { $0.name == "service.\(service)" }) {
            wanted.listeners.append(
                .init(name: "service.\(service)", host: "127.0.0.1", port: 0, scope: .service(service.text)))
            wanted.services[service.text] = wanted.services[service.text] ?? .init(releases: [])
        }
    }

    private func answeringFrontDoor() async throws -> FrontDoorConfiguration {
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

    /// Where the world reaches the platform: `http://127.0.0.1:8080`; `nil` while nothing is deployed.
    package func publicAddress() async -> String? {
        let listeners = try? await frontDoor.configuration(deadline: .seconds(2)).listeners
        return listeners?.first { $0.name == Self.publicListener }.map { "http://\($0.host):\($0.port)" }
    }

    /// Where other services reach a service.
    func address(of service: ServiceName, in configuration: FrontDoorConfiguration) -> (host: String, port: Int)? {
        configuration.listeners.first { $0.name == "service.\(service)" }.map { ($0.host, $0.port) }
    }

    /// Makes the front door lead where the table says, in one motion.
    func route(_ routing: Routing, _ desired: DesiredState) async throws -> StepOutcome {
        try await ensureFrontDoor(for: desired.services.filter(\.listens).map(\.name))
        let workloads = try await supervisor().workloads()
        var targets: [String: [FrontDoorConfiguration.ReleaseTarget]] = [:]
        for backend in routing.backends {
            let built = try releases.load(backend.release).part(backend.service)
            var target = FrontDoorConfiguration.ReleaseTarget(release: "\(backend.release)")
            if let folder = built?.build.siteFolder {
                target.site = .init(root: folder, fallback: built?.service.source?.siteFallback)
            }
            target.upstreams = workloads.filter {
                $0.name == backend.service.text && $0.release == "\(backend.release)"
            }.compactMap { workload in
                workload.port.map { .init(port: $0, replica: "\(workload.replica)") }
            }
            targets[backend.service.text] = [target]
        }
        let result = try await changeFrontDoor { wanted in
            for name in wanted.services.keys { wanted.services[name]?.releases = targets[name] ?? [] }
            for (name, releases) in targets where wanted.services[name] == nil {
                wanted.services[name] = .init(releases: releases)
            }
            wanted.routes = routing.routes.map {
                .init(
                    host: $0.host, path: $0.path, service: $0.service.text, stripPrefix: $0.stripPrefix,
                    rate: $0.rate.map { .init(requests: $0.count, perSeconds: $0.per) })
            }
        }
        return StepOutcome(didChange: result.didChange)
    }

    func drain(_ service: ServiceName, _ context: ReleaseContext) async throws -> StepOutcome {
        guard let old = context.oldRelease(of: service), old != context.keptRelease(of: service) else {
            return StepOutcome(didChange: false)
        }
        let limit = context.oldService(service)?.drain ?? .seconds(30)
        let result = try await frontDoor.drain(service: service.text, release: "\(old)", deadline: limit)
        return StepOutcome(note: result.inFlight == 0 ? nil : "\(result.inFlight) requests were cut")
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
        if let token = (door.services[request.service.text]?.maintenance ?? door.maintenance)?.token {
            headers["X-Hauban-Bypass"] = token
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
