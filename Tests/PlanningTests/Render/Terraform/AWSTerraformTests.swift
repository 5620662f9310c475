import Foundation
import Spec
import TestKit
import Testing

@testable import Planning

@Suite("Terraform for AWS")
struct AWSTerraformTests {
    @Test("the roots of the examples on AWS are these", arguments: AWSExample.names)
    func golden(_ name: String) throws {
        let subject = try AWSExample.subject(name)
        let rendering = TerraformRenderer().render(subject)
        #expect(rendering == TerraformRenderer().render(subject))
        // Modules are the same for all: they are kept once.
        let roots = Rendering(
            rendering.artifacts.filter { !$0.path.hasPrefix("deploy/terraform/modules/") },
            diagnostics: rendering.diagnostics)
        #expect(!roots.artifacts.isEmpty)
        try RenderedExample.expect(roots, of: name, target: "terraform-aws", subject)
    }
}
