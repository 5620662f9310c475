import Planning
import Spec
import World

extension ReleaseExecutor {
    /// Takes the old releases' signals once, before the first switch, and writes them down.
    func measure(before step: Step, _ record: inout ReleaseRecord, _ lease: Lease) async throws {
        guard record.signals == nil, [.switchTraffic, .stopFirst, .shift].contains(step.action),
            record.plan.steps.contains(where: { $0.action == .watch || $0.action == .hold })
        else { return }
        let subjects = record.plan.changed.compactMap { name in
            record.baseline.service(name).map { SignalSubject(service: name, release: $0.release) }
        }
        var signals: [ServiceSignals] = []
        if !subjects.isEmpty {
            let limit = record.desired.limits.call
            // Without them the objective alone is the measure.
            signals = (try? await look(at: subjects, window: .seconds(300), limit)) ?? []
        }
        record.signals = signals
        try journal.record(record.id, signals: signals, under: lease)
    }

    /// Looks at the new releases' signals until they pass or fail.
    func watch(_ context: ReleaseContext, _ record: ReleaseRecord) async throws -> Outcome {
        let settings = context.desired.watch
        let keeper = self.settings.keeper
        let services = context.changed.compactMap(context.desired.service)
        let subjects = services.map { SignalSubject(service: $0.name, release: context.release) }
        var watch = Watch(
            settings: settings,
            objectives: Dictionary(services.map { ($0.name, $0.objective) }) { first, _ in first },
            baseline: record.signals ?? [])
        let began = keeper.uptime()
        while true {
            let found: Watch.Look
            do {
                let window = max(keeper.uptime() - began, settings.interval)
                found = .signals(try await look(at: subjects, window: window, settings.patience))
            } catch {
                if Task.isCancelled { throw error }
                found = .missing(Self.message(error))
            }
            let elapsed = keeper.uptime() - began
            if case .signals(let signals) = found {
                self.settings.progress(.watched(elapsed: elapsed, window: settings.window, signals))
            }
            switch watch.take(found, elapsed: elapsed) {
            case .pass(let notes):
                // A worker receives no requests; that it lived is all that can be said.
                let remarks = notes.filter { note in
                    switch note {
                    case .notEnoughTraffic(let service, _, _): context.desired.service(service)?.isRouted == true
                    case .judged: true
                    }
                }
                return .done(note: nil, remarks: remarks.map(\.text))
            case .fail(let failure): return .failed(.watch(failure))
            case .goOn:
                let left = settings.window - elapsed
                try await keeper.sleep(left > .zero ? min(settings.interval, left) : settings.interval)
            }
        }
    }

    func look(at subjects: [SignalSubject], window: Duration, _ limit: Duration) async throws
        -> [ServiceSignals]
    {
        try await Deadline.run(limit, for: "ask for the golden signals", settings.keeper) { [engine] in
            try await engine.signals(of: subjects, window: window, within: limit)
        }
    }
}
