import FrontDoor
import Planning
import Spec

/// Writes where requests go into a front door's configuration, for every engine alike.
struct TrafficTable {
    let context: ReleaseContext
    /// Towards the new release: then what served before stands in where the new replicas take no connection, until it is drained.
    let isForward: Bool
    /// Where a release of a service is reached.
    let target: (ServiceName, ReleaseID) throws -> FrontDoorConfiguration.ReleaseTarget

    func write(to wanted: inout FrontDoorConfiguration) throws {
        let (routing, desired) = (context.routing, context.desired)
        for name in wanted.services.keys {
            wanted.services[name]?.releases = []
            wanted.services[name]?.canary = nil
        }
        for backend in routing.backends {
            var service = wanted.services[backend.service.text] ?? .init(releases: [])
            // The release that has the rest comes first: it is the one that serves.
            service.releases = [try target(backend.service, backend.release)]
            if let newcomer = backend.newcomer, let canary = desired.service(backend.service)?.canary {
                service.releases.append(try target(backend.service, newcomer.release))
                service.releases[0].weight = 1_000_000 - newcomer.share.millionths
                service.releases[1].weight = newcomer.share.millionths
                service.canary = Self.canary(canary, newcomer.release, watch: desired.watch.window)
            } else if isForward, backend.release == context.release, service.releases[0].site == nil,
                desired.service(backend.service)?.rollout == .beside, let old = context.oldRelease(of: backend.service)
            {
                let upstreams = old == context.release ? [] : try target(backend.service, old).upstreams
                if !upstreams.isEmpty {
                    service.releases.append(.init(release: "\(old)", weight: 0, upstreams: upstreams, standsIn: true))
                }
            }
            wanted.services[backend.service.text] = service
        }
        wanted.routes = routing.routes.map {
            .init(
                host: $0.host, path: $0.path, service: $0.service.text, stripPrefix: $0.stripPrefix,
                maxBodyBytes: $0.maxBodyBytes, rate: $0.rate.map { .init(requests: $0.count, perSeconds: $0.per) })
        }
        // Whoever drains a release says when it is cut. Until then it may be returned to, and its replicas run.
        wanted.timeouts.drainMilliseconds = 86_400_000
    }

    /// Takes the stand-in of a service out: from then on nothing new reaches the old release.
    static func endStandIn(of service: ServiceName, in wanted: inout FrontDoorConfiguration) {
        wanted.services[service.text]?.releases.removeAll(where: \.standsIn)
    }

    private static func canary(
        _ canary: DesiredCanary, _ release: ReleaseID, watch: Duration
    ) -> FrontDoorConfiguration.Canary {
        let by: FrontDoorConfiguration.Sides =
            switch canary.by {
            case .request: .request
            case .header(let name): .header(name)
            case .cookie(let name?): .cookie(name, issuedSeconds: nil)
            // A day, or longer when the canary takes longer.
            case .cookie(nil):
                .cookie(
                    Self.ticketCookie,
                    issuedSeconds: max(86_400, Int((canary.length + watch).components.seconds) * 2))
            }
        return .init(release: "\(release)", by: by, force: canary.force)
    }

    private static var ticketCookie: String { "hauban-ticket" }
}

extension FrontDoorConfiguration {
    /// Which release each service's requests go to, which one takes a share, and the public routes.
    var observed: (serving: [ServiceName: ReleaseID], newcomers: [ServiceName: ReleaseID], routes: [DesiredRoute]) {
        var serving: [ServiceName: ReleaseID] = [:]
        var newcomers: [ServiceName: ReleaseID] = [:]
        for (text, service) in services {
            guard let name = ServiceName(text), let target = service.releases.first else { continue }
            serving[name] = ReleaseID(target.release)
            newcomers[name] = service.releases.dropFirst().first.flatMap { ReleaseID($0.release) }
        }
        let routes = routes.compactMap { route in
            ServiceName(route.service).map {
                DesiredRoute(
                    host: route.host, path: route.path, service: $0, stripPrefix: route.stripPrefix,
                    maxBodyBytes: route.maxBodyBytes,
                    rate: route.rate.map { Spec.Rate(count: $0.requests, per: $0.perSeconds) })
            }
        }
        return (serving, newcomers, routes)
    }
}
