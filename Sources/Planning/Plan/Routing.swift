package import Spec

/// What a front door should lead to: a whole table, so that setting it is one motion and setting it twice is harmless.
package struct Routing: Codable, Hashable, Sendable {
    /// Which release of a service its listener and its routes lead to.
    package struct Backend: Codable, Hashable, Sendable {
        package var service: ServiceName
        package var release: ReleaseID
        /// A new release that takes a share of the requests; `release` has the rest.
        package var newcomer: Newcomer?

        package init(service: ServiceName, release: ReleaseID, newcomer: Newcomer? = nil) {
            self.service = service
            self.release = release
            self.newcomer = newcomer
        }
    }

    /// A release on its way to all of a service's requests.
    package struct Newcomer: Codable, Hashable, Sendable {
        package var release: ReleaseID
        package var share: Percent

        package init(release: ReleaseID, share: Percent) {
            self.release = release
            self.share = share
        }
    }

    /// One a service, by name. A service that is not here has no replica to lead to.
    package var backends: [Backend]
    package var routes: [DesiredRoute]
    package var tls: DesiredTLS?

    package init(backends: [Backend] = [], routes: [DesiredRoute] = [], tls: DesiredTLS? = nil) {
        self.tls = tls
        self.backends = backends.sorted { $0.service < $1.service }
        self.routes = routes.sorted()
    }

    /// The release that a service's requests go to, or most of them.
    package func release(of service: ServiceName) -> ReleaseID? {
        backends.first { $0.service == service }?.release
    }

    /// The table as it was before the release.
    package init(of observed: ObservedState) {
        self.init(
            backends: observed.services.filter(\.isRouted).map { Backend(service: $0.name, release: $0.release) },
            routes: observed.routes ?? observed.lastGood?.routes ?? [],
            tls: observed.routes == nil ? observed.lastGood?.tls : observed.tls)
    }
}

extension Plan {
    /// The front door's table once the given steps are in force (done, and not taken back).
    ///
    /// A public route appears when its service is switched, so that it never leads to nothing; the old routes of a service
    /// stay until then, those of a removed service until it is withdrawn.
    package func routing(
        with inForce: Set<String>, release: ReleaseID, desired: DesiredState, baseline: ObservedState
    ) -> Routing {
        let before = Routing(of: baseline)
        let switches = steps.filter { $0.action == .switchTraffic && inForce.contains($0.id) }
        let switched = Set(switches.flatMap(\.target.services))
        let withdrawn = Set(
            steps.filter { $0.action == .withdraw && inForce.contains($0.id) }.flatMap(\.target.services))
        var backends = Dictionary(before.backends.map { ($0.service, $0.release) }) { first, _ in first }
        for name in switched { backends[name] = release }
        for name in withdrawn { backends[name] = nil }
        var newcomers: [ServiceName: Routing.Newcomer] = [:]
        for step in steps where step.action == .shift && inForce.contains(step.id) {
            guard let share = step.share else { continue }
            for name in step.target.services where !switched.contains(name) {
                newcomers[name] = Routing.Newcomer(release: release, share: share)
            }
        }

        var routes = before.routes.filter { !withdrawn.contains($0.service) }
        if !switches.isEmpty {
            let settled = switched.union(unchanged)
            let own = desired.routes.filter { settled.contains($0.service) }
            routes = routes.filter { old in
                !settled.contains(old.service) && !own.contains { $0.host == old.host && $0.path == old.path }
            }
            routes += own
        }
        return Routing(
            backends: backends.map {
                Routing.Backend(service: $0.key, release: $0.value, newcomer: newcomers[$0.key])
            }, routes: routes, tls: switches.isEmpty ? before.tls : desired.tls)
    }
}
