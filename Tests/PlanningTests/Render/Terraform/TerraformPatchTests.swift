import Foundation
import Spec
import TestKit
import Testing

@testable import Planning

@Suite("Patches of Terraform")
struct TerraformPatchTests {
    static func subject(_ patch: String, target: String) throws -> RenderSubject {
        let text = """
            hauban: 1
            platform: shop
            services:
              api:
                run: ./api
                image: shop/api:1
                port: 8080
                health: /health
                uses: {db: write, cache: write}
                secrets: [stripe-key]
                expose: {host: www, path: /}
                scale: {min: 2, max: 6, cpu: 70%}
                slo: {availability: 99.9%}
            resources:
              db: {kind: postgres, backup: {every: 6h, keep: 14d, rpo: 5m, rto: 15m, region: eu-central-1}}
              cache: {kind: redis}
            secrets: {stripe-key: {rotate: 90d}}
            alerts:
              api-errors: {when: errors(api) > 1%, for: 5m, level: critical, runbook: runbooks/api-errors.md}
            environments:
              prod:
                target: \(target)
                project: \(target == "aws" ? "\"123456789012\"" : "shop-prod")
                regions: [\(target == "aws" ? "eu-west-1" : "europe-west1")]
                domain: shop.example
                tls: {issuer: managed, minimum: "1.2"}
                patch:
                  \(target):
            \(patch.split(separator: "\n").map { "        " + $0 }.joined(separator: "\n"))
            """
        let parsed = ParsedPlatform.parse(bytes: Array(text.utf8), name: "hauban.yaml")
        #expect(!parsed.diagnostics.hasErrors, "\(parsed.diagnostics)")
        return try #require(RenderSubject(parsed, files: RepositoryFiles([:])))
    }

    static let aws = """
        module.service_api:
          scale: {max: 12, cpu: null}
          depends_on: [module.secret_stripe_key]
        module.task_api:
          container:
            environment: {TRACE_TO: "${module.postgres_db.host}", NOTE: "at ${var.release} of $${HOME}"}
            stop: 90
          statements:
          - {actions: ["s3:GetObject"], resources: ["arn:aws:s3:::prices/*"]}
        aws_cloudwatch_metric_alarm.api_errors:
          treat_missing_data: missing
          tags: {team: shop}
          lifecycle: {ignore_changes: [threshold]}
        aws_db_instance_automated_backups_replication.db: {timeouts: {create: 60m}}
        data.aws_route53_zone.this: {private_zone: true}
        """

    static let google = """
        module.service_api: {max_instances: 9}
        google_compute_ssl_policy.edge: {profile: CUSTOM, custom_features: [TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384]}
        google_monitoring_alert_policy.api_errors: {alert_strategy: {auto_close: 3600s}, user_labels: {team: shop}}
        google_secret_manager_secret.this:
          rotation: {next_rotation_time: "2030-01-01T00:00:00Z", rotation_period: 7776000s}
          lifecycle: {prevent_destroy: true}
        """

    private static func text(_ rendering: Rendering, _ file: String) -> String {
        rendering.artifacts.first { $0.path == "deploy/terraform/prod/\(file).tf" }?.text ?? ""
    }

    @Test("a patch changes the blocks of its root alone, and each change is listed with what stood there")
    func changes() throws {
        let plain = TerraformRenderer().render(try Self.subject("{}", target: "aws"))
        let rendering = TerraformRenderer().render(try Self.subject(Self.aws, target: "aws"))
        #expect(rendering.diagnostics.filter { $0.severity == .error } == [])
        #expect(plain.changes.isEmpty)
        let told = rendering.changes.map { "\($0.path): \($0.before ?? "nothing") > \($0.after ?? "nothing")" }
        #expect(
            told == [
                "module.service_api.scale.max: 6 > 12", "module.service_api.scale.cpu: 70 > nothing",
                "module.service_api.depends_on: nothing > [module.secret_stripe_key]",
                #"module.task_api.container.environment: nothing > { TRACE_TO = module.postgres_db.host, NOTE = "at ${var.release} of $${HOME}" }"#,
                "module.task_api.container.stop: 10 > 90",
                #"module.task_api.statements: nothing > [{ actions = ["s3:GetObject"], resources = ["arn:aws:s3:::prices/*"] }]"#,
                #"aws_cloudwatch_metric_alarm.api_errors.treat_missing_data: "notBreaching" > "missing""#,
                #"aws_cloudwatch_metric_alarm.api_errors.tags: nothing > { team = "shop" }"#,
                "aws_cloudwatch_metric_alarm.api_errors.lifecycle: nothing > { ignore_changes = [threshold] }",
                #"aws_db_instance_automated_backups_replication.db.timeouts: nothing > { create = "60m" }"#,
                "data.aws_route53_zone.this.private_zone: nothing > true",
            ])
        for change in rendering.changes {
            #expect(change.file.hasPrefix("deploy/terraform/prod/") && change.environment.text == "prod")
        }
        // What is told is what differs: the same files, the same lines but for these.
        #expect(rendering.artifacts.map(\.path) == plain.artifacts.map(\.path))
        let touched = Set(zip(rendering.artifacts, plain.artifacts).filter { $0.0 != $0.1 }.map(\.0.path))
        #expect(touched == Set(rendering.changes.map(\.file)))
        #expect(Self.text(rendering, "services").contains("max = 12"))
        #expect(!Self.text(rendering, "services").contains("cpu = 70"))
    }

    @Test("on Google Cloud as on AWS")
    func google() throws {
        let rendering = TerraformRenderer().render(try Self.subject(Self.google, target: "gcp"))
        #expect(rendering.diagnostics.filter { $0.severity == .error } == [])
        let told = rendering.changes.map { "\($0.path): \($0.before ?? "nothing") > \($0.after ?? "nothing")" }
        #expect(
            told == [
                "module.service_api.max_instances: 6 > 9",
                #"google_compute_ssl_policy.edge.profile: "MODERN" > "CUSTOM""#,
                #"google_compute_ssl_policy.edge.custom_features: nothing > ["TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384"]"#,
                #"google_monitoring_alert_policy.api_errors.alert_strategy.auto_close: "1800s" > "3600s""#,
                #"google_monitoring_alert_policy.api_errors.user_labels.team: nothing > "shop""#,
                #"google_secret_manager_secret.this.rotation: nothing > { next_rotation_time = "2030-01-01T00:00:00Z", rotation_period = "7776000s" }"#,
                "google_secret_manager_secret.this.lifecycle: nothing > { prevent_destroy = true }",
            ])
    }

    @Test(
        "a patch that would do nothing or break the root is a finding at its key, with what was meant",
        arguments: [
            ("module.service_apy: {drain: 5}", "module.service_apy", "Did you mean `module.service_api`?"),
            (
                "aws_cloudwatch_metric_alarm.api_error: {period: 5}", "api_error",
                "`aws_cloudwatch_metric_alarm.api_errors`"
            ),
            (
                "aws_ecs_service.api: {desired_count: 5}", "modules make each aws_ecs_service",
                "Patch `module.service_api` instead"
            ),
            (
                "module.service_api.aws_ecs_service.this: {a: 5}", "module aws-service, which environments share",
                "`drain`"
            ),
            ("aws_iam_policy.mine: {name: mine}", "does not have", ".tf file of your own"),
            ("provider.aws: {region: eu-west-3}", "is no address", "deploy/terraform/prod/override.tf"),
            ("module.service_api: {drian: 5}", "drian", "Did you mean `drain`?"),
            ("module.service_api: {drain: soon}", "drain", "takes a number"),
            ("module.service_api: {scale: 5}", "scale", "takes a map"),
            ("module.service_api: {scale: {maximum: 5}}", "scale.maximum", "is nothing that the module reads"),
            ("module.service_api: {scale: {max: null}}", "scale.max", "has to be there"),
            ("module.service_api: {cluster: null}", "cluster", "has to be there"),
            ("module.service_api: {edge: {listener: a}}", "edge", "has no `"),
            ("module.service_api: {name: [a]}", "name", "takes text"),
            ("module.service_api: {name: \"${var.a\"}", "name", "does not end"),
            ("module.service_api: 5", "is a block", "Name the arguments"),
            ("module.secret_stripe_key: null", "cannot be taken away", "`module.task_api` reads it"),
            ("aws_cloudwatch_metric_alarm.api_errors: {threshhold: 5}", "threshhold", "Did you mean `threshold`?"),
            ("aws_cloudwatch_metric_alarm.api_errors: {threshold: {a: 5}}", "threshold", "takes a number"),
            ("aws_cloudwatch_metric_alarm.api_errors: {alarm_actions: a}", "alarm_actions", "takes a list"),
            ("aws_cloudwatch_metric_alarm.api_errors: {metric_query: {label: a}}", "metric_query", "stands there"),
            ("aws_cloudwatch_metric_alarm.api_errors: {metric_query: [{label: a}]}", "metric_query", "has no `id`"),
            ("aws_cloudwatch_metric_alarm.api_errors: {metric_query: 5}", "metric_query", "is a block"),
            ("aws_cloudwatch_metric_alarm.api_errors: {lifecycle: {prevent: true}}", "prevent", "`prevent_destroy`"),
        ])
    func findings(_ patch: String, _ named: String, _ hint: String) throws {
        let rendering = TerraformRenderer().render(try Self.subject(patch, target: "aws"))
        let errors = rendering.diagnostics.filter { $0.severity == .error }
        let finding = try #require(errors.first)
        #expect(errors.count == 1, "\(errors.map(\.message))")
        let said = finding.message + " " + (finding.help ?? "")
        #expect(said.contains(named) && said.contains(hint), "\(said)")
        #expect(finding.span != nil && finding.environment == "prod")
        #expect(rendering.changes.isEmpty)
    }

    @Test("a whole block is taken away where nothing reads it, and a module of the author's own takes what it wants")
    func ways() throws {
        let rendering = TerraformRenderer().render(
            try Self.subject(
                """
                aws_cloudwatch_metric_alarm.api_errors: null
                module.cluster: {source: ../own/cluster, colour: {of: [roof]}}
                """, target: "aws"))
        #expect(rendering.diagnostics.filter { $0.severity == .error } == [])
        #expect(!Self.text(rendering, "watch").contains("\"api_errors\""))
        #expect(Self.text(rendering, "main").contains("colour = {\n    of = [\"roof\"]"))
        #expect(rendering.changes.count == 3)
        #expect(rendering.changes.first?.before?.contains("alarm_name = ") == true)
    }

    @Test("no warning is left of patches that are not applied", arguments: ["aws", "gcp"])
    func warning(_ target: String) throws {
        #expect(try Self.subject("{}", target: target).unapplied == [])
    }

    @Test("what every resource of a root takes is known, and what every call of a module takes is read from it")
    func shapes() throws {
        var artifacts = TerraformRenderer().render(try GooglePlatform.subject(GooglePlatform.yaml)).artifacts
        artifacts += TerraformRenderer().render(try RenderedExample.subject("skillforge")).artifacts
        for name in AWSExample.names { artifacts += TerraformRenderer().render(try AWSExample.subject(name)).artifacts }
        var kinds: Set<String> = []
        var modules: [String: String] = [:]
        var seen: Set<String> = []
        for artifact in artifacts where artifact.path.hasSuffix(".tf") && !artifact.path.contains("/bootstrap") {
            let parts = artifact.path.split(separator: "/").map(String.init)
            if parts[2] == "modules" {
                if seen.insert(artifact.path).inserted { modules[parts[3], default: ""] += artifact.text }
                continue
            }
            for line in artifact.text.split(separator: "\n") {
                let words = line.split(separator: " ").map { $0.filter { $0 != "\"" } }
                if words.count > 2, line.first != " ", words[0] == "resource" { kinds.insert(words[1]) }
                if words.count > 2, line.first != " ", words[0] == "data" { kinds.insert("data." + words[1]) }
            }
        }
        #expect(kinds.count > 15)
        for kind in kinds { #expect(TerraformFacts.shape(of: kind) != nil, "\(kind)") }
        #expect(modules.count > 30)
        for (name, text) in modules {
            let shape = TerraformShape(module: text)
            let declared = text.split(separator: "\n").filter { $0.hasPrefix("variable \"") }.count
            #expect(shape.arguments.count == declared + TerraformShape.callMeta.arguments.count, "\(name)")
            #expect(
                shape.arguments.filter { $0.value.type == .any }.keys.sorted() == ["count", "for_each"], "\(name)")
        }
    }

    /// A part of Golden/terraform-google/schema.json.
    private final class Fact: Decodable {
        var a: [String: String]?
        var b: [String: Fact]?
        var r: Int?
        var m: Int?
    }

    private struct Facts: Decodable { var resources: [String: Fact] }

    private static func shape(_ fact: Fact) -> TerraformShape {
        var shape = TerraformShape("")
        for (name, type) in fact.a ?? [:] {
            var tokens = TerraformTokens(type.filter { $0 != "!" })
            shape.arguments[name] = TerraformShape.Argument(type: tokens.type().type, isRequired: type.hasSuffix("!"))
        }
        for (name, inner) in fact.b ?? [:] {
            shape.blocks[name] = TerraformShape.Nested(
                shape: Self.shape(inner), isRequired: inner.r == 1, isRepeated: inner.m != 1)
        }
        return shape
    }

    @Test("what Google's resources take is what the provider's schema says")
    func facts() throws {
        let file = Golden.repository().appending(path: "Tests/PlanningTests/Golden/terraform-google/schema.json")
        let schema = try JSONDecoder().decode(Facts.self, from: Data(contentsOf: file))
        var compared = 0
        for (kind, fact) in schema.resources {
            guard var known = TerraformFacts.shape(of: kind) else { continue }
            known.blocks["timeouts"] = nil
            var wanted = Self.shape(fact)
            wanted.merge(.resourceMeta)
            #expect(known == wanted, "\(kind)")
            compared += 1
        }
        #expect(compared == 15)
    }
}
