import Planning
import Spec
import Testing

@Suite("Any plan")
struct PlanPropertyTests {
    /// Two states of one platform, random but the same each time.
    private static func pair(_ seed: UInt64) throws -> (DesiredState, DesiredState) {
        var generator = SeededGenerator(seed: seed)
        return (try state(&generator), try state(&generator))
    }

    private static func state(_ generator: inout SeededGenerator) throws -> DesiredState {
        var services: [DesiredService] = []
        for index in 0..<Int.random(in: 0...9, using: &generator) where Int.random(in: 0...3, using: &generator) > 0 {
            let isSite = Int.random(in: 0...5, using: &generator) == 0
            let listens = !isSite && Bool.random(using: &generator)
            let rollout: DesiredService.Rollout = Int.random(in: 0...3, using: &generator) == 0 ? .replace : .beside
            let shares = [100_000, 250_000, 500_000].prefix(Int.random(in: 0...3, using: &generator))
            let canary =
                rollout == .beside && !shares.isEmpty
                ? DesiredCanary(steps: shares.map { Percent(millionths: $0) }) : nil
            let version = Int.random(in: 0...2, using: &generator)
            let earlier = services.map(\.name).filter { _ in Int.random(in: 0...2, using: &generator) == 0 }
            services.append(
                DesiredService(
                    // What is configured otherwise has another fingerprint.
                    name: try Platforms.name("s\(index)"), fingerprint: "v\(version) \(isSite) \(listens) \(rollout)",
                    source: isSite ? DesiredSource(path: "/s", siteOutput: "dist") : nil,
                    replicas: Int.random(in: 1...3, using: &generator), listens: listens,
                    migrate: Bool.random(using: &generator) ? .shell("migrate") : nil, rollout: rollout,
                    canary: canary, dependsOn: earlier))
        }
        let routed = services.filter(\.isRouted)
        let resources = try (0..<3).filter { _ in Bool.random(using: &generator) }.map { index in
            DesiredResource(
                name: try #require(ResourceName("r\(index)")), kind: "postgres",
                fingerprint: "v\(Int.random(in: 0...1, using: &generator))")
        }
        return DesiredState(
            platform: try #require(PlatformName("p")), environment: try #require(EnvironmentName("e")),
            services: services, resources: resources,
            routes: routed.filter { _ in Bool.random(using: &generator) }
                .map { DesiredRoute(path: "/\($0.name)", service: $0.name) },
            smoke: routed.prefix(1).map { SmokeRequest(service: $0.name, path: "/") })
    }

    @Test("towards what is there is empty", arguments: 0..<200 as Range<UInt64>)
    func idempotent(_ seed: UInt64) throws {
        let (state, _) = try Self.pair(seed)
        #expect(try Plan.towards(state, from: try Platforms.running(state)).lines == [])
    }

    @Test("leads there, through states in which the front door leads nowhere dark", arguments: 0..<200 as Range<UInt64>)
    func arrives(_ seed: UInt64) throws {
        let (old, new) = try Self.pair(seed)
        let before = try Platforms.running(old)
        let plan = try Plan.towards(new, from: before)
        var world = World(old, before, new)
        var done: Set<String> = []
        for step in plan.steps {
            done.insert(step.id)
            world.take(step, plan, new, done)
            #expect(world.darkness == nil, "after \(step.id)")
        }
        #expect(try Plan.towards(new, from: world.observed(new)).lines == [])
        #expect(Set(world.replicas.keys.map(\.service)) == Set(new.services.filter { !$0.isSite }.map(\.name)))
    }

    @Test("broken off before it is kept leads back when it is undone in reverse", arguments: 0..<200 as Range<UInt64>)
    func returns(_ seed: UInt64) throws {
        let (old, new) = try Self.pair(seed)
        let before = try Platforms.running(old)
        let plan = try Plan.towards(new, from: before)
        let judged = plan.steps.filter { $0.phase < .settle }
        for count in 0...judged.count {
            var world = World(old, before, new)
            var done: Set<String> = []
            for step in judged.prefix(count) {
                done.insert(step.id)
                world.take(step, plan, new, done)
            }
            for step in judged.prefix(count).reversed() {
                done.remove(step.id)
                if let inverse = step.inverse { world.take(inverse, plan, new, done) }
                #expect(world.darkness == nil)
            }
            #expect(world.routing == Routing(of: before))
            #expect(world.replicas == World(old, before, new).replicas)
        }
    }

    @Test(
        "keeps its order: dependencies, phases, gates before switches, undo for all that moves",
        arguments: 0..<200 as Range<UInt64>)
    func ordered(_ seed: UInt64) throws {
        let (old, new) = try Self.pair(seed)
        let plan = try Plan.towards(new, from: try Platforms.running(old))
        #expect(plan.steps.map(\.phase) == plan.steps.map(\.phase).sorted())
        #expect(Set(plan.steps.map(\.id)).count == plan.steps.count)
        func place(_ action: Step.Action, _ name: ServiceName) -> Int? {
            plan.steps.firstIndex { $0.action == action && $0.target.services.contains(name) }
        }
        for step in plan.steps {
            switch step.action {
            case .start, .shift, .switchTraffic, .stopFirst, .withdraw: #expect(step.undo != nil, "\(step.id)")
            default: #expect(step.undo == nil, "\(step.id)")
            }
        }
        for service in new.services {
            for other in service.dependsOn {
                for action in [Step.Action.build, .migrate] {
                    if let mine = place(action, service.name), let its = place(action, other) { #expect(its < mine) }
                }
                if let mine = place(.switchTraffic, service.name), let its = place(.switchTraffic, other) {
                    #expect(its <= mine)
                    let names = plan.steps[mine].target.services
                    if its == mine, let first = names.firstIndex(of: other),
                        let second = names.firstIndex(of: service.name)
                    {
                        #expect(first < second)
                    }
                }
                // What has never served is switched before what needs it starts.
                if old.service(other) == nil, let start = place(.start, service.name) {
                    let ready = place(.switchTraffic, other) ?? place(.gate, other) ?? -1
                    #expect(ready < start)
                }
            }
            if let gate = place(.gate, service.name), let move = place(.switchTraffic, service.name) {
                #expect(gate < move)
            }
            if let migrate = place(.migrate, service.name), let start = place(.start, service.name) {
                #expect(migrate < start)
            }
        }
        try shares(plan, new)
        for name in plan.unchanged {
            #expect(!plan.steps.contains { $0.phase < .judge && $0.target.services.contains(name) })
        }
    }
}

extension PlanPropertyTests {
    /// Shares rise, each is held before the next, the whole comes after the last, and what it calls serves whole before.
    private func shares(_ plan: Plan, _ new: DesiredState) throws {
        for service in new.services {
            let own = plan.steps.indices.filter { plan.steps[$0].target.services.contains(service.name) }
            let shifts = own.filter { plan.steps[$0].action == .shift }
            guard let first = shifts.first, let canary = service.canary else {
                #expect(shifts.isEmpty)
                continue
            }
            #expect(shifts.compactMap { plan.steps[$0].share } == canary.steps)
            for shift in shifts {
                #expect(plan.steps[shift + 1].action == .hold && plan.steps[shift + 1].share == plan.steps[shift].share)
                #expect(plan.steps[shift + 1].target == plan.steps[shift].target)
            }
            let whole = try #require(own.first { plan.steps[$0].action == .switchTraffic })
            #expect(shifts.allSatisfy { $0 < whole })
            for other in service.dependsOn {
                let its = plan.steps.firstIndex { $0.action == .switchTraffic && $0.target.services.contains(other) }
                if let its { #expect(its < first) }
            }
        }
    }
}

/// A model of the world for plans: which replicas run, and where the front door leads.
private struct World {
    struct Key: Hashable {
        var service: ServiceName
        var release: ReleaseID
    }

    var replicas: [Key: String] = [:]
    var sites: [Key: String] = [:]
    var resources: [ObservedResource]
    var routing: Routing
    let before: ObservedState
    let old: DesiredState
    /// Those that are dark while they are replaced: their author's choice.
    let replaced: Set<ServiceName>

    init(_ old: DesiredState, _ before: ObservedState, _ new: DesiredState) {
        self.old = old
        replaced = Set(new.services.filter { $0.rollout == .replace }.map(\.name))
        self.before = before
        resources = before.resources
        routing = Routing(of: before)
        for service in before.services {
            let key = Key(service: service.name, release: service.release)
            if old.service(service.name)?.isSite == true {
                sites[key] = service.fingerprint
            } else {
                replicas[key] = service.fingerprint
            }
        }
    }

    mutating func take(_ step: Step, _ plan: Plan, _ new: DesiredState, _ done: Set<String>) {
        let release = ReleaseID(2)
        for name in step.target.services {
            let mine = Key(service: name, release: release)
            switch step.action {
            case .build: if let service = new.service(name), service.isSite { sites[mine] = service.fingerprint }
            case .start: replicas[mine] = new.service(name)?.fingerprint
            case .stopFirst: stop(name) { $0 != release }
            case .stopOld:
                let kept = plan.changed.contains(name) ? release : plan.unchanged.contains(name) ? ReleaseID(1) : nil
                stop(name) { $0 != kept }
            case .stopNew: stop(name) { $0 == release }
            case .restartOld:
                if old.service(name)?.isSite != true, let found = before.service(name) {
                    replicas[Key(service: name, release: found.release)] = found.fingerprint
                }
            default: break
            }
        }
        switch step.action {
        case .shift, .shiftBack, .switchTraffic, .switchBack, .withdraw, .restore:
            routing = plan.routing(with: done, release: release, desired: new, baseline: before)
        case .provision:
            resources.removeAll { $0.name == step.target.resource }
            if let found = step.target.resource.flatMap(new.resource) {
                resources.append(ObservedResource(name: found.name, kind: found.kind, fingerprint: found.fingerprint))
            }
        case .retire: resources.removeAll { $0.name == step.target.resource }
        default: break
        }
    }

    private mutating func stop(_ name: ServiceName, where isMeant: (ReleaseID) -> Bool) {
        replicas = replicas.filter { $0.key.service != name || !isMeant($0.key.release) }
    }

    /// A request that would find nothing; those of a service that stops first are its author's choice.
    var darkness: String? {
        for backend in routing.backends {
            let key = Key(service: backend.service, release: backend.release)
            if replicas[key] == nil, sites[key] == nil, !replaced.contains(backend.service) {
                return backend.service.text
            }
            if let newcomer = backend.newcomer {
                let key = Key(service: backend.service, release: newcomer.release)
                if replicas[key] == nil, sites[key] == nil { return "the new \(backend.service)" }
            }
        }
        return routing.routes.first { routing.release(of: $0.service) == nil }?.path
    }

    func observed(_ new: DesiredState) -> ObservedState {
        var services: [ObservedService] = []
        let served = sites.filter { routing.release(of: $0.key.service) == $0.key.release }
        for (key, fingerprint) in replicas.merging(served, uniquingKeysWith: { $1 }) {
            services.append(
                ObservedService(
                    name: key.service, release: key.release, fingerprint: fingerprint, readyReplicas: 1,
                    state: .running, isRouted: routing.release(of: key.service) != nil))
        }
        return ObservedState(services: services, resources: resources, routes: routing.routes, lastGood: new)
    }
}
