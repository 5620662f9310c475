import Foundation
import Spec
import TestKit
import Testing

@testable import Planning

@Suite("Terraform for Google Cloud")
struct GoogleTerraformTests {
    private static func texts(_ rendering: Rendering) -> [String: String] {
        Dictionary(rendering.artifacts.map { ($0.path, $0.text) }) { first, _ in first }
    }

    @Test("what is rendered for the platform on Google Cloud is what was agreed on")
    func golden() throws {
        let subject = try RenderedExample.subject("skillforge")
        try RenderedExample.expect(GoogleTerraform(subject).rendering, of: "skillforge", target: "terraform", subject)
    }

    @Test("what the examples do not use is what was agreed on")
    func goldenOfTheRest() throws {
        let subject = try GooglePlatform.subject(GooglePlatform.yaml)
        let rendering = GoogleTerraform(subject).rendering
        let root = Rendering(
            rendering.artifacts.filter { $0.path.hasPrefix("deploy/terraform/live/") },
            diagnostics: rendering.diagnostics)
        try RenderedExample.expect(root, of: "google-features", target: "terraform", subject)
    }

    @Test("platforms without an environment on Google Cloud get no file of it")
    func elsewhere() throws {
        for name in RenderedExample.names where name != "skillforge" {
            #expect(GoogleTerraform(try RenderedExample.subject(name)).rendering == Rendering())
        }
    }

    @Test(
        "the same platform gives the same bytes, each file once, with its header; one environment alone has its files of all"
    )
    func isStable() throws {
        let subject = try RenderedExample.subject("skillforge")
        let rendering = GoogleTerraform(subject).rendering
        #expect(rendering == GoogleTerraform(try RenderedExample.subject("skillforge")).rendering)
        #expect(Set(rendering.artifacts.map(\.path)).count == rendering.artifacts.count)
        #expect(rendering.artifacts.allSatisfy { Artifact.isRendered($0.text) })
        var one = subject
        one.places = subject.places.filter { $0.name.text == "staging" }
        let alone = GoogleTerraform(one).rendering.artifacts
        #expect(alone.count > 20 && Set(alone).isSubset(of: Set(rendering.artifacts)))
        #expect(!alone.contains { $0.path.contains("/prod/") })
    }

    @Test("the provider's schema and Terraform have nothing to say against it")
    func judged() throws {
        let findings = try GoogleJudge.findings([
            "skillforge": GoogleTerraform(try RenderedExample.subject("skillforge")).rendering,
            "features": GoogleTerraform(try GooglePlatform.subject(GooglePlatform.yaml)).rendering,
            "patched": GoogleTerraform(
                try TerraformPatchTests.subject(TerraformPatchTests.google, target: "gcp")
            ).rendering,
        ])
        #expect(
            findings == ["skillforge": [], "features": [], "patched": []],
            "\(findings.values.flatMap { $0 }.joined(separator: "\n"))")
    }

    /// Each in a file of its own beside what is right.
    @Test("the judge refuses what the provider would refuse")
    func judgeRefuses() throws {
        let bad: [(text: String, finding: String)] = [
            ("resource \"google_nothing\" \"a\" {}", "is not in the schema"),
            ("resource \"google_compute_network\" \"a\" {}", "name is missing"),
            ("resource \"google_compute_network\" \"a\" {\n  name = \"a\"\n  nam = \"b\"\n}", "nam is no argument"),
            ("resource \"google_compute_network\" \"a\" {\n  name = [\"a\"]\n}", "name is string, not list"),
            (
                "resource \"google_compute_network\" \"a\" {\n  name = \"a\"\n  mtu = \"x\"\n}",
                "mtu is number, not string"
            ),
            (
                "resource \"google_compute_firewall\" \"a\" {\n  name = \"a\"\n  network = \"b\"\n  allow = []\n}",
                "allow is a block, not an argument"
            ),
            (
                "resource \"google_compute_firewall\" \"a\" {\n  name = \"a\"\n  network = \"b\"\n  allow {}\n}",
                "protocol is missing"
            ),
            (
                "resource \"google_storage_bucket\" \"a\" {\n  name = \"a\"\n  location = \"b\"\n  labels {}\n}",
                "labels is an argument, not a block"
            ),
            (
                "resource \"google_storage_bucket\" \"a\" {\n  name = \"a\"\n  location = \"b\"\n"
                    + "  versioning {\n    enabled = true\n  }\n  versioning {\n    enabled = true\n  }\n}",
                "there can be one block versioning"
            ),
            (
                "resource \"google_storage_bucket\" \"a\" {\n  name = \"a\"\n  location = \"b\"\n  versionin {}\n}",
                "versionin is no block"
            ),
            (
                "resource \"google_secret_manager_secret\" \"a\" {\n  secret_id = \"a\"\n}",
                "the block replication is missing"
            ),
            ("locals {\n  a = var.nothing\n}", "there is no such variable"),
            ("locals {\n  a = local.nothing\n}", "there is no such local value"),
            ("locals {\n  a = \"x${module.nothing.id}\"\n}", "there is no such module"),
            ("locals {\n  a = module.project.nothing\n}", "the module has no such output"),
            ("locals {\n  a = google_compute_network.nothing.id\n}", "there is no such resource"),
            ("locals {\n  a = google_compute_url_map.edge.nothing\n}", "has no such attribute"),
            ("locals {\n  a = google_secret_manager_secret.this.id\n}", "there are several, and none is chosen"),
            ("locals {\n  a = google_compute_url_map.edge[0].id\n}", "there is one alone"),
            ("locals {\n  a = each.key\n}", "each is nothing"),
            ("locals {\n  a = [for x in [1] : y.z]\n}", "y is nothing"),
            ("module \"a\" {\n  source = \"../modules/nothing\"\n}", "there is no module"),
            ("module \"a\" {\n  source = \"../modules/google-project\"\n}", "project_id is missing"),
            (
                "module \"a\" {\n  source = \"../modules/google-project\"\n  project_id = \"a\"\n  name = \"a\"\n"
                    + "  billing_account = \"a\"\n  services = [\"a\"]\n  more = 1\n}",
                "more is no variable"
            ),
            (
                "module \"a\" {\n  source = \"../modules/google-project\"\n  project_id = \"a\"\n  name = \"a\"\n"
                    + "  billing_account = \"a\"\n  services = \"a\"\n}", "services is set(string), not string"
            ),
            ("resource \"google_compute_url_map\" \"edge\" {\n  name = \"a\"\n}", "is declared twice"),
            ("locals {\n  a = \"x\n}", "is not Terraform"),
            ("variable \"a\" {\n  provider = google.nothing\n}", "there is no such provider"),
        ]
        let good = Self.texts(GoogleTerraform(try RenderedExample.subject("skillforge")).rendering)
        var cases: [String: [String: String]] = [:]
        for (index, one) in bad.enumerated() {
            cases["bad \(index)"] = good.merging(["deploy/terraform/prod/zz.tf": one.text + "\n"]) { $1 }
        }
        let findings = try GoogleJudge.findings(cases)
        for (index, one) in bad.enumerated() {
            let found = findings["bad \(index)"] ?? []
            #expect(found.contains { $0.contains(one.finding) }, "\(one.finding): \(found)")
        }
    }

    /// What checkov finds and we keep, each with its reason.
    private static let waived: [String: String] = [
        "CKV_GCP_6": "`ssl_mode` took the place of `require_ssl`, which checkov looks for",
        "CKV_GCP_12": "Autopilot's Dataplane V2 always enforces network policies",
        "CKV_GCP_28": "the files of a front end are everybody's",
        "CKV_GCP_51": "flags stand in a dynamic block, which checkov does not unfold",
        "CKV_GCP_52": "as CKV_GCP_51",
        "CKV_GCP_53": "as CKV_GCP_51",
        "CKV_GCP_54": "as CKV_GCP_51",
        "CKV_GCP_61": "Autopilot decides on visibility within a node; the subnetwork has flow logs",
        "CKV_GCP_62": "who reads objects is in the audit logs, where they are asked for; logs of logs are not",
        "CKV_GCP_65": "groups are the organisation's, which hauban.yaml does not know",
        "CKV_GCP_66": "images are gated by the pipeline's scan; nothing signs them",
        "CKV_GCP_69": "Autopilot's metadata server is always on",
        "CKV_GCP_73": "the rule is there (cve-canary), in a dynamic block",
        "CKV_GCP_79": "`version` is the author's word",
        "CKV_GCP_83": "Google's own keys encrypt everything; keys of one's own are no demand of the language",
        "CKV_GCP_84": "as CKV_GCP_83",
        "CKV_GCP_97":
            "its certificates are signed by an authority of its own, which a URL cannot name; it has only a private address",
        "CKV_GCP_108": "as CKV_GCP_51",
        "CKV_GCP_109": "as CKV_GCP_51",
        "CKV_GCP_110": "pgAudit wants its extension and settings of the author's; DDL is logged without it",
        "CKV_GCP_111": "as CKV_GCP_51",
        "CKV_GCP_114": "as CKV_GCP_28",
        "CKV_GCP_125": "the repository is a variable, and is compared as a whole together with the branch or tag",
        "CKV2_GCP_5": "who changes what is always logged; logs of each read cost more than most platforms want",
        "CKV2_GCP_13": "the time of each statement is measured by query insights",
    ]

    @Test("checkov finds nothing but what is waived with a reason")
    func checkov() throws {
        let folder = Golden.repository().appending(path: "Tests/PlanningTests/Golden/terraform-google")
        // One environment: the others say the same, and each costs seconds.
        let texts = Self.texts(GoogleTerraform(try RenderedExample.subject("skillforge")).rendering)
            .filter { !$0.key.contains("/dev/") && !$0.key.contains("/staging/") }
        let printed = try PythonJudge().run(
            try String(contentsOf: folder.appending(path: "checkov.py"), encoding: .utf8),
            files: ["cases.json": String(decoding: try JSONEncoder().encode(texts), as: UTF8.self)])
        let found = try JSONDecoder().decode([String: [String]].self, from: Data(printed.utf8))
        for (id, resources) in found where Self.waived[id] == nil { Issue.record("\(id): \(resources)") }
        #expect(Set(Self.waived.keys).subtracting(found.keys) == [], "waived for nothing")
    }

    @Test("no rendered file holds a secret's value, and no version of a secret is made")
    func noValues() throws {
        for subject in [try RenderedExample.subject("skillforge"), try GooglePlatform.subject(GooglePlatform.yaml)] {
            for artifact in GoogleTerraform(subject).rendering.artifacts {
                #expect(!artifact.text.contains("resource \"google_secret_manager_secret_version\""))
                #expect(!artifact.text.contains("data \"google_secret_manager_secret_version"))
                #expect(!artifact.text.contains(" password  ") && !artifact.text.contains("secret_data ="))
            }
        }
    }
}
