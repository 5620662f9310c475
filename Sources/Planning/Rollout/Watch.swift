package import Spec

/// Decides from what a new release answers whether it may stay, as its window passes.
///
/// A state machine without a clock: `elapsed` is the time since the watch began. `docs/release.md` states the rules.
package struct Watch: Hashable, Sendable {
    /// What was learned at one look.
    package enum Look: Hashable, Sendable {
        /// One entry for each watched service.
        case signals([ServiceSignals])
        /// The front door or the supervisor did not answer.
        case missing(String)
    }

    /// What follows from a look.
    package enum Decision: Hashable, Sendable {
        /// Look again after the interval.
        case goOn
        case pass([WatchNote])
        case fail(WatchFailure)
    }

    private let settings: WatchSettings
    private let objectives: [ServiceName: ServiceObjective]
    private var baseline: [ServiceName: ServiceSignals]
    private var lastAnswer: Duration = .zero
    private var latest: [ServiceName: ServiceSignals] = [:]
    /// Failed probes at the first look: a watch that is taken up again judges its own time.
    private var probesBefore: [ServiceName: Int] = [:]

    /// - Parameters:
    ///   - objectives: of every watched service.
    ///   - baseline: the signals of the releases that served before, as of before the switch; none for new services.
    package init(
        settings: WatchSettings, objectives: [ServiceName: ServiceObjective], baseline: [ServiceSignals]
    ) {
        self.settings = settings
        self.objectives = objectives
        self.baseline = Dictionary(baseline.map { ($0.service, $0) }) { first, _ in first }
    }

    /// Sets what the old releases answer in the same time, where they still serve, in the place of what they did before.
    package mutating func compare(with old: [ServiceSignals]) {
        for signal in old { baseline[signal.service] = signal }
    }

    /// What was last seen of a service.
    package func latest(_ service: ServiceName) -> ServiceSignals? { latest[service] }

    /// Takes one look into account.
    package mutating func take(_ look: Look, elapsed: Duration) -> Decision {
        switch look {
        case .missing(let why):
            let silence = elapsed - lastAnswer
            return silence > settings.patience ? .fail(.noData(since: silence, why: why)) : .goOn
        case .signals(let signals):
            lastAnswer = elapsed
            for signal in signals where objectives[signal.service] != nil {
                latest[signal.service] = signal
                if probesBefore[signal.service] == nil { probesBefore[signal.service] = signal.failedProbes }
            }
        }
        for name in objectives.keys.sorted() {
            guard let signal = latest[name] else { return .fail(.noData(since: elapsed, why: "no signals of \(name)")) }
            if let failure = processFailure(signal) ?? clearErrors(signal) { return .fail(failure) }
        }
        guard elapsed >= settings.window else { return .goOn }
        return verdict()
    }

    private func verdict() -> Decision {
        var notes: [WatchNote] = []
        for name in objectives.keys.sorted() {
            guard let signal = latest[name] else { continue }
            if let failure = errors(signal) ?? slowness(signal) { return .fail(failure) }
            if signal.requests < settings.minimumRequests {
                notes.append(
                    .notEnoughTraffic(service: name, requests: signal.requests, needed: settings.minimumRequests))
            }
        }
        return .pass(notes)
    }

    // MARK: Rules

    private func processFailure(_ signal: ServiceSignals) -> WatchFailure? {
        if signal.failedReplicas > 0 {
            return .replicasFailed(service: signal.service, count: signal.failedReplicas, detail: signal.detail)
        }
        if signal.restarts > 0 {
            return .restarted(service: signal.service, count: signal.restarts, detail: signal.detail)
        }
        // Behind what explains it. Its errors end with the ejection: their share would not tell any more.
        if signal.ejectedReplicas > 0 {
            return .replicasEjected(service: signal.service, count: signal.ejectedReplicas)
        }
        let failures = (signal.failedProbes ?? 0) - (probesBefore[signal.service] ?? 0)
        if failures >= Self.mostFailedProbes {
            return .flapping(service: signal.service, failures: failures, detail: signal.detail)
        }
        return nil
    }

    /// During the window: what more requests would hardly change any more.
    private func clearErrors(_ signal: ServiceSignals) -> WatchFailure? {
        guard signal.requests >= settings.minimumRequests, signal.errors >= Self.fewestErrorsAtOnce else { return nil }
        let least = Self.leastShare(errors: signal.errors, of: signal.requests)
        return least > max(allowed(signal.service), oldShare(signal.service)) ? errorFailure(signal) : nil
    }

    /// At the end of the window.
    private func errors(_ signal: ServiceSignals) -> WatchFailure? {
        guard signal.errors >= Self.fewestErrors else { return nil }
        let tooFew = signal.requests < settings.minimumRequests
        if tooFew, signal.errorShare <= 0.5 { return nil }
        return signal.errorShare > max(allowed(signal.service), oldShare(signal.service)) ? errorFailure(signal) : nil
    }

    private func slowness(_ signal: ServiceSignals) -> WatchFailure? {
        let objective = objectives[signal.service]
        let old = baseline[signal.service].flatMap { $0.requests >= settings.minimumRequests ? $0 : nil }
        func judge(_ percentile: Int, _ found: Duration?, _ target: Duration?, _ before: Duration?) -> WatchFailure? {
            // The p99 of fewer than 100 requests is their slowest.
            guard signal.requests >= max(settings.minimumRequests, percentile == 99 ? 100 : 0) else { return nil }
            guard let found, let target, found > target else { return nil }
            if let before, found <= before * Self.slowerThanOld { return nil }
            return .tooSlow(
                service: signal.service, percentile: percentile, latency: found, target: target, old: before)
        }
        return judge(50, signal.p50, objective?.p50, old?.p50) ?? judge(95, signal.p95, objective?.p95, old?.p95)
            ?? judge(99, signal.p99, objective?.p99, old?.p99)
    }

    private func errorFailure(_ signal: ServiceSignals) -> WatchFailure {
        .tooManyErrors(
            service: signal.service, errors: signal.errors, requests: signal.requests,
            allowed: allowed(signal.service), old: baseline[signal.service].map(\.errorShare))
    }

    private func allowed(_ name: ServiceName) -> Double {
        1 - (objectives[name]?.availability ?? settings.defaultAvailability)
    }

    /// What the old release failed; 0 when it served too little to say.
    private func oldShare(_ name: ServiceName) -> Double {
        guard let old = baseline[name], old.requests >= settings.minimumRequests else { return 0 }
        return old.errorShare
    }

    /// One or two failed probes of a replica may be bad luck; the third in one watch is a habit, in a row or not.
    private static let mostFailedProbes = 3
    /// One or two failed requests end no release.
    private static let fewestErrors = 3
    private static let fewestErrorsAtOnce = 5
    /// A new release may be this much slower than an old one that was too slow already.
    private static let slowerThanOld = 1.2

    /// The lower end of the Wilson score interval at 99 %: the share that the errors prove at least.
    /// E. B. Wilson, J. Am. Stat. Assoc. 22 (1927), 209–212.
    static func leastShare(errors: Int, of requests: Int) -> Double {
        guard requests > 0 else { return 0 }
        let n = Double(requests)
        let share = Double(errors) / n
        let z = 2.5758
        let middle = share + z * z / (2 * n)
        let spread = z * ((share * (1 - share) + z * z / (4 * n)) / n).squareRoot()
        return (middle - spread) / (1 + z * z / n)
    }
}
