import Foundation
import Spec
import TestKit
import Testing

@testable import Planning

@Suite struct KubernetesRendererTests {
    static let clustered = ["cognitive-sprint", "consciousness-engine"]

    @Test("the Kubernetes files of the examples are these", arguments: RenderedExample.names)
    func golden(_ name: String) throws {
        let subject = try RenderedExample.subject(name)
        let rendering = KubernetesRenderer().render(subject)
        #expect(rendering == KubernetesRenderer().render(subject))
        #expect(!rendering.diagnostics.hasErrors)
        #expect(rendering.artifacts.isEmpty != Self.clustered.contains(name))
        try RenderedExample.expect(rendering, of: name, target: "kubernetes", subject)
    }
}
