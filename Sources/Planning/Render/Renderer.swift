import Spec

/// Turns a platform into the files of one engine, as somebody who knows the engine well would have written them.
///
/// Pure: the same subject gives the same bytes. What a target cannot honour was said by ``HonourPolicy``; what only rendering
/// shows comes as a diagnostic, and nothing is left out in silence.
package protocol Renderer: Sendable {
    func render(_ subject: RenderSubject) -> Rendering
}

/// A word of `hauban render`.
package enum RenderTarget: String, Sendable, Hashable, CaseIterable, Codable {
    case compose, github, gitlab, images, kubernetes, monitoring, terraform

    /// What it makes, for `--help`.
    package var about: String {
        switch self {
        case .compose: "Compose and Swarm files with the edge's nginx"
        case .github: "GitHub Actions, Dependabot and the rules of branches"
        case .gitlab: "GitLab CI"
        case .images: "Dockerfile, .dockerignore and .env.example of each source"
        case .kubernetes: "Kustomize base and overlays with rules and dashboards, Argo CD, Flux, apply.sh"
        case .monitoring: "Prometheus with rules and their tests, Grafana dashboards, Loki rules"
        case .terraform: "Terraform for Google Cloud and AWS: modules, a root for each environment, a bootstrap"
        }
    }

    package var renderer: any Renderer {
        switch self {
        case .compose: ComposeRenderer()
        case .github: GitHubRenderer()
        case .gitlab: GitLabRenderer()
        case .images: ImagesRenderer()
        case .kubernetes: KubernetesRenderer()
        case .monitoring: MonitoringRenderer()
        case .terraform: TerraformRenderer()
        }
    }

    /// What is rendered where no target is named: everything, but of the CI hosts only the one that the repository is on.
    ///
    /// A host is known by its own files; where there are none it is GitHub.
    package static func usual(for files: RepositoryFiles) -> [RenderTarget] {
        let isGitLab = files.has(GitLabRenderer.path)
        let isGitHub = files.files.keys.contains { $0.hasPrefix(".github/") } || !isGitLab
        return allCases.filter { target in
            switch target {
            case .github: isGitHub
            case .gitlab: isGitLab
            default: true
            }
        }
    }
}
