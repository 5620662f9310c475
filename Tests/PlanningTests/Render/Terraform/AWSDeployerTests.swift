import Foundation
import Spec
import TestKit
import Testing

@testable import Planning

@Suite("Who ships to AWS")
struct AWSDeployerTests {
    private static func subject(_ resources: String, uses: String) throws -> RenderSubject {
        let text = """
            hauban: 1
            platform: shop
            services:
              api: {run: ./api, image: shop/api:1, port: 8080, health: /health, uses: {\(uses)}}
            resources: {\(resources)}
            environments: {prod: {target: aws, regions: [eu-west-1], domain: shop.example, tls: {issuer: managed}}}
            """
        let parsed = ParsedPlatform.parse(bytes: Array(text.utf8), name: "hauban.yaml")
        #expect(!parsed.diagnostics.hasErrors, "\(parsed.diagnostics)")
        return try #require(RenderSubject(parsed, files: RepositoryFiles([:])))
    }

    /// What the deployer of the one environment may use.
    private static func services(_ subject: RenderSubject) throws -> Set<String> {
        let bootstrap = try #require(
            TerraformRenderer().render(subject).artifacts.first { $0.path.hasSuffix("bootstrap-aws/main.tf") })
        let list = try #require(bootstrap.text.split(separator: "services = [").last?.split(separator: "]").first)
        return Set(list.split { !$0.isLetter && !$0.isNumber && $0 != "-" }.map(String.init))
    }

    @Test("the deployer has the services of its root and no other")
    func narrow() throws {
        let plain = try Self.services(Self.subject("", uses: ""))
        #expect(plain.isSuperset(of: ["ecs", "ec2", "logs", "cloudwatch", "kms"]))
        #expect(
            plain.isDisjoint(with: [
                "rds", "elasticache", "sqs", "eks", "elasticloadbalancing", "cloudfront", "budgets",
            ]))
        let kept = try Self.services(
            Self.subject("db: {kind: postgres}, cache: {kind: redis}", uses: "db: write, cache: write"))
        #expect(kept.subtracting(plain).isSuperset(of: ["rds", "elasticache"]))
        #expect(kept.isDisjoint(with: ["sqs", "eks", "cloudfront"]))
    }

    @Test("every kind of thing that is rendered has its actions, and each root's are its deployer's")
    func whole() throws {
        var kinds: Set<String> = []
        for name in AWSExample.names {
            let subject = try AWSExample.subject(name)
            let artifacts = TerraformRenderer().render(subject).artifacts
            // The bootstrap and its module are applied by somebody else.
            for artifact in artifacts
            where !artifact.path.contains("/bootstrap") && !artifact.path.contains("/aws-deployer/") {
                kinds.formUnion(AWSActions.kinds(in: artifact.text))
            }
            for place in subject.places(on: [.aws]) {
                let root = AWSRoot(subject: subject, place: place)
                let own = artifacts.filter { $0.path.hasPrefix("deploy/terraform/\(place.name)/") }
                    .map { AWSActions.kinds(in: $0.text) }.reduce(into: Set()) { $0.formUnion($1) }
                #expect(own.subtracting(root.kinds) == [], "\(name) \(place.name)")
            }
        }
        #expect(kinds.count > 60)
        #expect(kinds.filter { !AWSActions.knows($0) } == [])
    }

    @Test("what the provider was seen to call is allowed")
    func seen() throws {
        let file = Golden.repository().appending(path: "Tests/PlanningTests/Golden/facts/aws-calls.txt")
        let identity = AWSModule.deployer.text
        var calls = 0
        for line in try String(contentsOf: file, encoding: .utf8).split(separator: "\n") where !line.hasPrefix("#") {
            let words = line.split(separator: " ").map(String.init)
            let patterns = AWSActions.all.allowed[words[0]] ?? []
            for call in words.dropFirst() {
                // IAM tells actions apart without regard to case.
                let isAllowed =
                    words[0] == "iam"
                    ? identity.contains("\"iam:\(call)\"")
                    : patterns.contains { AWSActions.covers($0.lowercased(), call.lowercased()) }
                #expect(isAllowed, "\(words[0]):\(call)")
                calls += 1
            }
        }
        #expect(calls > 180)
    }

    @Test("it reads no value of a secret, makes no user, and the whole of it fits into the policies")
    func bounds() {
        let text = AWSModule.deployer.text
        for word in ["PowerUserAccess", "GetSecretValue", "iam:CreateUser", "iam:*"] {
            #expect(!text.contains(word), "\(word)")
        }
        // IAM counts no white space: 6,144 characters for a policy (IAM and STS quotas).
        for part in AWSActions.parts {
            let length = part.services.reduce(60) { sum, service in
                let names = AWSActions.all.allowed[service] ?? []
                return sum + 200 + names.reduce(0) { $0 + service.count + $1.count + 4 }
            }
            #expect(length < 6_144, "\(part.name) \(length)")
        }
        #expect(AWSActions.parts.flatMap(\.services).sorted() == AWSActions.all.allowed.keys.sorted())
        for (service, names) in AWSActions.all.allowed { #expect(!names.contains("*"), "\(service)") }
    }
}
