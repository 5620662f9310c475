import Spec

extension DesiredState {
    /// The longest that a step may take. An undo of a service that is no longer declared takes the limits it had before.
    package func limit(of step: Step, before: DesiredState?) -> Duration {
        let services = step.target.services.compactMap { service($0) ?? before?.service($0) }
        let old = step.target.services.compactMap { before?.service($0) ?? service($0) }
        switch step.action {
        case .provision: return limits.provision
        // Images are fetched and built for it.
        case .build, .certify: return limits.build
        case .migrate: return limits.migrate
        case .start: return limits.start
        case .gate: return longest(services.map(\.gateDeadline)) + limits.call
        case .shift, .shiftBack, .switchTraffic, .withdraw, .switchBack, .restore: return limits.call
        case .hold:
            // The first one also asks the smoke requests.
            return longest(services.compactMap(\.canary?.hold))
                + smoke.reduce(watch.patience + limits.call) { $0 + $1.timeout }
        case .watch: return watch.window + watch.patience + limits.call
        case .smoke: return smoke.reduce(limits.call) { $0 + $1.timeout }
        case .drain: return longest(old.map(\.drain)) + limits.call
        case .stopFirst, .stopOld: return longest(old.map(\.stopGrace)) + limits.call
        case .retire: return limits.start
        case .stopNew: return longest(services.map { $0.drain + $0.stopGrace }) + limits.call
        case .restartOld: return limits.start + longest(old.map(\.gateDeadline))
        }
    }

    private func longest(_ durations: [Duration]) -> Duration { durations.max() ?? .zero }
}
