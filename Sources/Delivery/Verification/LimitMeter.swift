import FoundationEssentials
import Planning
import Spec
import World

/// Measures what the limits of an environment are about, over their time.
///
/// Where visitors are few, requests of its own make up for them: those smoke requests that change nothing, else the question
/// of readiness. They go through the front door and are counted like any other.
struct LimitMeter: Sendable {
    private let plan: VerificationPlan
    private let engine: any VerifiedEngine
    private let keeper: Timekeeper
    private let subjects: [String]

    init(_ plan: VerificationPlan, _ engine: any VerifiedEngine, _ settings: Verifier.Settings) {
        self.plan = plan
        self.engine = engine
        keeper = settings.keeper
        subjects = Set(plan.limits.values.compactMap { $0.target?.text }).sorted()
    }

    func measure() async -> Answer<[String: VerificationMeasure]> {
        let began = keeper.uptime()
        let first: [ReplicaUsage]
        do {
            first = try await engine.usage(of: plan.desired, within: Verifier.limit)
        } catch {
            return .unasked("nobody says what runs: \(Verifier.words(error))")
        }
        let samples = await withTaskGroup(of: [[ReplicaUsage]].self) { group in
            for service in asked() {
                group.addTask {
                    await visit(service, until: began + plan.window)
                    return []
                }
            }
            group.addTask { await watch(until: began + plan.window) }
            var all: [[ReplicaUsage]] = []
            for await some in group { all += some }
            return all
        }
        guard let last = samples.last else { return .unasked("nobody said what runs while it was measured") }
        let took = keeper.uptime() - began
        let signals = await signals(over: took)
        return .got(
            Dictionary(
                uniqueKeysWithValues: subjects.map { name in
                    (name, measure(of: name, first, samples, last, over: took, signals))
                }))
    }

    // MARK: Requests

    private func asked() -> [[Planning.SmokeRequest]] {
        let signals: Set<Condition.Signal> = [.errors, .availability, .p50, .p95, .p99]
        let names = Set(
            plan.limits.values.filter { signals.contains($0.signal) }.compactMap { $0.target?.text })
        return plan.desired.services.filter { names.contains($0.name.text) }.map { service in
            let harmless = plan.desired.smoke.filter {
                $0.service == service.name && ($0.method == "GET" || $0.method == "HEAD")
            }
            if !harmless.isEmpty { return harmless }
            if case .http(let path)? = service.readiness?.check {
                return [Planning.SmokeRequest(service: service.name, path: path)]
            }
            return service.isSite ? [Planning.SmokeRequest(service: service.name, path: "/")] : []
        }.filter { !$0.isEmpty }
    }

    /// Sends as many as judging takes, evenly, and waits for the last; at most eight are under way.
    private func visit(_ requests: [Planning.SmokeRequest], until end: Duration) async {
        let context = ReleaseContext(
            release: ReleaseID(0), desired: plan.desired, baseline: ObservedState(), changed: [], routing: Routing())
        let wanted = plan.desired.watch.minimumRequests + 2
        await withTaskGroup(of: Void.self) { group in
            for number in 0..<wanted {
                if number >= 8 { await group.next() }
                let request = requests[number % requests.count]
                group.addTask { [engine] in _ = try? await engine.send(request, in: context) }
                // Who is late sends the rest at once: too few would say nothing.
                let pause = max(.zero, (end - keeper.uptime()) / (wanted - number))
                guard (try? await keeper.sleep(pause)) != nil else { break }
            }
            await group.waitForAll()
        }
    }

    /// Looks at what is used, ten times or each five seconds; the last look is at the end.
    private func watch(until end: Duration) async -> [[ReplicaUsage]] {
        var samples: [[ReplicaUsage]] = []
        while true {
            let left = end - keeper.uptime()
            let pause = min(.seconds(5), max(.milliseconds(200), plan.window / 10))
            guard (try? await keeper.sleep(max(.zero, min(left, pause)))) != nil else { return samples }
            if let usage = try? await engine.usage(of: plan.desired, within: Verifier.limit) { samples.append(usage) }
            if keeper.uptime() >= end { return samples }
        }
    }

    private func signals(over took: Duration) async -> Answer<[ServiceSignals]> {
        do {
            let observed = try await engine.observe(within: .seconds(30))
            let wanted = observed.services.filter { subjects.contains($0.name.text) && $0.isRouted }
            // The front door counts by whole seconds.
            return .got(
                try await engine.signals(
                    of: wanted.map { SignalSubject(service: $0.name, release: $0.release) },
                    window: took + .seconds(2), within: Verifier.limit))
        } catch {
            return .unasked("the front door does not say what it counted: \(Verifier.words(error))")
        }
    }

    // MARK: Figures

    private func measure(
        of name: String, _ first: [ReplicaUsage], _ samples: [[ReplicaUsage]], _ last: [ReplicaUsage],
        over took: Duration, _ signals: Answer<[ServiceSignals]>
    ) -> VerificationMeasure {
        var measure = VerificationMeasure()
        switch signals {
        case .got(let all): measure.traffic = all.first { $0.service.text == name }.map { .got($0) }
        case .failed(let why): measure.traffic = .failed(why)
        case .unasked(let why): measure.traffic = .unasked(why)
        }
        let own = last.filter { $0.name == name }
        guard !own.isEmpty else {
            if first.contains(where: { $0.name == name }) { measure.ready = 0 }
            return measure
        }
        measure.ready = own.filter(\.isReady).count
        measure.restarts = max(
            0, own.reduce(0) { $0 + $1.restarts } - first.filter { $0.name == name }.reduce(0) { $0 + $1.restarts })
        let cpu = own.map { usage -> Double in
            let before = first.first { $0.replica == usage.replica }?.cpu ?? .zero
            // Of one that was started again meanwhile, what the new process took.
            let spent = usage.cpu >= before ? usage.cpu - before : usage.cpu
            return (spent / took) / max(usage.processors, 0.001)
        }
        let unknown = own.compactMap(\.unknown).first
        measure.cpu = unknown.map { .unasked($0) } ?? cpu.max().map { .got($0) }
        measure.cpuOf = own.first?.processorWords
        let memory = samples.flatMap { $0 }.filter { $0.name == name }.map {
            Double($0.memory) / Double(max($0.memoryLimit, 1))
        }
        measure.memory = unknown.map { .unasked($0) } ?? memory.max().map { .got($0) }
        measure.memoryOf = own.first?.memoryWords
        return measure
    }
}
