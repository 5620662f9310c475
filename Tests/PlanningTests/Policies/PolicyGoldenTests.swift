import Planning
import Spec
import TestKit
import Testing

@Suite struct PolicyGoldenTests {
    @Test("a platform that breaks a rule is told so in these words", arguments: BadPlatform.all)
    func says(_ golden: GoldenCase) throws {
        let report = try BadPlatform.report(golden)
        #expect(!report.isEmpty)
        golden.expect(report, in: "expected.txt")
    }

    @Test("there are at least thirty bad platforms")
    func enough() {
        #expect(BadPlatform.all.count >= 30)
    }

    @Test("every rule's id is said by one of them")
    func covered() throws {
        let said = try BadPlatform.all.map { try BadPlatform.text($0, "expected.txt") }.joined()
        let missing = DiagnosticID.allCases.filter { $0.isPolicy && !said.contains("[\($0.rawValue)]") }
        #expect(missing.isEmpty)
    }

    @Test("no report holds a secret")
    func hidden() throws {
        let said = try BadPlatform.all.map { try BadPlatform.report($0) }.joined()
        for secret in ["IOSFODNN7EXAMPLE", "0123456789abcdef", "hunter2", "correct horse", "eyJzdWIi"] {
            #expect(!said.contains(secret))
        }
    }

    @Test("the same platform gives the same report each time", arguments: BadPlatform.all)
    func stable(_ golden: GoldenCase) throws {
        #expect(try BadPlatform.report(golden) == BadPlatform.report(golden))
    }
}
