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

    @Test(
        "every service, resource, secret, alert and exposure is there, or a finding says why not",
        arguments: AWSExample.names)
    func whole(_ name: String) throws {
        let subject = try AWSExample.subject(name)
        let rendering = TerraformRenderer().render(subject)
        #expect(!rendering.diagnostics.hasErrors)
        for place in subject.places(on: [.aws]) {
            let folder = "deploy/terraform/\(place.name)/"
            let text = rendering.artifacts.filter { $0.path.hasPrefix(folder) }.map(\.text).joined()
            for (service, parts) in place.platform.services {
                let word = AWSNames.word(service.text)
                #expect(text.contains("module \"\(parts.site?.cdn == true ? "site" : "service")_\(word)\""))
                for secret in parts.secrets {
                    #expect(text.contains("module.secret_\(AWSNames.word(secret.key.text)).arn"))
                }
                for variable in parts.env.keys { #expect(text.contains(variable)) }
            }
            for (resource, parts) in place.platform.resources {
                #expect(text.contains("module \"\(parts.kind.moduleWord)_\(AWSNames.word(resource.text))\""))
            }
            for alert in place.platform.alerts.keys {
                let isAlarm = text.contains("\"aws_cloudwatch_metric_alarm\" \"\(AWSNames.word(alert.text))\"")
                let isSpend = alert.text == "spend" && text.contains("warnings = [")
                let isSaid = rendering.diagnostics.contains { $0.message.contains("alert `\(alert)` is no alarm") }
                #expect(isAlarm || isSpend || isSaid, "\(alert) of \(place.name)")
            }
        }
    }

    @Test("no value of a secret is in what is rendered, and no secret has a version", arguments: AWSExample.names)
    func secretsAreEmpty(_ name: String) throws {
        for artifact in TerraformRenderer().render(try AWSExample.subject(name)).artifacts {
            #expect(!artifact.text.contains("aws_secretsmanager_secret_version"), "\(artifact.path)")
            #expect(!artifact.text.contains("random_password"), "\(artifact.path)")
        }
    }

    @Test("terraform finds every root well formed and valid, with the provider of AWS")
    func valid() throws {
        var platforms: [JSONTree.Member] = []
        for name in AWSExample.names {
            let artifacts = TerraformRenderer().render(try AWSExample.subject(name)).artifacts
            platforms.append(JSONTree.Member(name, TerraformJudge.tree(artifacts)))
        }
        let patched = TerraformRenderer().render(
            try TerraformPatchTests.subject(TerraformPatchTests.aws, target: "aws"))
        platforms.append(JSONTree.Member("patched", TerraformJudge.tree(patched.artifacts)))
        let said = try TerraformJudge.run(
            """
            write({name + "/" + path: text for name, files in inputs["platforms"].items() for path, text in files.items()})
            form = terraform(".", "fmt", "-check", "-recursive", "-diff")
            print(form.stdout, form.stderr, end="", sep="")
            roots = sorted(name + "/deploy/terraform/" + root for name in inputs["platforms"]
                           for root in os.listdir(name + "/deploy/terraform")
                           if root != "modules" and os.path.isdir(name + "/deploy/terraform/" + root))
            # All roots as parts of one, so that the provider tells its schema once.
            whole = "".join('module "root%d" {\\n  source = "./%s"\\n  %s\\n}\\n' % (
                number, root, 'github_repository = "shop/shop"' if "/bootstrap" in root else 'release = "1"')
                for number, root in enumerate(roots))
            write({"main.tf": whole})
            environment["TF_CLI_CONFIG_FILE"] = os.path.abspath("override.rc")
            with open("override.rc", "w") as config:
                config.write('provider_installation {\\n  dev_overrides {\\n    "hashicorp/aws" = "%s"\\n  }\\n}\\n' % provider())
            fetched = terraform(".", "get", "-no-color")
            if fetched.returncode: print(fetched.stdout, fetched.stderr)
            verdict = json.loads(terraform(".", "validate", "-json").stdout)
            expected = ("Provider development overrides are in effect", "Backend configuration ignored")
            for finding in verdict["diagnostics"]:
                if finding["summary"] not in expected: print(json.dumps(finding))
            print(len(roots), verdict["valid"])
            """, ["platforms": .object(platforms)])
        #expect(said == "12 True\n")
    }

    @Test("shellcheck takes every script")
    func scripts() throws {
        var files: [String: String] = [:]
        for name in AWSExample.names {
            for artifact in TerraformRenderer().render(try AWSExample.subject(name)).artifacts
            where artifact.path.hasSuffix(".sh") {
                #expect(artifact.isExecutable)
                files["\(name)-\(artifact.path.replacing("/", with: "_"))"] = artifact.text
            }
        }
        #expect(files.count >= 8)
        let said = try PythonJudge().run(
            """
            import glob, os, subprocess, sys
            tool = os.path.join(os.path.dirname(sys.executable), "shellcheck")
            run = subprocess.run([tool, "--norc"] + sorted(glob.glob("*.sh")), capture_output=True, text=True)
            print(run.stdout + run.stderr, end="")
            """, files: files)
        #expect(said == "")
    }
}

extension TerraformJudge {
    /// Texts by their paths.
    static func tree(_ artifacts: [Artifact]) -> JSONTree {
        .object(artifacts.map { JSONTree.Member($0.path, .text($0.text)) })
    }
}
