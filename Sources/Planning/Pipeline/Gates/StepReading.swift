package import Spec

/// What the reports of a step say, and why that stops it.
package struct StepReading: Sendable, Hashable {
    /// All of them, what is waived or known included.
    package var findings: [JudgedFinding] = []
    package var tests: TestTally?
    package var coverage: LineCoverage?
    /// Packages that a bill of materials lists.
    package var components: Int?
    /// Why the gates stop it, in clauses; empty when they do not.
    package var refusals: [String] = []

    package init() {}
}

/// A finding with the gate's word on it.
package struct JudgedFinding: Sendable, Hashable {
    package enum Ruling: Sendable, Hashable {
        case stops
        /// Below the gate's level, or told only.
        case passes
        case waived(WaiverName)
        /// The target branch has it too.
        case known
    }

    package var finding: GateFinding
    package var ruling: Ruling

    package init(_ finding: GateFinding, _ ruling: Ruling) {
        self.finding = finding
        self.ruling = ruling
    }
}

/// How tests went.
package struct TestTally: Sendable, Hashable, Codable {
    package var run = 0
    package var failed = 0
    package var skipped = 0
    /// Their names.
    package var failures: [String] = []

    package init() {}

    static func + (left: TestTally, right: TestTally) -> TestTally {
        var sum = left
        sum.run += right.run
        sum.failed += right.failed
        sum.skipped += right.skipped
        sum.failures = Array((left.failures + right.failures).prefix(50))
        return sum
    }
}

/// How many lines tests ran.
package struct LineCoverage: Sendable, Hashable, Codable {
    package var covered: Int
    package var lines: Int

    package init(covered: Int, lines: Int) {
        self.covered = covered
        self.lines = lines
    }

    package var share: Double { lines == 0 ? 0 : Double(covered) / Double(lines) }

    /// Rounded down: 59.99 % is not 60 %.
    package var text: String {
        guard lines > 0 else { return "0%" }
        let tenths = covered * 1000 / lines
        return tenths % 10 == 0 ? "\(tenths / 10)%" : "\(tenths / 10).\(tenths % 10)%"
    }
}
