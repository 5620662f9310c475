import Spec

/// `hauban render gitlab`: `.gitlab-ci.yml` and the scripts that it runs.
package struct GitLabRenderer: Renderer {
    package init() {}

    /// Where GitLab looks for it.
    static let path = ".gitlab-ci.yml"

    package func render(_ subject: RenderSubject) -> Rendering { Rendering() }
}
