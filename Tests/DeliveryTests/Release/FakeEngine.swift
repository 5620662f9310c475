import Delivery
import Planning
import Spec
import World

/// An engine over a world in memory, which outlives executors that crash, and notices when a request would have been lost.
actor FakeEngine: Engine {
    struct Replicas: Hashable, Sendable {
        var fingerprint: String
        var count: Int
        var isReady: Bool
    }

    struct Key: Hashable, Sendable, Comparable {
        var service: ServiceName
        var release: ReleaseID
        static func < (left: Key, right: Key) -> Bool { (left.service, left.release) < (right.service, right.release) }
    }

    /// Everything that a release leaves behind.
    struct Snapshot: Hashable, Sendable {
        var replicas: [Key: Replicas] = [:]
        var sites: [Key: String] = [:]
        var routing = Routing()
        var resources: [ResourceName: DesiredResource] = [:]
        var stoppedResources: Set<ResourceName> = []
    }

    private(set) var snapshot = Snapshot()
    private(set) var builds: Set<String> = []
    /// Each migration that ran, in order.
    private(set) var migrations: [String] = []
    private(set) var performed: [String] = []
    /// The front door's table after each step that set it.
    private(set) var tables: [(step: String, routing: Routing)] = []
    /// Each smoke request.
    private(set) var sent: [Planning.SmokeRequest] = []
    /// Moments at which the front door led to nothing that is ready.
    private(set) var darkness: [String] = []

    private var failures: [String: (error: WorldError, times: Int)] = [:]
    private var answers: [ServiceName: ServiceSignals] = [:]
    /// Below it a newcomer answers well.
    private var badFrom: [ServiceName: Percent] = [:]
    private var signalsAreMissing = false
    private var smokeStatus: [String: Int] = [:]
    private var holding: [String: Cancellable] = [:]

    struct Cancellable: Sendable {
        var began: @Sendable () -> Void
    }

    /// An equal world that goes its own way.
    func copy() -> FakeEngine {
        FakeEngine(snapshot, builds, migrations, failures, answers, badFrom)
    }

    init() {}

    private init(
        _ snapshot: Snapshot, _ builds: Set<String>, _ migrations: [String],
        _ failures: [String: (error: WorldError, times: Int)], _ answers: [ServiceName: ServiceSignals],
        _ badFrom: [ServiceName: Percent]
    ) {
        self.snapshot = snapshot
        self.builds = builds
        self.migrations = migrations
        self.failures = failures
        self.answers = answers
        self.badFrom = badFrom
    }

    // MARK: What tests set

    /// Makes a step fail, the given number of times.
    func fail(_ step: String, times: Int = .max, code: String = "broken") {
        failures[step] = (
            WorldError(code: code, operation: "do \(step)", underlying: "it broke", hint: "mend it"), times
        )
    }

    func heal() {
        failures = [:]
        answers = [:]
        badFrom = [:]
        signalsAreMissing = false
        smokeStatus = [:]
        holding = [:]
    }

    /// What releases of a service after the first one answer while they are watched.
    /// - Parameter share: below it they answer nothing with an error.
    func answer(
        _ service: ServiceName, requests: Int, errors: Int, restarts: Int = 0, from share: Percent? = nil
    ) {
        badFrom[service] = share
        answers[service] = ServiceSignals(
            service: service, release: ReleaseID(0), requests: requests, errors: errors, restarts: restarts)
    }

    /// Forgets what was performed, not what it led to.
    func forget() {
        performed = []
        tables = []
        sent = []
    }

    func loseSignals() { signalsAreMissing = true }
    func answerSmoke(_ path: String, _ status: Int) { smokeStatus[path] = status }
    /// Makes a step wait until it is cancelled.
    func hold(_ step: String, began: @escaping @Sendable () -> Void) { holding[step] = Cancellable(began: began) }

    // MARK: Engine

    func observe(within deadline: Duration) async throws -> ObservedState {
        var serving: [ServiceName: ReleaseID] = [:]
        for key in (snapshot.replicas.keys.map(\.self) + snapshot.sites.keys).sorted() {
            serving[key.service] = snapshot.routing.release(of: key.service) ?? key.release
        }
        let services = serving.compactMap { name, release -> ObservedService? in
            let key = Key(service: name, release: release)
            let isRouted = snapshot.routing.release(of: name) != nil
            let newcomer = snapshot.routing.backends.first { $0.service == name }?.newcomer?.release
            if isRouted, let site = snapshot.sites[key] {
                return ObservedService(
                    name: name, release: release, fingerprint: site, readyReplicas: 0, state: .running,
                    isRouted: isRouted, newcomer: newcomer)
            }
            guard let found = snapshot.replicas[key] else { return nil }
            return ObservedService(
                name: name, release: release, fingerprint: found.fingerprint,
                readyReplicas: found.isReady ? found.count : 0, state: found.isReady ? .running : .starting,
                isRouted: isRouted, newcomer: newcomer)
        }
        let leftovers = snapshot.replicas.keys.filter { serving[$0.service] != $0.release }
            .map { Leftover(service: $0.service, release: $0.release) }
        let resources = snapshot.resources.values.filter { !snapshot.stoppedResources.contains($0.name) }.map {
            ObservedResource(name: $0.name, kind: $0.kind, version: $0.version, fingerprint: $0.fingerprint)
        }
        return ObservedState(
            services: services, resources: resources, routes: snapshot.routing.routes, leftovers: leftovers)
    }

    func perform(_ step: Step, in context: ReleaseContext, within deadline: Duration) async throws -> StepOutcome {
        performed.append(step.id)
        if let hold = holding[step.id] {
            hold.began()
            try await Task.sleep(for: .seconds(60))
        }
        if var failure = failures[step.id], failure.times > 0 {
            failure.times -= 1
            failures[step.id] = failure
            throw failure.error
        }
        let before = snapshot
        for name in step.target.services where ![.switchTraffic, .switchBack, .shift, .shiftBack].contains(step.action)
        {
            try apply(step.action, to: name, context)
        }
        switch step.action {
        case .provision:
            if let resource = step.target.resource.flatMap(context.desired.resource) {
                snapshot.resources[resource.name] = resource
                snapshot.stoppedResources.remove(resource.name)
            }
        case .retire: if let name = step.target.resource { snapshot.stoppedResources.insert(name) }
        case .shift, .shiftBack, .switchTraffic, .switchBack, .withdraw, .restore:
            snapshot.routing = context.routing
            tables.append((step.id, context.routing))
        default: break
        }
        look(after: step)
        return StepOutcome(didChange: before != snapshot)
    }

    private func apply(_ action: Step.Action, to name: ServiceName, _ context: ReleaseContext) throws {
        let new = Key(service: name, release: context.release)
        switch action {
        case .build:
            guard let service = context.desired.service(name) else { return }
            builds.insert(service.fingerprint)
            if service.isSite { snapshot.sites[new] = service.fingerprint }
        case .migrate:
            let mark = "\(name)@\(context.release)"
            if !migrations.contains(mark) { migrations.append(mark) }
        case .start:
            guard let service = context.desired.service(name), builds.contains(service.fingerprint) else {
                throw WorldError(code: "no-build", operation: "start \(name)", underlying: "it is not built")
            }
            if snapshot.replicas[new] == nil {
                snapshot.replicas[new] = Replicas(
                    fingerprint: service.fingerprint, count: service.replicas, isReady: false)
            }
        case .gate:
            guard snapshot.replicas[new] != nil else {
                throw WorldError(code: "not-started", operation: "wait for \(name)", underlying: "nothing runs")
            }
            snapshot.replicas[new]?.isReady = true
        case .stopFirst: stop(name) { $0 != context.release }
        case .stopOld: stop(name) { $0 != context.keptRelease(of: name) }
        case .stopNew: stop(name) { $0 == context.release }
        case .restartOld:
            guard let old = context.baseline.service(name), let service = context.oldService(name) else { return }
            snapshot.replicas[Key(service: name, release: old.release)] = Replicas(
                fingerprint: service.fingerprint, count: service.replicas, isReady: true)
        case .provision, .certify, .shift, .hold, .switchTraffic, .withdraw, .watch, .smoke, .drain, .retire,
            .shiftBack,
            .switchBack, .restore:
            break
        }
    }

    private func stop(_ name: ServiceName, where isMeant: (ReleaseID) -> Bool) {
        snapshot.replicas = snapshot.replicas.filter { $0.key.service != name || !isMeant($0.key.release) }
    }

    private func look(after step: Step) {
        for backend in snapshot.routing.backends {
            let key = Key(service: backend.service, release: backend.release)
            if snapshot.replicas[key]?.isReady != true, snapshot.sites[key] == nil {
                darkness.append("\(step.id): \(backend.service) leads to \(backend.release), which is not ready")
            }
            if let newcomer = backend.newcomer {
                let key = Key(service: backend.service, release: newcomer.release)
                if snapshot.replicas[key]?.isReady != true, snapshot.sites[key] == nil {
                    darkness.append("\(step.id): \(backend.service) leads to \(newcomer.release), which is not ready")
                }
            }
        }
        for route in snapshot.routing.routes where snapshot.routing.release(of: route.service) == nil {
            darkness.append("\(step.id): \(route.path) leads to \(route.service), which is not there")
        }
    }

    func signals(
        of subjects: [SignalSubject], window: Duration, within deadline: Duration
    ) async throws -> [ServiceSignals] {
        if signalsAreMissing {
            throw WorldError(code: "refused", operation: "ask the front door", underlying: "connection refused")
        }
        return subjects.map { subject in
            let nothing = ServiceSignals(service: subject.service, release: subject.release)
            var signals = subject.release.number > 1 ? answers[subject.service] ?? nothing : nothing
            let backend = snapshot.routing.backends.first { $0.service == subject.service }
            let isServing = backend?.release == subject.release || backend?.newcomer?.release == subject.release
            if !isServing { signals.requests = 0 }
            if let from = badFrom[subject.service], let share = backend?.newcomer?.share, share < from {
                signals.errors = 0
            }
            if signals.requests == 0 { signals.errors = 0 }
            signals.release = subject.release
            return signals
        }
    }

    func send(_ request: Planning.SmokeRequest, in context: ReleaseContext) async throws -> SmokeAnswer {
        sent.append(request)
        return SmokeAnswer(status: smokeStatus[request.path] ?? request.expectStatus, body: request.expectBody ?? "")
    }

    func takeOver() {}

    func logTail(of service: ServiceName, release: ReleaseID, lines: Int) async -> [String] {
        ["\(service) \(release) said goodbye"]
    }
}
