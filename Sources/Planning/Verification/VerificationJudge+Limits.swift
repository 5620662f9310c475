import Spec

/// The limits of `accept`, against what was measured.
extension VerificationJudge {
    /// A value with its unit, and whether the condition holds of it.
    private struct Reading: Sendable, Hashable {
        var text: String
        var isMet: Bool
    }

    func limit(
        _ name: PlainName, _ condition: Condition, _ answer: Answer<[String: VerificationMeasure]>,
        over window: Duration, _ fact: VerificationFact
    ) -> VerificationFinding {
        let reading: Answer<Reading> =
            switch answer {
            case .got(let measures): read(condition, measures)
            case .failed(let why): .failed(why)
            case .unasked(let why): .unasked(why)
            }
        var finding = VerificationFinding(
            kind: .limit, subject: "\(name)", outcome: .unknown, limit: condition.text,
            service: condition.target.flatMap { plan.desired.service($0.cast())?.name }, at: fact.at, took: fact.took)
        switch reading {
        case .got(let value):
            finding.measured = "\(value.text) over \(window.inWords)"
            finding.outcome = value.isMet ? .met : .notMet
        case .failed(let why):
            finding.outcome = .notMet
            finding.reason = why
        case .unasked(let why): finding.reason = why
        }
        return finding
    }

    private func read(_ condition: Condition, _ measures: [String: VerificationMeasure]) -> Answer<Reading> {
        guard let target = condition.target?.text, let measure = measures[target] else {
            return .unasked("nothing of it is measured here")
        }
        switch condition.signal {
        case .errors:
            return traffic(measure) {
                .share($0.errorShare)
            } holding: {
                condition
            }
        case .availability:
            return traffic(measure) {
                .share(1 - $0.errorShare)
            } holding: {
                condition
            }
        case .p50:
            return traffic(measure) {
                $0.p50.map(Value.time)
            } holding: {
                condition
            }
        case .p95:
            return traffic(measure) {
                $0.p95.map(Value.time)
            } holding: {
                condition
            }
        case .p99:
            return traffic(measure) {
                $0.p99.map(Value.time)
            } holding: {
                condition
            }
        case .rate:
            let seconds = max(0.001, plan.window / .seconds(1))
            return traffic(measure) {
                .rate(Double($0.requests) / seconds)
            } holding: {
                condition
            }
        case .cpu: return usage(measure.cpu, of: measure.cpuOf, condition)
        case .memory: return usage(measure.memory, of: measure.memoryOf, condition)
        case .up: return count(measure.ready, condition)
        case .restarts: return count(measure.restarts, condition)
        case .disk, .connections, .lag, .logs, .spend:
            return .unasked("`\(condition.signal.rawValue)` is asked of monitoring, not by a verification")
        }
    }

    private enum Value {
        case share(Double)
        case time(Duration)
        case rate(Double)
        case count(Int)

        var text: String {
            switch self {
            case .share(let share): percent(share)
            case .time(let time): time.inWords
            case .rate(let rate): "\((rate * 10).rounded() / 10)/s"
            case .count(let count): "\(count)"
            }
        }

        /// Compared in the unit of the bound.
        func holds(_ condition: Condition) -> Bool? {
            switch (self, condition.bound) {
            case (.share(let share), .percent(let bound)): condition.comparison.holds(share, bound.fraction)
            case (.time(let time), .duration(let bound)): condition.comparison.holds(time, bound)
            case (.rate(let rate), .rate(let bound)): condition.comparison.holds(rate, bound.perSecond)
            case (.count(let count), .count(let bound)): condition.comparison.holds(count, bound)
            case (.share, _), (.time, _), (.rate, _), (.count, _): nil
            }
        }
    }

    private func judged(_ value: Value, _ condition: Condition, _ note: String = "") -> Answer<Reading> {
        guard let isMet = value.holds(condition) else { return .unasked("its bound has another unit") }
        return .got(Reading(text: value.text + note, isMet: isMet))
    }

    private func traffic(
        _ measure: VerificationMeasure, _ value: (ServiceSignals) -> Value?, holding condition: () -> Condition
    ) -> Answer<Reading> {
        switch measure.traffic {
        case .got(let signals)?:
            let needed = plan.desired.watch.minimumRequests
            guard signals.requests >= needed || condition().signal == .rate, let value = value(signals) else {
                return .unasked("it took \(signals.requests) of the \(needed) requests that judging it takes")
            }
            return judged(value, condition(), " of \(signals.requests) requests")
        case .failed(let why)?: return .failed(why)
        case .unasked(let why)?: return .unasked(why)
        case nil: return .unasked("it takes no requests here")
        }
    }

    private func usage(_ answer: Answer<Double>?, of whole: String?, _ condition: Condition) -> Answer<Reading> {
        switch answer {
        case .got(let share)?: judged(.share(share), condition, whole.map { " of \($0)" } ?? "")
        case .failed(let why)?: .failed(why)
        case .unasked(let why)?: .unasked(why)
        case nil: .unasked("no process of it runs here")
        }
    }

    private func count(_ count: Int?, _ condition: Condition) -> Answer<Reading> {
        guard let count else { return .unasked("no process of it runs here") }
        return judged(.count(count), condition)
    }
}

extension Condition.Comparison {
    func holds<Value: Comparable>(_ measured: Value, _ bound: Value) -> Bool {
        switch self {
        case .above: measured > bound
        case .atLeast: measured >= bound
        case .below: measured < bound
        case .atMost: measured <= bound
        }
    }
}
