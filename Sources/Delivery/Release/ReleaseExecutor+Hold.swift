import Planning
import Spec
import World

extension ReleaseExecutor {
    /// Looks at a canary for the time of one share, beside what the old release answers in the same time.
    ///
    /// The release's other services are looked at too: those that were switched before it serve already, and those that
    /// come after it have replicas that must live. The first share begins with the smoke requests, sent to the new release.
    func hold(_ step: Step, _ context: ReleaseContext, _ record: ReleaseRecord) async throws -> Outcome {
        guard let share = step.share else { return .done(note: nil, remarks: []) }
        let group = step.target.services.compactMap(context.desired.service)
        if record.plan.steps.first(where: { $0.action == .hold && $0.target == step.target })?.id == step.id {
            let answer = try await smoke(context, forced(group, context), at: ", of the new release at \(share)")
            if case .failed = answer { return answer }
        }
        var settings = context.desired.watch
        settings.window = group.compactMap(\.canary?.hold).max() ?? settings.window
        var watch = Watch(
            settings: settings,
            objectives: Dictionary(
                context.changed.compactMap(context.desired.service).map { ($0.name, $0.objective) }
            ) { first, _ in first },
            baseline: record.signals ?? [])
        let new = context.changed.map { SignalSubject(service: $0, release: context.release) }
        let old = group.compactMap { service in
            context.oldRelease(of: service.name).map { SignalSubject(service: service.name, release: $0) }
        }
        let keeper = self.settings.keeper
        let began = keeper.uptime()
        var told: Duration = .zero
        while true {
            var found: Watch.Look
            var others: [ServiceSignals] = []
            do {
                // Whole seconds, rounded up: the first requests of a share are as good a sign as the last.
                let seconds = (keeper.uptime() - began).components.seconds + 1
                let signals = try await look(at: new + old, window: .seconds(seconds), settings.patience)
                others = signals.filter { $0.release != context.release }
                watch.compare(with: others)
                found = .signals(signals.filter { $0.release == context.release })
            } catch {
                if Task.isCancelled { throw error }
                found = .missing(Self.message(error))
            }
            let elapsed = keeper.uptime() - began
            let decision = watch.take(found, elapsed: elapsed)
            let isMilestone = elapsed - told >= max(.seconds(10), settings.window / 6)
            if isMilestone { told = elapsed }
            self.settings.progress(
                .held(
                    step, elapsed: elapsed, window: settings.window,
                    new: group.compactMap { watch.latest($0.name) }, old: others, isMilestone: isMilestone))
            switch decision {
            case .pass:
                let notes = group.compactMap { service in
                    watch.latest(service.name).map { seen in
                        WatchNote.judged(
                            service: service.name, share: share, requests: seen.requests, errors: seen.errors,
                            needed: settings.minimumRequests)
                    }
                }
                let seen = group.compactMap { watch.latest($0.name) }
                let requests = seen.reduce(0) { $0 + $1.requests }
                let errors = seen.reduce(0) { $0 + $1.errors }
                return .done(
                    note: "\(requests) request\(requests == 1 ? "" : "s"), \(errors) failed", remarks: notes.map(\.text)
                )
            case .fail(let failure): return .failed(.canary(share: share, failure))
            case .goOn:
                let left = settings.window - elapsed
                try await keeper.sleep(left > .zero ? min(settings.interval, left) : settings.interval)
            }
        }
    }

    /// The smoke requests of a canary's services, made so that the new release answers them whatever its share.
    private func forced(_ group: [DesiredService], _ context: ReleaseContext) -> [Planning.SmokeRequest] {
        context.desired.smoke.compactMap { request in
            guard let canary = group.first(where: { $0.name == request.service })?.canary else { return nil }
            var request = request
            request.headers = request.headers.filter { $0.key.lowercased() != canary.force.lowercased() }
            request.headers[canary.force] = "always"
            return request
        }
    }
}
