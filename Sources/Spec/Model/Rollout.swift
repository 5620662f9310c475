/// How a new release of a service takes over from the old one.
package struct Rollout: Sendable, Hashable {
    package enum Way: String, Choice {
        case beside, replace, canary

        package var meaning: String {
            switch self {
            case .beside: "start the new replicas beside the old, switch all traffic in one step, then stop the old"
            case .replace: "stop the old replicas, then start the new: for consumers that must not run twice"
            case .canary: "as `beside`, but traffic moves in `steps`, each watched before the next"
            }
        }
    }

    package var way: Way
    /// Consecutive passes of readiness that open the gate.
    package var passes: Int
    /// Time that requests on the old release get to finish.
    package var drain: Duration
    /// Shares of traffic of a canary, rising.
    package var steps: [Percent]
    /// Time that each share is watched.
    package var hold: Duration

    package static let beside = Rollout(way: .beside, passes: 2, drain: .seconds(30), steps: [], hold: .seconds(60))
    package static let replace = Rollout(way: .replace, passes: 2, drain: .seconds(30), steps: [], hold: .seconds(60))

    static let shape: Shape<Rollout> = .record(
        "rollout", "How a new release takes over.",
        short: Way.shape("a way of rolling out").map(
            { way in
                var rollout = Rollout.beside
                rollout.way = way
                if way == .canary { rollout.steps = canarySteps }
                return rollout
            }, show: { $0.way.rawValue }),
        show: { $0.way.rawValue }
    ) { f in
        let way = f.value("way", Way.shape("a way of rolling out"), default: Way.beside, "How it takes over.")
        let passes = f.value("passes", .integer(1...20), default: 2, "Passes of readiness in a row that open the gate.")
        let drain = f.value(
            "drain", .duration, default: .seconds(30), "Time for requests on the old release to finish.")
        let steps = f.value(
            "steps", .list(of: .percent()), default: way == .canary ? canarySteps : [],
            because: way == .canary ? "three steps" : "only a canary has steps",
            "Shares of traffic of a canary, rising.",
            example: "[5%, 25%, 50%]", varies: "`[5%, 25%, 50%]` for a canary, none otherwise")
        let hold = f.value("hold", .duration, default: .seconds(60), "Time that each share is watched.")
        if way != .canary && !steps.isEmpty && f.isSound("way") {
            f.reportKey(
                .conflictingKeys, "only a canary has steps", "steps", with: "way",
                help: "Add `way: canary`, or take the steps away.")
        }
        for (index, (earlier, later)) in zip(steps, steps.dropFirst()).enumerated()
        where earlier >= later && f.isSound("steps", item: index) && f.isSound("steps", item: index + 1) {
            f.report(
                .outOfRange, "the steps of a canary fall from \(earlier) to \(later)", at: "steps", item: index + 1,
                help: "Each step takes more traffic than the one before: `[5%, 25%, 50%]`.")
        }
        return Rollout(way: way, passes: passes, drain: drain, steps: steps, hold: hold)
    }

    private static let canarySteps = [5, 25, 50].map { Percent(millionths: $0 * 10_000) }
}
