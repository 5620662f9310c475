import Foundation
import Spec
import TestKit
import Testing

@testable import Planning

@Suite("Terraform for Google Cloud")
struct GoogleTerraformTests {
    @Test("what is rendered for the platform on Google Cloud is what was agreed on")
    func golden() throws {
        let subject = try RenderedExample.subject("skillforge")
        try RenderedExample.expect(GoogleTerraform(subject).rendering, of: "skillforge", target: "terraform", subject)
    }

    @Test("platforms without an environment on Google Cloud get no file of it")
    func elsewhere() throws {
        for name in RenderedExample.names where name != "skillforge" {
            #expect(GoogleTerraform(try RenderedExample.subject(name)).rendering == Rendering())
        }
    }

    @Test("the provider's schema and Terraform have nothing to say against it")
    func judged() throws {
        let findings = try GoogleJudge.findings([
            "skillforge": GoogleTerraform(try RenderedExample.subject("skillforge")).rendering
        ])
        #expect(findings == ["skillforge": []], "\(findings.values.flatMap { $0 }.joined(separator: "\n"))")
    }
}
