/// A module that the roots of AWS share: the same files for every platform.
struct AWSModule: Sendable {
    let name: String
    /// Texts by the file's name.
    let files: [String: String]

    init(_ name: String, files: [String: String]) {
        self.name = name
        self.files = files
    }

    func artifacts(_ source: String) -> [Artifact] {
        let header = Artifact.header(source).map { "# " + $0 }.joined(separator: "\n")
        return files.map { file, text in
            Artifact(path: "\(TerraformRenderer.folder)/modules/\(name)/\(file)", text: header + "\n\n" + text.trimmed)
        }
    }

    /// All of it, in no order that means anything.
    var text: String { files.sorted { $0.key < $1.key }.map(\.value).joined(separator: "\n") }

    /// How a module is named by a root.
    var source: String { "../modules/\(name)" }

    /// The provider's version that the modules were tried with (registry.terraform.io/providers/hashicorp/aws/5.100.0).
    static let versions = """
        terraform {
          required_version = ">= 1.10"

          required_providers {
            aws = {
              source  = "hashicorp/aws"
              version = "~> 5.100"
            }
          }
        }


        """
}

extension String {
    /// Without empty lines at its end.
    fileprivate var trimmed: String {
        var text = self[...]
        while text.hasSuffix("\n") { text = text.dropLast() }
        return String(text)
    }
}
