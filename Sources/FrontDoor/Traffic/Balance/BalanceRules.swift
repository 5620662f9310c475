package import NIOCore

/// When a replica is ejected, for how long, and how its share grows afterwards.
package struct BalanceRules: Sendable, Hashable {
    /// From a small share to the full one; zero gives the full one at once.
    package var slowStart = TimeAmount.seconds(10)
    /// The first ejection; zero ejects nothing.
    package var ejection = TimeAmount.seconds(5)
    package var longestEjection = TimeAmount.seconds(60)
    /// Requests in a row that failed in any way, 5xx included.
    var failuresInARow = 5
    /// Requests in a row without any answer.
    var lossesInARow = 3
    /// Share of the requests of `window` to `2 * window` that failed.
    var share = 0.2
    /// Fewer requests say nothing about shares.
    var shareRequests = 20
    var window = TimeAmount.seconds(5)
    /// Without ejections after all replicas were bad.
    var quiet = TimeAmount.seconds(10)

    /// What a replica takes that neither rises nor is ejected.
    package static let fullShare = 1024
    private static let smallestShare = 102

    /// The defaults.
    package init() {}

    /// As a configuration declares them.
    package init(_ balance: FrontDoorConfiguration.Balance) {
        slowStart = .milliseconds(Int64(balance.slowStartMilliseconds))
        ejection = .milliseconds(Int64(balance.ejectionMilliseconds))
        longestEjection = .milliseconds(Int64(balance.longestEjectionMilliseconds))
    }

    /// Grows evenly from a tenth.
    func share(after time: TimeAmount) -> Int {
        guard slowStart > .zero, time < slowStart else { return Self.fullShare }
        let grown = Double(max(0, time.nanoseconds)) / Double(slowStart.nanoseconds)
        return Self.smallestShare + Int(grown * Double(Self.fullShare - Self.smallestShare))
    }

    /// To find out that a replica takes connections again costs one attempt and no request: it is tried more often.
    func longest(after trouble: ReleaseBalance.Trouble) -> TimeAmount {
        trouble == .unreachable ? .nanoseconds(longestEjection.nanoseconds / 6) : longestEjection
    }

    func ejectionTime(after trouble: ReleaseBalance.Trouble, earlier: Int) -> TimeAmount {
        let first = trouble == .unreachable ? ejection.nanoseconds / 5 : ejection.nanoseconds
        let doubled =
            earlier >= 20 ? Int64.max : first.multipliedReportingOverflow(by: 1 << Int64(earlier)).partialValue
        return .nanoseconds(min(max(1, doubled), longest(after: trouble).nanoseconds))
    }
}

/// Requests and failures of the last seconds: of the window that runs and the one before.
struct BalanceTally: Sendable, Hashable {
    struct Sum: Sendable, Hashable {
        var requests = 0
        var failures = 0

        static func += (left: inout Sum, right: Sum) {
            left.requests += right.requests
            left.failures += right.failures
        }
    }

    private var number: Int64 = 0
    private var current = Sum()
    private var past = Sum()

    mutating func add(answers: Int = 0, failures: Int = 0, _ now: NIODeadline, _ rules: BalanceRules) {
        turn(now, rules)
        current.requests += answers + failures
        current.failures += failures
    }

    func sum(_ now: NIODeadline, _ rules: BalanceRules) -> Sum {
        var copy = self
        copy.turn(now, rules)
        var sum = copy.past
        sum += copy.current
        return sum
    }

    private mutating func turn(_ now: NIODeadline, _ rules: BalanceRules) {
        let wanted = Int64(now.uptimeNanoseconds) / max(1, rules.window.nanoseconds)
        guard wanted != number else { return }
        past = wanted == number + 1 ? current : Sum()
        current = Sum()
        number = wanted
    }
}
