import FoundationEssentials
package import FrontDoor
import Glibc
package import Planning
import Spec
import World

extension DockerEngine {
    static func listener(_ service: ServiceName) -> String { "service.\(service)" }
    /// For hauban's own requests, where the networks of the services are none of this machine.
    private static func ownListener(_ service: ServiceName) -> String { "here.\(service)" }
    static var publicListener: String { "public" }
    private static var secureListener: String { "https" }
    /// Inside the container.
    private static var publicPort: Int { 8080 }
    private static var securePort: Int { 8443 }
    private static var folder: String { "/door" }
    static var challenges: String { folder + "/challenges" }

    /// The front door with a listener for the world, and one for each service that others call, at an address and port that last.
    ///
    /// One that runs stays, whichever hauban made it; one that ended is made anew with this hauban's image.
    ///
    /// - Parameter mayReplace: whether one that runs may be made anew to be reached over TLS, which takes a moment.
    @discardableResult
    func ensureFrontDoor(for desired: DesiredState, mayReplace: Bool = true) async throws -> FrontDoorConfiguration {
        let networks = try await networks(Self.doorZones)
        let wantsTLS = desired.tls != nil
        let found = try await api.inspect(labels.frontDoor)
        let isReached = !wantsTLS || !mayReplace || found?.ports[Self.securePort] != nil
        let isUsable = found?.state == .running && isReached
        if !isUsable {
            if found != nil { try await api.remove(labels.frontDoor) }
            try await makeFrontDoor(networks, wantsTLS: wantsTLS)
        }
        _ = try await answeringFrontDoor()
        let inside = networks["apps"]?.subnet?.lasting(Self.doorIndex) ?? "0.0.0.0"
        let outside = span == .swarm ? networks[Self.publicZone]?.subnet?.lasting(Self.doorIndex) : nil
        let services = desired.services.filter(\.listens)
        return try await changeFrontDoor { wanted in
            // Networks that were made anew have other addresses.
            for index in wanted.listeners.indices {
                guard case .service(let name) = wanted.listeners[index].scope else { continue }
                if wanted.listeners[index].name == "service.\(name)" {
                    wanted.listeners[index].host = inside
                } else if let outside {
                    wanted.listeners[index].host = outside
                }
            }
            wanted.accessLog = Self.folder + "/access/access.log"
            if !wanted.listeners.contains(where: { $0.name == Self.publicListener }) {
                wanted.listeners.append(
                    .init(name: Self.publicListener, host: "0.0.0.0", port: Self.publicPort, scope: .public))
            }
            for service in services where !wanted.listeners.contains(where: { $0.name == Self.listener(service.name) })
            {
                // Its own port where no other service has it: all are one address.
                let taken = Set(wanted.listeners.map(\.port)).union([Self.publicPort, Self.securePort])
                let own = service.port.map(\.number).flatMap { taken.contains($0) ? nil : $0 }
                guard let port = own ?? (20_000..<30_000).first(where: { !taken.contains($0) }) else { continue }
                wanted.listeners.append(
                    .init(
                        name: Self.listener(service.name), host: inside, port: port,
                        scope: .service(service.name.text)))
                wanted.services[service.name.text] = wanted.services[service.name.text] ?? .init(releases: [])
                if let outside {
                    wanted.listeners.append(
                        .init(
                            name: Self.ownListener(service.name), host: outside, port: port,
                            scope: .service(service.name.text)))
                }
            }
        }.configuration
    }

    /// What may take long, and so is done with the builds, before anything is switched.
    func makeDoorImage(within deadline: Duration) async throws -> String {
        try await doorImage.ensure(on: api, labels: [DockerLabels.kind: "front-door"], within: deadline)
    }

    private func makeFrontDoor(_ networks: [String: DockerNetwork], wantsTLS: Bool) async throws {
        try Folder.make(place.door + "/access")
        try Folder.make(place.door + "/tls")
        let image = try await makeDoorImage(within: .seconds(300))
        var spec = ContainerSpec(name: labels.frontDoor, image: image)
        spec.command = ["--state", Self.folder + "/front-door.json", "--control", Self.folder + "/control.sock"]
        // Its socket answers its own user only, and its folder is this user's.
        spec.user = "\(geteuid()):\(getegid())"
        spec.labels = labels.all(.frontDoor)
        spec.networks = Self.doorZones.map { zone in
            .init(labels.network(zone), address: networks[zone]?.subnet?.lasting(Self.doorIndex))
        }
        spec.mounts = [
            .init(.folder(place.door), at: Self.folder, isReadOnly: false),
            .init(.memory(bytes: 16 << 20, mode: 0o1777), at: "/tmp", isReadOnly: false),
        ]
        spec.ports = [.init(address: publication.address, port: publication.port, containerPort: Self.publicPort)]
        if wantsTLS {
            spec.ports.append(
                .init(address: publication.address, port: publication.securePort, containerPort: Self.securePort))
        }
        spec.restart = .unlessStopped
        spec.stopGrace = .seconds(35)
        spec.processes = 512
        try await startOnceNetworksAreKnown(try await api.create(spec))
    }

    func answeringFrontDoor() async throws -> FrontDoorConfiguration {
        let end = keeper.uptime() + .seconds(30)
        while true {
            do {
                return try await frontDoor.configuration(deadline: .seconds(2))
            } catch {
                guard keeper.uptime() < end else {
                    let lines = ((try? await api.logs(of: labels.frontDoor, last: 5)) ?? []).map(\.text)
                    throw WorldError(
                        code: "front-door-absent", operation: "reach the front door", underlying: "\(error)",
                        hint: "`docker logs \(labels.frontDoor)`: " + Printable.text(lines.joined(separator: " | ")))
                }
                try await keeper.sleep(.milliseconds(20))
            }
        }
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
            wanted.generation += 1
            do {
                try claim()
                return (try await frontDoor.apply(wanted), true)
            } catch let error as FrontDoorError where error.code == .generationStale && attempts < 10 {
                attempts += 1
            }
        }
    }

    /// Makes the front door lead where the table says, in one motion.
    func route(_ context: ReleaseContext, isForward: Bool) async throws -> StepOutcome {
        try await ensureFrontDoor(for: context.desired)
        let replicas = try await replicas()
        return try await route(context, isForward: isForward) { service, release in
            var target = FrontDoorConfiguration.ReleaseTarget(release: "\(release)")
            target.upstreams = Self.upstreams(replicas.filter { $0.service == service && $0.release == release })
            return target
        }
    }

    func route(
        _ context: ReleaseContext, isForward: Bool,
        target: @escaping (ServiceName, ReleaseID) throws -> FrontDoorConfiguration.ReleaseTarget
    ) async throws -> StepOutcome {
        let tls = context.routing.tls
        if let tls { try keepCertificate(tls) }
        let result = try await changeFrontDoor { wanted in
            try TrafficTable(context: context, isForward: isForward, target: target).write(to: &wanted)
            secure(&wanted, tls)
        }
        return StepOutcome(didChange: result.didChange)
    }

    /// Where requests reach replicas.
    static func upstreams(_ replicas: [DockerReplica]) -> [FrontDoorConfiguration.Upstream] {
        replicas.compactMap {
            guard let address = $0.address, let port = $0.port else { return nil }
            return .init(host: address, port: port, replica: "\($0.number)")
        }
    }

    // MARK: TLS

    private func secure(_ wanted: inout FrontDoorConfiguration, _ tls: DesiredTLS?) {
        wanted.listeners.removeAll { $0.name == Self.secureListener }
        if let tls {
            var listener = FrontDoorConfiguration.Listener(
                name: Self.secureListener, host: "0.0.0.0", port: Self.securePort, scope: .public)
            let folder = tls.order.map { "/certificates/" + CertificatePlace.mark(of: $0) } ?? "/tls"
            listener.tls = .init(
                certificates: [
                    .init(certificate: Self.folder + folder + "/tls.crt", key: Self.folder + folder + "/tls.key")
                ],
                minimumVersion: tls.minimum == "1.3" ? .v13 : .v12,
                transportSecurity: .init(maxAgeSeconds: tls.hsts))
            wanted.listeners.append(listener)
        }
        for index in wanted.listeners.indices where wanted.listeners[index].name == Self.publicListener {
            wanted.listeners[index].challenges = tls?.order == nil ? nil : Self.challenges
            wanted.listeners[index].redirect = tls?.redirect == true ? .init(port: publication.securePort) : nil
        }
    }

    /// Copies the files of a certificate to where the front door sees them; it takes a renewed one by itself. One that was ordered is
    /// there already.
    private func keepCertificate(_ tls: DesiredTLS) throws {
        var files: [(from: String, name: String)] = []
        if case .files(let certificate, let key) = tls.source { files = [(key, "tls.key"), (certificate, "tls.crt")] }
        for (from, name) in files {
            let bytes: [UInt8]
            do {
                bytes = try SmallFile.read(from)
            } catch let error as SystemError {
                throw error.during("read \(from)", hint: "`tls:` of the environment names it.")
            }
            let to = "\(place.door)/tls/\(name)"
            if (try? SmallFile.read(to)) != bytes { try AtomicFile.write(bytes, to: to) }
        }
        try AtomicFile.write(Array(try JSONEncoder().encode(tls)), to: place.door + "/tls/tls.json")
    }

    /// The TLS that the front door has, by the files that it was copied from.
    func tls(of configuration: FrontDoorConfiguration) -> DesiredTLS? {
        guard configuration.listeners.contains(where: { $0.name == Self.secureListener }),
            let bytes = try? SmallFile.read(place.door + "/tls/tls.json")
        else { return nil }
        return try? JSONDecoder().decode(DesiredTLS.self, from: Data(bytes))
    }

    // MARK: Draining, asking

    func drain(_ service: ServiceName, _ context: ReleaseContext) async throws -> StepOutcome {
        guard let old = context.oldRelease(of: service), old != context.keptRelease(of: service) else {
            return StepOutcome(didChange: false)
        }
        let limit = context.oldService(service)?.drain ?? .seconds(30)
        try await changeFrontDoor { TrafficTable.endStandIn(of: service, in: &$0) }
        return try await drain(service, old, limit).outcome(of: service, after: limit)
    }

    /// Lets the requests of a release that traffic has left end, and cuts what is there when its time is over.
    func drain(_ service: ServiceName, _ release: ReleaseID, _ limit: Duration) async throws -> DrainResult {
        // The front door cuts at the limit; the rest is for the cut connections to end.
        try await frontDoor.drain(
            service: service.text, release: "\(release)", deadline: limit + .seconds(2), cutAfter: limit)
    }

    /// Where the world reaches the platform; `nil` while nothing is deployed.
    package func publicAddress() async -> String? {
        guard let facts = try? await api.inspect(labels.frontDoor), facts.state == .running else { return nil }
        if let port = facts.ports[Self.securePort] { return "https://\(publication.host):\(port)" }
        return facts.ports[Self.publicPort].map { "http://\(publication.host):\($0)" }
    }

    package func send(_ request: Planning.SmokeRequest, in context: ReleaseContext) async throws -> SmokeAnswer {
        let facts = try await api.inspect(labels.frontDoor)
        let isPublic = context.desired.routes.contains { $0.service == request.service }
        let door = try await frontDoor.configuration()
        let address: String
        if isPublic, context.routing.tls == nil, let port = facts?.ports[Self.publicPort] {
            address = "http://\(publication.host):\(port)"
        } else if let own = door.listeners.first(where: {
            $0.name == (span == .swarm ? Self.ownListener(request.service) : Self.listener(request.service))
        }) {
            // Bridges of an engine are networks of its machine too.
            address = "http://\(own.host):\(own.port)"
        } else {
            throw WorldError(
                code: "front-door-absent", operation: request.text, underlying: "the front door has no listener for it",
                hint: "`docker logs \(labels.frontDoor)` says what happened to it.")
        }
        var headers = request.headers
        if let host = request.host { headers["Host"] = host }
        if request.body != nil, !headers.keys.contains(where: { $0.lowercased() == "content-type" }) {
            headers["Content-Type"] = "application/json"
        }
        let answer = try await HTTPRequest(
            method: request.method, url: address + request.path, headers: headers, body: request.body
        ).send(within: request.timeout)
        return SmokeAnswer(status: answer.status, body: answer.body)
    }
}
