import Foundation
import Planning
import Spec
import Testing

@Suite struct PolicyGoldenTests {
    @Test("a platform that breaks a rule is told so in these words", arguments: GoldenCase.all)
    func says(_ golden: GoldenCase) throws {
        let today = try #require(GoldenCase.today)
        let actual = try golden.actual(today: today)
        if ProcessInfo.processInfo.environment["UPDATE_GOLDEN"] == "1" {
            try golden.record(actual)
            Issue.record("recorded \(golden.testDescription); run again without UPDATE_GOLDEN")
        }
        #expect(actual == golden.expected)
        #expect(!actual.isEmpty)
    }

    @Test("there are at least thirty bad platforms")
    func enough() {
        #expect(GoldenCase.all.count >= 30)
    }

    @Test("every rule's id is said by one of them")
    func covered() {
        let said = GoldenCase.all.map(\.expected).joined()
        let missing = DiagnosticID.allCases.filter { $0.isPolicy && !said.contains("[\($0.rawValue)]") }
        #expect(missing.isEmpty)
    }

    @Test("no report holds a secret")
    func hidden() {
        let said = GoldenCase.all.map(\.expected).joined()
        for secret in ["IOSFODNN7EXAMPLE", "0123456789abcdef", "hunter2", "correct horse", "eyJzdWIi"] {
            #expect(!said.contains(secret))
        }
    }
}
