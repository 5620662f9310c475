package import Spec

extension Plan {
    /// The steps from what is to what should be. `docs/release.md` states the order.
    ///
    /// - Parameter inShares: whether canaries move step by step; a way back does not, since it leads to what is known.
    /// - Throws: when the desired services depend on each other in a circle, or on something undeclared.
    package static func towards(
        _ desired: DesiredState, from observed: ObservedState, inShares: Bool = true
    ) throws(PlanError) -> Plan {
        let draft = PlanDraft(
            desired: desired, observed: observed, order: try DependencyOrder(desired.services), inShares: inShares)
        return Plan(
            platform: desired.platform, environment: desired.environment, steps: draft.steps(),
            unchanged: desired.services.map(\.name).filter { draft.changes[$0] == nil })
    }

    /// The services that the plan builds, which are those that it changes, in build order.
    package var changed: [ServiceName] { steps.filter { $0.action == .build }.flatMap(\.target.services) }
}

/// What is known while a plan is made.
private struct PlanDraft {
    let desired: DesiredState
    let observed: ObservedState
    let order: DependencyOrder
    let inShares: Bool
    /// The services to release, and why.
    let changes: [ServiceName: StepReason]

    init(desired: DesiredState, observed: ObservedState, order: DependencyOrder, inShares: Bool) {
        self.desired = desired
        self.observed = observed
        self.order = order
        self.inShares = inShares
        var changes: [ServiceName: StepReason] = [:]
        for service in desired.services {
            changes[service.name] = Self.change(of: service, from: observed.service(service.name))
        }
        self.changes = changes
    }

    func steps() -> [Step] {
        let changed = order.sorted(Set(changes.keys))
        var steps = provisions() + certificates()
        steps += changed.map { Step(action: .build, target: .service($0), reason: reason($0)) }
        steps += changed.compactMap { name -> Step? in
            guard let service = desired.service(name), let migrate = service.migrate else { return nil }
            return Step(
                action: .migrate, target: .service(name), reason: reason(name), detail: migrate.text,
                isCompatible: service.isMigrationCompatible)
        }
        steps += rollout()
        if !changed.isEmpty, desired.watch.window > .zero {
            steps.append(
                Step(
                    action: .watch, target: .services(changed.sorted()), reason: .judged,
                    detail: desired.watch.window.inWords))
        }
        if !desired.smoke.isEmpty, steps.contains(where: { $0.phase == .rollout }) {
            let count = desired.smoke.count
            steps.append(
                Step(
                    action: .smoke, target: .services(Set(desired.smoke.map(\.service)).sorted()), reason: .judged,
                    detail: count == 1 ? "1 request" : "\(count) requests"))
        }
        return steps + settlement(changed)
    }

    private static func change(of service: DesiredService, from observed: ObservedService?) -> StepReason? {
        guard let observed else { return .new }
        if observed.fingerprint.isEmpty, observed.state == .stopped { return .notWell(state: "gone") }
        if observed.fingerprint != service.fingerprint {
            return .changed(from: observed.fingerprint, to: service.fingerprint)
        }
        // It runs, but failed its judges: that it is there already must not pass for having passed them.
        if observed.isUnkept { return .notWell(state: "of a release that was not kept") }
        switch observed.state {
        case .running, .starting: break
        case .failed, .stopped: return .notWell(state: observed.state.rawValue)
        }
        if let running = observed.runningReplicas, running < service.replicas {
            return .replicasMissing(running: running, declared: service.replicas)
        }
        return nil
    }

    private func reason(_ name: ServiceName) -> StepReason { changes[name] ?? .judged }

    private func provisions() -> [Step] {
        desired.resources.compactMap { resource in
            let reason: StepReason
            switch observed.resource(resource.name) {
            case nil: reason = .new
            case .some(let found) where found.fingerprint != resource.fingerprint:
                reason = .changed(from: found.fingerprint, to: resource.fingerprint)
            case .some(let found) where !found.isRunning: reason = .notWell(state: "stopped")
            case .some: return nil
            }
            let detail = ([resource.kind] + [resource.version].compactMap(\.self)).joined(separator: " ")
            return Step(action: .provision, target: .resource(resource.name), reason: reason, detail: detail)
        }
    }

    /// Before anything is built: who refuses it does so in seconds.
    private func certificates() -> [Step] {
        guard let order = desired.tls?.order else { return [] }
        let found = observed.certificates?.first { order.isSatisfied(by: $0.order) }
        let reason: StepReason
        switch found {
        case nil: reason = .new
        case .some(let found) where found.trouble != nil: reason = .notWell(state: found.trouble ?? "")
        case .some(let found) where found.order != order: reason = .notWell(state: "ordered with other settings")
        case .some: return []
        }
        return [Step(action: .certify, target: .certificate(order.names), reason: reason, detail: order.authority)]
    }

    /// The names of certificates that no release needs any more.
    private var idleCertificates: [[String]] {
        let idle = (observed.certificates ?? []).map(\.order).filter { desired.tls?.order?.isSatisfied(by: $0) != true }
        return Set(idle.map(\.names)).sorted { $0.joined(separator: " ") < $1.joined(separator: " ") }
    }

    // MARK: Traffic and workers

    private func rollout() -> [Step] {
        let notServing = Set(
            changes.keys.filter {
                switch observed.service($0)?.state {
                case .running, .starting: false
                case .failed, .stopped, nil: true
                }
            })
        let levels = order.levels(notServing: notServing)
        let byLevel = Dictionary(grouping: changes.keys) { levels[$0] ?? 0 }
        var steps = byLevel.keys.sorted().flatMap { wave(Set(byLevel[$0] ?? [])) }
        let gone = observed.services.filter { $0.isRouted && desired.service($0.name)?.isRouted != true }
        let isShared = observed.services.contains { $0.newcomer != nil }
        if isShared || routesDiffer(ignoring: Set(gone.map(\.name))),
            !steps.contains(where: { $0.action == .switchTraffic })
        {
            steps.append(
                Step(action: .switchTraffic, target: .services([]), reason: .routesChanged, undo: .switchBack))
        }
        if observed.hasFrontDoor == false, desired.services.contains(where: \.isRouted),
            !steps.contains(where: { $0.action == .switchTraffic })
        {
            steps.append(
                Step(action: .switchTraffic, target: .services([]), reason: .frontDoorGone, undo: .switchBack))
        }
        if !gone.isEmpty {
            steps.append(
                Step(action: .withdraw, target: .services(gone.map(\.name)), reason: .removed, undo: .restore))
        }
        return steps
    }

    /// Services that can start at the same time: start and gate all that may run beside the old ones, then move.
    private func wave(_ names: Set<ServiceName>) -> [Step] {
        let order = order.sorted(names, rank: rank).compactMap(desired.service)
        let beside = order.filter { $0.rollout == .beside && !$0.isSite }
        var steps = beside.map(start) + beside.map(gate)
        var sharing: [DesiredService] = []
        var together: [ServiceName] = []
        for service in order {
            if let canary = canary(of: service) {
                let isApart = sharing.contains { other in
                    other.canary?.movesWith(canary) != true || service.dependsOn.contains(other.name)
                }
                if isApart { steps += moveInShares(&sharing, &together) }
                sharing.append(service)
                continue
            }
            steps += moveInShares(&sharing, &together)
            switch service.rollout {
            case .beside:
                if service.isRouted { together.append(service.name) }
            case .replace:
                steps += switchOver(&together)
                if observed.service(service.name) != nil {
                    steps.append(
                        Step(
                            action: .stopFirst, target: .service(service.name), reason: reason(service.name),
                            undo: .restartOld))
                }
                if !service.isSite { steps += [start(service), gate(service)] }
                if service.isRouted { together.append(service.name) }
            }
        }
        return steps + moveInShares(&sharing, &together) + switchOver(&together)
    }

    /// Canaries first where dependencies allow: until they have passed, nothing of the wave has moved whole.
    private func rank(_ service: DesiredService) -> Int {
        if canary(of: service) != nil { return 0 }
        return service.rollout == .beside ? 1 : 2
    }

    /// How a service moves in shares, if it does: what serves nobody yet, or does not work, has nothing to be compared with.
    private func canary(of service: DesiredService) -> DesiredCanary? {
        // The same version again has nothing to be compared with either.
        if case .replicasMissing = changes[service.name] { return nil }
        guard inShares, let canary = service.canary, service.rollout == .beside, service.isRouted,
            let found = observed.service(service.name), found.isRouted
        else { return nil }
        switch found.state {
        case .running, .starting: return canary
        case .failed, .stopped: return nil
        }
    }

    /// The shares of services that move together; what moved before them, and they may call, is switched first.
    private func moveInShares(_ services: inout [DesiredService], _ together: inout [ServiceName]) -> [Step] {
        defer { services = [] }
        guard let canary = services.first?.canary, let first = services.first else { return [] }
        var steps = switchOver(&together)
        let names = services.map(\.name)
        for share in canary.steps {
            steps.append(
                Step(
                    action: .shift, target: .services(names), reason: reason(first.name), undo: .shiftBack, share: share
                ))
            steps.append(
                Step(
                    action: .hold, target: .services(names), reason: .judged, detail: canary.hold.inWords, share: share)
            )
        }
        together += names
        return steps
    }

    private func start(_ service: DesiredService) -> Step {
        Step(
            action: .start, target: .service(service.name), reason: reason(service.name), undo: .stopNew,
            detail: service.replicas == 1 ? nil : "\(service.replicas) replicas")
    }

    private func gate(_ service: DesiredService) -> Step {
        Step(action: .gate, target: .service(service.name), reason: reason(service.name))
    }

    private func switchOver(_ names: inout [ServiceName]) -> [Step] {
        defer { names = [] }
        guard let first = names.first else { return [] }
        return [Step(action: .switchTraffic, target: .services(names), reason: reason(first), undo: .switchBack)]
    }

    private func routesDiffer(ignoring gone: Set<ServiceName>) -> Bool {
        let now = observed.routes ?? observed.lastGood?.routes
        guard let now else { return false }
        let tls = observed.routes == nil ? observed.lastGood?.tls : observed.tls
        return now.filter { !gone.contains($0.service) } != desired.routes || tls != desired.tls
    }

    // MARK: What goes once the release is kept

    private func settlement(_ changed: [ServiceName]) -> [Step] {
        var steps: [Step] = []
        var stopped: Set<ServiceName> = []
        func leave(_ found: ObservedService, _ reason: StepReason) {
            guard observed.lastGood?.service(found.name)?.isSite != true else { return }
            if found.isRouted { steps.append(Step(action: .drain, target: .service(found.name), reason: reason)) }
            steps.append(
                Step(action: .stopOld, target: .service(found.name), reason: reason, detail: "\(found.release)"))
            stopped.insert(found.name)
        }
        for name in changed.reversed() {
            guard let found = observed.service(name) else { continue }
            switch desired.service(name)?.rollout {
            case .beside: leave(found, .superseded)
            // Stopped already; until the release is kept it could have been started again.
            case .replace:
                steps.append(
                    Step(action: .stopOld, target: .service(name), reason: .superseded, detail: "\(found.release)"))
                stopped.insert(name)
            case nil: continue
            }
        }
        for found in observed.services where desired.service(found.name) == nil { leave(found, .removed) }
        for name in Set(observed.leftovers.map(\.service)).sorted() where !stopped.contains(name) {
            steps.append(Step(action: .stopOld, target: .service(name), reason: .leftOver))
        }
        return steps
            + observed.resources.filter { desired.resource($0.name) == nil }
            .map { Step(action: .retire, target: .resource($0.name), reason: .removed) }
            + idleCertificates.map { Step(action: .retire, target: .certificate($0), reason: .removed) }
    }
}
