import Foundation
package import Spec

/// Terraform itself, with AWS's provider from a filesystem mirror.
package enum TerraformJudge {
    /// Where a mirror lies: `HAUBAN_TERRAFORM_PLUGINS`, else a folder `tf-plugins` of a few usual places.
    private static func plugins() throws -> String {
        if let named = ProcessInfo.processInfo.environment["HAUBAN_TERRAFORM_PLUGINS"] { return named }
        let home = FileManager.default.homeDirectoryForCurrentUser.path
        let roots = ["/opt", "/usr/local/share", "/usr/share", "/var/lib", home, home + "/.cache"]
        let found = roots.map { $0 + "/tf-plugins" }.first { FileManager.default.fileExists(atPath: $0) }
        guard let found else {
            throw PythonJudge.Refused(
                description:
                    "no folder tf-plugins with the provider of AWS: `terraform providers mirror` makes one, and "
                    + "HAUBAN_TERRAFORM_PLUGINS names it")
        }
        return found
    }

    /// A start of every script: `write(files)` puts them into the folder, `terraform(folder, words…)` runs it.
    private static let start = #"""
        import json, os, subprocess, sys
        inputs = json.load(open("inputs.json"))
        with open("terraform.rc", "w") as config:
            config.write('provider_installation {\n  filesystem_mirror {\n    path = "%s"\n  }\n}\n' % inputs["plugins"])
        environment = dict(os.environ, TF_CLI_CONFIG_FILE=os.path.abspath("terraform.rc"), CHECKPOINT_DISABLE="1",
                           TF_IN_AUTOMATION="1", AWS_EC2_METADATA_DISABLED="true")
        def write(files, folder="."):
            for path, text in files.items():
                path = os.path.join(folder, path)
                os.makedirs(os.path.dirname(path), exist_ok=True)
                open(path, "w").write(text)
        def provider():
            """The folder of the provider's program."""
            for folder, _, names in os.walk(inputs["plugins"]):
                if any(name.startswith("terraform-provider-aws_") for name in names): return folder
            raise SystemExit("there is no provider of AWS in " + inputs["plugins"])
        def terraform(folder, *words):
            return subprocess.run(["terraform", "-chdir=" + folder, *words], env=environment, capture_output=True, text=True)

        """#

    /// Runs a script below ``start``.
    ///
    /// - Parameter inputs: what the script finds as `inputs`.
    /// - Returns: what it printed.
    /// - Throws: `PythonJudge.Refused`
    package static func run(_ script: String, _ inputs: [String: JSONTree]) throws -> String {
        var all = inputs
        all["plugins"] = .text(try plugins())
        let tree = JSONTree.object(all.sorted { $0.key < $1.key }.map { JSONTree.Member($0.key, $0.value) })
        return try PythonJudge().run(start + script, files: ["inputs.json": tree.document])
    }
}
