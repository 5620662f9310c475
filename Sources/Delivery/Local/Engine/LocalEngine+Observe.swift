import FrontDoor
package import Planning
import Spec
import World

extension LocalEngine {
    package func observe(within deadline: Duration) async throws -> ObservedState {
        try await Deadline.run(deadline, for: "look at what runs", keeper) {
            guard let supervisor = try await knownSupervisor() else { return ObservedState() }
            let statuses = try await supervisor.status()
            // What the front door serves decides what is taken off it: not to know is no reason to take everything off.
            let isUp = statuses.contains { $0.id == Self.frontDoorID && !$0.state.isFinal }
            let configuration =
                isUp ? try await answeringFrontDoor() : try StateFile(path: place.frontDoorState).load()
            return try observed(statuses, configuration)
        }
    }

    private func observed(_ statuses: [WorkloadStatus], _ configuration: FrontDoorConfiguration?) throws
        -> ObservedState
    {
        var replicas: [ServiceName: [ReleaseID: [WorkloadStatus]]] = [:]
        for status in statuses where status.kind == .service {
            guard let name = ServiceName(status.name), let release = ReleaseID(status.release) else { continue }
            replicas[name, default: [:]][release, default: []].append(status)
        }
        let (routed, newcomers, routes) = configuration?.observed ?? ([:], [:], [])
        var services: [ObservedService] = []
        var leftovers: [Leftover] = []
        for name in Set(replicas.keys).union(routed.keys).sorted() {
            let own = replicas[name] ?? [:]
            guard let serving = routed[name] ?? Self.working(own) else { continue }
            var found = try service(name, serving, own[serving] ?? [], isRouted: routed[name] != nil)
            found.newcomer = newcomers[name]
            services.append(found)
            leftovers += own.keys.filter { $0 != serving }.map { Leftover(service: name, release: $0) }
        }
        let resources = statuses.filter { $0.kind == .resource }.compactMap { status in
            ResourceName(status.name).map { name in
                let mark = ResourceMark.read(place.state + "/resources", name)
                return ObservedResource(
                    name: name, kind: mark?.kind ?? "", version: mark?.version, fingerprint: mark?.fingerprint ?? "",
                    isRunning: status.state == .ready)
            }
        }
        return ObservedState(
            services: services, resources: resources, routes: configuration == nil ? nil : routes,
            tls: configuration.flatMap { Self.tls(of: $0) },
            leftovers: leftovers)
    }

    /// A worker's release: the one with the most ready replicas, then the newest.
    private static func working(_ replicas: [ReleaseID: [WorkloadStatus]]) -> ReleaseID? {
        replicas.max { left, right in
            let counts = [left, right].map { entry in entry.value.filter { $0.state == .ready }.count }
            return (counts[0], left.key) < (counts[1], right.key)
        }?.key
    }

    private func service(
        _ name: ServiceName, _ release: ReleaseID, _ replicas: [WorkloadStatus], isRouted: Bool
    ) throws -> ObservedService {
        let part = try releases.load(release).part(name)
        let ready = replicas.filter { $0.state == .ready }.count
        let state: ObservedService.State =
            if part?.service.isSite == true {
                isRouted ? .running : .stopped
            } else if replicas.contains(where: { $0.state == .failed }) {
                .failed
            } else if replicas.isEmpty || replicas.allSatisfy({ $0.state == .stopped }) {
                .stopped
            } else if ready == replicas.count {
                .running
            } else {
                .starting
            }
        return ObservedService(
            name: name, release: release, fingerprint: part?.service.fingerprint ?? "", readyReplicas: ready,
            state: state, isRouted: isRouted)
    }

    package func signals(
        of subjects: [SignalSubject], window: Duration, within deadline: Duration
    ) async throws -> [ServiceSignals] {
        let seconds = max(1, Int(window.components.seconds))
        let signals = try await frontDoor.signals(window: min(seconds, 300), deadline: deadline)
        let standing = try? await frontDoor.health(deadline: deadline).replicas
        let statuses = try await supervisor().status(within: deadline)
        return subjects.map { subject in
            let own = statuses.filter { $0.name == subject.service.text && $0.release == "\(subject.release)" }
            var result = ServiceSignals(
                service: subject.service, release: subject.release,
                restarts: own.reduce(0) { $0 + $1.restarts },
                failedReplicas: own.filter { $0.state != .ready }.count)
            let fallen = own.lazy.compactMap { status in status.lastFault.map { "\(status.id): \($0)" } }.first
            let unwell = own.first { $0.state != .ready }
            result.failedProbes = own.compactMap(\.failedProbes).max()
            let flapping = own.max { ($0.failedProbes ?? 0) < ($1.failedProbes ?? 0) }
            result.detail =
                fallen ?? unwell.map { "\($0.id) is \($0.state.rawValue): \($0.reason)" }
                ?? flapping.flatMap { status in
                    status.failedProbes.map { "\(status.id) failed \($0) of them" }
                }
            result.ejectedReplicas =
                standing?.count {
                    $0.state == .ejected && $0.service == subject.service.text && $0.release == "\(subject.release)"
                } ?? 0
            if let figures = signals.release("\(subject.release)", of: subject.service.text) { result.take(figures) }
            return result
        }
    }
}
