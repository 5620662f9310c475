/// A module of Terraform that every environment on Google Cloud calls: written once, the same for every platform.
struct GoogleModule: Sendable {
    /// The folder below `deploy/terraform/modules`.
    let name: String
    let main: String
    let variables: String

    /// The provider whose schema the tests hold.
    static let provider = "~> 6.50"

    func artifacts(source: String) -> [Artifact] {
        let header = Artifact.header(source).map { "# \($0)\n" }.joined()
        return [("main", Self.versions + main), ("variables", variables)].map { file, text in
            Artifact(path: "\(TerraformRenderer.folder)/modules/\(name)/\(file).tf", text: header + "\n" + text)
        }
    }

    private static let versions = """
        terraform {
          required_version = ">= 1.11"

          required_providers {
            google = {
              source  = "hashicorp/google"
              version = "\(provider)"
            }
          }
        }


        """
}
