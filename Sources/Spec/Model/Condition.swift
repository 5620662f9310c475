/// `errors(api) > 1%`: a signal of a target, compared with a typed bound.
package struct Condition: Sendable, Hashable {
    /// What can be measured, by the type of its bound.
    package enum Signal: String, CaseIterable, Sendable, Hashable {
        case errors, availability, cpu, memory, disk, spend
        case p50, p95, p99
        case rate
        case connections, restarts, lag, logs
        case up

        package enum Bound: Sendable, Hashable { case percent, duration, rate, count }

        package var bound: Bound {
            switch self {
            case .errors, .availability, .cpu, .memory, .disk, .spend: .percent
            case .p50, .p95, .p99: .duration
            case .rate: .rate
            case .connections, .restarts, .lag, .logs, .up: .count
            }
        }

        package var meaning: String {
            switch self {
            case .errors: "share of requests answered 5xx"
            case .availability: "share of requests not answered 5xx"
            case .cpu: "use of the processors asked for"
            case .memory: "use of the memory asked for"
            case .disk: "use of the storage asked for"
            case .spend: "share of the month's budget, forecast to its end; no target"
            case .p50, .p95, .p99: "latency at the \(rawValue.dropFirst())th percentile"
            case .rate: "requests a second"
            case .connections: "open connections of a database"
            case .restarts: "restarts of replicas within the alert's time"
            case .lag: "messages of a topic that nobody has read yet"
            case .logs: "log lines of a service that hold a text: `logs(api, \"prompt_injection\") > 0`"
            case .up: "replicas that are ready"
            }
        }
    }

    package enum Comparison: String, CaseIterable, Sendable, Hashable {
        case atLeast = ">="
        case atMost = "<="
        case above = ">"
        case below = "<"
    }

    package enum Bound: Sendable, Hashable {
        case percent(Percent)
        case duration(Duration)
        case rate(Rate)
        case count(Int)
    }

    package var signal: Signal
    /// A service or a resource; `nil` for `spend()`.
    package var target: EdgeName?
    /// The text that `logs` counts.
    package var pattern: String?
    package var comparison: Comparison
    package var bound: Bound

    static let shape: Shape<Condition> = .scalar(
        "a condition", pattern: "^[a-z0-9]+\\(.*\\) *(>=|<=|>|<) *\\S+$",
        examples: ["errors(api) > 1%", "p99(api) > 2s"], parse: parse, show: { $0.text })

    package var text: String {
        let inside = [target?.text, pattern.map(JSONText.quoted)].compactMap { $0 }.joined(separator: ", ")
        let value =
            switch bound {
            case .percent(let percent): percent.description
            case .duration(let duration): DurationText.text(duration)
            case .rate(let rate): rate.description
            case .count(let count): "\(count)"
            }
        return "\(signal.rawValue)(\(inside)) \(comparison.rawValue) \(value)"
    }

    private static func parse(_ text: String) -> Result<Condition, Shape<Condition>.Problem> {
        let form = "The form is `signal(target) > bound`, for example `errors(api) > 1%`."
        guard let open = text.firstIndex(of: "("), let close = text.lastIndex(of: ")"), open < close else {
            return .failure(.init(.badCondition, "'\(text)' is not a condition", help: form))
        }
        let word = String(text[..<open]).trimmed
        guard let signal = Signal(rawValue: word) else {
            let near = KeyHint.nearest(to: word, among: Signal.allCases.map(\.rawValue))
            return .failure(
                .init(
                    .badCondition, "'\(word)' is not a signal",
                    help: near.map { "Did you mean `\($0)`?" }
                        ?? "Signals are " + Signal.allCases.map(\.rawValue).joined(separator: ", ") + "; "
                        + "anything else can be asked with `promql:`.",
                    fix: near.map { $0 + String(text[open...]) }))
        }
        var arguments = String(text[text.index(after: open)..<close]).trimmed
        var pattern: String?
        if signal == .logs {
            guard let comma = arguments.firstIndex(of: ",") else {
                return .failure(
                    .init(
                        .badCondition, "logs() needs the text to count",
                        help: "For example `logs(api, \"denied\") > 0`."))
            }
            let quoted = String(arguments[arguments.index(after: comma)...]).trimmed
            guard quoted.count > 2, quoted.hasPrefix("\""), quoted.hasSuffix("\"") else {
                return .failure(
                    .init(
                        .badCondition, "the text to count must be in double quotes",
                        help: "For example `logs(api, \"denied\") > 0`."))
            }
            pattern = String(quoted.dropFirst().dropLast())
            arguments = String(arguments[..<comma]).trimmed
        }
        var target: EdgeName?
        if signal == .spend {
            guard arguments.isEmpty else {
                return .failure(
                    .init(
                        .badCondition, "spend() has no target", help: "It is the whole environment's: `spend() > 80%`.")
                )
            }
        } else {
            guard let name = EdgeName(arguments) else {
                return .failure(.init(.badCondition, "'\(arguments)' cannot be a service or a resource", help: form))
            }
            target = name
        }
        let rest = String(text[text.index(after: close)...]).trimmed
        guard let comparison = Comparison.allCases.first(where: { rest.hasPrefix($0.rawValue) }) else {
            return .failure(.init(.badCondition, "'\(text)' compares nothing", help: form))
        }
        let value = String(rest.dropFirst(comparison.rawValue.count)).trimmed
        guard let bound = bound(value, signal.bound) else {
            let wanted =
                switch signal.bound {
                case .percent: "a percentage such as `1%`"
                case .duration: "a duration such as `300ms`"
                case .rate: "a rate such as `50/s`"
                case .count: "a whole number"
                }
            let share = signal.bound == .percent && Decimals.value(value[...], scale: 10_000) != nil
            return .failure(
                .init(
                    .badCondition, "\(word) is compared with \(wanted), not '\(value)'", help: form,
                    fix: share ? text.trimmed + "%" : nil))
        }
        return .success(
            Condition(signal: signal, target: target, pattern: pattern, comparison: comparison, bound: bound))
    }

    private static func bound(_ text: String, _ kind: Signal.Bound) -> Bound? {
        switch kind {
        case .percent:
            guard text.hasSuffix("%") else { return nil }
            return Decimals.value(text.dropLast(), scale: 10_000).map { .percent(Percent(millionths: $0)) }
        case .duration: return DurationText.parse(text).map { .duration($0) }
        case .rate:
            let parts = text.split(separator: "/")
            guard parts.count == 2, let count = Int(parts[0]), let per = ["s": 1, "m": 60, "h": 3600][String(parts[1])]
            else { return nil }
            return .rate(Rate(count: count, per: per))
        case .count: return Int(text).map { .count($0) }
        }
    }
}

extension String {
    /// Without white space at its ends.
    var trimmed: String {
        var view = self[...]
        while let first = view.first, first.isWhitespace { view.removeFirst() }
        while let last = view.last, last.isWhitespace { view.removeLast() }
        return String(view)
    }
}
