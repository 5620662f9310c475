import FrontDoor
import Planning
import Spec
import World

extension ServiceSignals {
    /// Takes over what a front door counted.
    mutating func take(_ figures: ReleaseSignals) {
        requests = figures.requests
        // An answer that broke off after its head has a good status; what a retry saved was no failure.
        errors = max(figures.serverErrors, figures.upstreamFailures - figures.retries)
        guard figures.requests > 0 else { return }
        p50 = .milliseconds(figures.latency.p50)
        p95 = .milliseconds(figures.latency.p95)
        p99 = .milliseconds(figures.latency.p99)
    }
}

extension DrainResult {
    /// What a step of draining came to: what was cut is told.
    func outcome(of service: ServiceName, after limit: Duration) -> StepOutcome {
        // What even the cut did not end is ended with its replicas.
        var cut = cut
        cut.requests += inFlight
        let text = cut.sentence.map { "\($0) after \(limit.inWords) of drain" }
        return StepOutcome(note: text, remarks: text.map { ["\(service): \($0)"] } ?? [])
    }
}
