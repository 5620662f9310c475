import Planning
import Spec
import World

extension SwarmEngine {
    /// A replica that ends by itself this often before all were ready once is not waited for any longer: Swarm remembers five tasks of each.
    private static let endsAtStart = 4

    func gate(_ name: ServiceName, _ context: ReleaseContext, within deadline: Duration) async throws -> StepOutcome {
        let service = context.desired.service(name)
        // The step's own limit leaves room for the calls; a service has the time that its author gave it.
        let limit = min(deadline, service?.gateDeadline ?? deadline)
        return try await gate(name, release: context.release, service: service, within: limit)
    }

    /// Waits until every replica runs the image of its release and passes its check: that Swarm accepted the service, or says that it is
    /// done, says nothing of that.
    func gate(
        _ name: ServiceName, release: ReleaseID, service: DesiredService?, within limit: Duration
    ) async throws -> StepOutcome {
        let end = keeper.uptime() + limit
        // What passes its check once may have been lucky.
        let steady = (service?.readiness).map { $0.interval * max(0, $0.passes - 1) } ?? .zero
        var since: Duration?
        while true {
            guard let found = try await replicas(of: name, release) else { return StepOutcome(didChange: false) }
            if let meddling = found.meddling {
                throw notReady(name, meddling, hint: "Deploy again, and let nobody else.")
            }
            if found.mostEnds >= Self.endsAtStart {
                throw notReady(
                    name,
                    "\(found.service.name) ended by itself \(found.mostEnds) times: "
                        + found.reasons.joined(separator: "; "),
                    hint: "Waiting longer would not help; `hauban logs \(name)` shows what it wrote.")
            }
            if found.running.count == found.wanted, found.service.replicas == found.wanted {
                let now = keeper.uptime()
                let first = since ?? now
                since = first
                if now - first >= steady { return StepOutcome(didChange: false) }
            } else {
                since = nil
            }
            guard keeper.uptime() < end else { throw notReady(name, late(found), hint: hint(found, name, limit)) }
            try await keeper.sleep(.milliseconds(200))
        }
    }

    private func notReady(_ name: ServiceName, _ text: String, hint: String) -> WorldError {
        WorldError(code: "not-ready", operation: "wait for \(name)", underlying: text, hint: hint)
    }

    private func late(_ found: SwarmReplicas) -> String {
        let states = Dictionary(
            grouping: found.tasks.filter { !$0.state.isEnd && $0.desired == .running && $0.state != .running },
            by: \.state)
        let waiting = states.sorted { $0.key.rawValue < $1.key.rawValue }.map { "\($0.value.count) \($0.key.rawValue)" }
        return
            (["\(found.running.count) of \(found.wanted) replicas of \(found.service.name) are ready"] + waiting
            + found.reasons).joined(separator: "; ")
    }

    private func hint(_ found: SwarmReplicas, _ name: ServiceName, _ limit: Duration) -> String {
        let words = found.reasons.joined(separator: " ").lowercased()
        if words.contains("no suitable node") {
            return
                "`docker node ls` says which servers take tasks; `size` of services.\(name) says what a replica needs."
        }
        if words.contains("no such image") || words.contains("pull") {
            return
                "Can each server fetch the image? `docker login` on this one, and see `registry:` of the environment."
        }
        return "`health.start` (\(limit.inWords)) of services.\(name) says how long it may take."
    }
}
