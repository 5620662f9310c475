package import Spec

/// What has to be asked of an environment to verify its release.
package struct VerificationPlan: Sendable, Hashable {
    package struct Flow: Sendable, Hashable {
        package struct Step: Sendable, Hashable {
            /// Through a public route; `nil` when no route takes the path.
            package var request: SmokeRequest?
            package var text: String
            package var again: Duration?
        }

        package var name: PlainName
        package var steps: [Step]
    }

    package var desired: DesiredState
    /// The paths on which services show their figures.
    package var metrics: [ServiceName: String]
    package var flows: [Flow]
    package var wantsIncident: Bool
    package var limits: [PlainName: Condition]
    /// How long the limits are measured.
    package var window: Duration

    /// - Parameters:
    ///   - desired: what was released.
    ///   - platform: with the environment's overlay.
    package init(_ desired: DesiredState, _ platform: Platform) {
        self.desired = desired
        let settings = platform.environments[desired.environment]
        metrics = platform.services.compactMapValues(\.metrics).filter { desired.service($0.key) != nil }
        wantsIncident = platform.release.verify.incident
        limits = settings?.accept ?? [:]
        window = platform.release.verify.time
        flows = platform.release.verify.flows.sorted { $0.key < $1.key }.map { name, steps in
            Flow(name: name, steps: steps.map { Self.step($0, desired, domain: settings?.domain) })
        }
    }

    /// The longest that the whole of it may take.
    package var patience: Duration {
        let smokes = desired.smoke.reduce(Duration.zero) { $0 + $1.timeout }
        let flows = flows.flatMap(\.steps).reduce(Duration.zero) {
            $0 + ($1.again ?? .zero) + ($1.request?.timeout ?? .zero)
        }
        return window + smokes + flows + .seconds(300)
    }

    private static func step(_ step: FlowStep, _ desired: DesiredState, domain: String?) -> Flow.Step {
        let asked = step.request
        let host = step.host == nil ? nil : Lowering.host(step.host, domain: domain)
        let path = asked.path.prefix { $0 != "?" && $0 != "#" }
        let route = desired.routes.filter { route in
            (host == nil || route.host == host) && route.takes(path)
        }.max { $0.path.utf8.count < $1.path.utf8.count }
        return Flow.Step(
            request: route.map { route in
                SmokeRequest(
                    service: route.service, method: asked.method, host: route.host, path: asked.path,
                    headers: asked.headers, body: asked.json, expectStatus: asked.status, expectBody: asked.contains,
                    timeout: asked.within)
            }, text: "\(asked.method) \(asked.path)", again: step.again)
    }
}

extension DesiredRoute {
    /// Whether a path stands below the route's prefix.
    func takes(_ asked: Substring) -> Bool {
        var prefix = path[...]
        while prefix.last == "/" { prefix.removeLast() }
        guard asked.hasPrefix(prefix) else { return false }
        let rest = asked.dropFirst(prefix.count)
        return rest.isEmpty || rest.first == "/"
    }

    /// For people: `www.shop.example/api`.
    package var text: String { (host ?? "") + path }
}
