import Foundation
import Spec
import TestKit
import Testing

@testable import Planning

/// Platforms of `Examples/` moved to AWS: only what an environment says of its place is exchanged (CE-5.4).
enum AWSExample {
    /// What stands in the place of the environments of each example.
    static let names = ["cognitive-sprint", "consciousness-engine", "skillforge"]

    /// Keys that only the cloud that is left understands, or that AWS has its own of.
    private static let moves: [String: [(old: String, new: String)]] = [
        "cognitive-sprint": [
            (
                "target: kubernetes\n    tag: v*\n    domain: sprint.example\n    context: sprint-prod\n    registry: ghcr.io/sprint",
                "target: aws\n    tag: v*\n    domain: sprint.example\n    regions: [eu-west-3]\n    project: \"123456789012\""
            ),
            (
                "tls: {issuer: letsencrypt, minimum: \"1.3\"}\n    budget",
                "tls: {issuer: managed, minimum: \"1.2\"}\n    budget"
            ),
        ],
        "consciousness-engine": [
            (
                "target: kubernetes\n    branch: main\n    context: engine-staging\n    registry: ghcr.io/consciousness-engine",
                "target: aws\n    branch: main\n    regions: [eu-west-1]\n    registry: ghcr.io/consciousness-engine"
            ),
            (
                "target: kubernetes\n    tag: v*\n    context: engine-prod-second\n    registry: registry.second.example/consciousness-engine",
                "target: aws\n    tag: v*"
            ), ("issuer: letsencrypt", "issuer: managed"), ("region: europe-west4", "region: eu-central-1"),
        ],
        "skillforge": [
            ("target: gcp", "target: aws"), ("regions: [europe-west1]", "regions: [eu-west-1]"),
            ("regions: [europe-west1, europe-west4]", "regions: [eu-west-1, eu-central-1]"),
            ("region: europe-west4", "region: eu-central-1"),
            ("registry: europe-west1-docker.pkg.dev/skillforge-dev/images", "requires: {}"),
            ("registry: europe-west1-docker.pkg.dev/skillforge-staging/images", "requires: {}"),
            (
                "registry: europe-west1-docker.pkg.dev/skillforge-prod/images\n    state: skillforge-tfstate",
                "state: skillforge-prod-tfstate"
            ),
            ("project: skillforge-dev", "project: \"111111111111\""),
            ("project: skillforge-staging", "project: \"111111111111\""),
            ("project: skillforge-prod", "project: \"222222222222\""), (" EUR", " USD"),
        ],
    ]

    static func subject(_ name: String) throws -> RenderSubject {
        let example = try RenderedExample.subject(name)
        var text = example.parsed.source.text
        for move in try #require(moves[name]) {
            try #require(text.contains(move.old), "\(name) has no \(move.old)")
            text = text.replacing(move.old, with: move.new)
        }
        let parsed = ParsedPlatform.parse(text: text, name: "Examples/\(name)/hauban.yaml")
        #expect(parsed.diagnostics.filter { $0.severity == .error } == [])
        return try #require(RenderSubject(parsed, files: example.files))
    }
}
