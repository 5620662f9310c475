/// `hauban render terraform`: a root for each environment on a cloud, the modules that the roots share, and the bootstrap
/// that makes the bucket of their states.
///
/// Each cloud writes below ``folder``: modules named `aws-…` and `google-…`, roots named as their environments, bootstraps
/// named `bootstrap-aws` and `bootstrap-google`. An environment has one target, so no two write one file.
package struct TerraformRenderer: Renderer {
    package init() {}

    /// Below the folder of hauban.yaml.
    package static let folder = "deploy/terraform"

    package func render(_ subject: RenderSubject) -> Rendering {
        AWSTerraform(subject).rendering.joined(with: GoogleTerraform(subject).rendering)
    }
}
