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
    /// What keeps a client of a canary on its side.
    package var by: Sides
    /// The header by which a request chooses its side.
    package var force: String

    package static let beside = Rollout(
        way: .beside, passes: 2, drain: .seconds(30), steps: [], hold: .seconds(60), by: .cookie(nil),
        force: commonForce)
    package static let replace = Rollout(
        way: .replace, passes: 2, drain: .seconds(30), steps: [], hold: .seconds(60), by: .cookie(nil),
        force: commonForce)

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
        let by = f.value(
            "by", Sides.shape, default: .cookie(nil), because: "a browser stays on the version that it saw",
            "What keeps a client of a canary on its side.", example: "{header: X-User}", applies: way == .canary)
        let force = f.value(
            "force", .token("a header", examples: [commonForce]), default: commonForce, because: "a common name",
            "Header by which a request chooses: `always` the new release, whatever its share, or `never` it.",
            applies: way == .canary)
        let rollout = Rollout(way: way, passes: passes, drain: drain, steps: steps, hold: hold, by: by, force: force)
        if way == .canary { rollout.judge(&f) } else if f.isSound("way") { forbid(&f) }
        return rollout
    }

    /// What only a canary has.
    private static func forbid(_ f: inout Fields) {
        for key in ["steps", "hold", "by", "force"] where f.has(key) {
            f.reportKey(
                .conflictingKeys, "only a canary has \(key == "steps" ? "steps" : "`\(key)`")", key, with: "way",
                help: "Add `way: canary`, or take \(key == "steps" ? "the steps" : "it") away.")
        }
    }

    private func judge(_ f: inout Fields) {
        if steps.isEmpty, f.has("steps"), f.isSound("steps") {
            f.report(
                .outOfRange, "a canary without steps moves all traffic at once", at: "steps",
                help: "Name its shares, `[5%, 25%, 50%]`, or write `rollout: beside`.")
        }
        for (index, step) in steps.enumerated() where step.millionths == 0 || step.millionths >= 1_000_000 {
            f.report(
                .outOfRange, "a canary's step of \(step) is no share", at: "steps", item: index,
                help: step.millionths == 0
                    ? "Nobody would try the new release: begin with more than 0%."
                    : "All traffic moves after the last step has held: take this one away.")
        }
        for (index, (earlier, later)) in zip(steps, steps.dropFirst()).enumerated()
        where earlier >= later && f.isSound("steps", item: index) && f.isSound("steps", item: index + 1) {
            f.report(
                .outOfRange, "the steps of a canary fall from \(earlier) to \(later)", at: "steps", item: index + 1,
                help: "Each step takes more traffic than the one before: `[5%, 25%, 50%]`.")
        }
        if hold <= .zero {
            f.report(
                .outOfRange, "a share that is held for no time cannot be judged", at: "hold",
                help: "A minute is usual: `hold: 1m`.")
        }
    }

    private static let canarySteps = [5, 25, 50].map { Percent(millionths: $0 * 10_000) }
    private static let commonForce = "X-Canary"
}

extension Rollout {
    /// What keeps a client of a canary on its side.
    package enum Sides: Sendable, Hashable {
        /// The value of a cookie; `nil` is one that the front door gives.
        case cookie(String?)
        case header(String)
        /// Nothing.
        case request

        private enum Word: String, Choice {
            case cookie, request

            var meaning: String {
                switch self {
                case .cookie: "a cookie that the front door gives to clients without one"
                case .request: "nothing: each request is shared out for itself"
                }
            }
        }

        private var text: String {
            switch self {
            case .cookie(nil): "cookie"
            case .cookie(let name?): "{cookie: \(name)}"
            case .header(let name): "{header: \(name)}"
            case .request: "request"
            }
        }

        static let shape: Shape<Sides> = .record(
            "sides",
            "What keeps a client of a canary on its side. `cookie` is one that the front door gives to clients without it; "
                + "with `request` nothing does, and each request is shared out for itself.",
            short: Word.shape("a way to tell clients apart").map(
                { $0 == .cookie ? .cookie(nil) : .request }, show: { $0.text }),
            show: { $0.text }
        ) { f in
            let cookie = f.optional(
                "cookie", .token("a cookie", examples: ["session"]),
                "A cookie of yours, by whose value a client's side is chosen.", example: "session")
            let header = f.optional(
                "header", .token("a header", examples: ["X-User"]),
                "A header by whose value a client's side is chosen.", example: "X-User")
            if f.book != nil { return .request }
            if f.has("cookie"), f.has("header") {
                f.reportKey(
                    .conflictingKeys, "`cookie` and `header` exclude each other", "header", with: "cookie",
                    help: "A client is told apart by one of them.")
            }
            if let cookie { return .cookie(cookie) }
            if let header { return .header(header) }
            if !f.has("cookie"), !f.has("header") {
                f.report(
                    .missingKey, "`by` has neither `cookie` nor `header`",
                    help: "Name one, `by: {header: X-User}`, or write `by: cookie` or `by: request`.")
            }
            return nil
        }
    }
}
