import Spec

/// `hauban render github`: the workflows of GitHub Actions, Dependabot, and the scripts that they run.
package struct GitHubRenderer: Renderer {
    package init() {}

    package func render(_ subject: RenderSubject) -> Rendering {
        let files = GitHubFiles(subject)
        return Rendering(files.artifacts, diagnostics: files.diagnostics)
    }
}

/// All files of GitHub for one platform.
struct GitHubFiles: Sendable {
    let plan: PipelinePlan

    init(_ subject: RenderSubject) { plan = PipelinePlan(subject) }

    var subject: RenderSubject { plan.subject }

    static let folder = ".github/workflows"
    static let scripts = ".github/scripts"
    /// The check that branch protection asks for: one name, whatever jobs there are.
    static let verdict = "passed"

    var artifacts: [Artifact] {
        var all = [workflow("validate", validate), script("protect", protectScript)]
        if plan.analyses { all.append(workflow("codeql", codeql)) }
        for way in plan.ways { all.append(workflow("deploy-\(way.name)", deploy(way))) }
        all.append(script("install-hauban", PipelineScripts.install(subject.source)))
        if plan.ways.contains(where: { $0.places.contains { !$0.settings.requires.soak.isEmpty } }) {
            all.append(script("soaked", PipelineScripts.soaked(subject.source)))
        }
        if let dependabot {
            all.append(
                Artifact(
                    path: ".github/dependabot.yml",
                    text: YAMLText.file(header: Artifact.header(subject.source), dependabot)))
        }
        return all
    }

    private func workflow(_ name: String, _ tree: YAMLTree) -> Artifact {
        Artifact(
            path: "\(Self.folder)/\(name).yml", text: YAMLText.file(header: Artifact.header(subject.source), tree))
    }

    private func script(_ name: String, _ text: String) -> Artifact {
        Artifact(path: "\(Self.scripts)/\(name).sh", text: text, isExecutable: true)
    }

    /// What GitHub has no way to say.
    var diagnostics: [Diagnostic] {
        var found = plan.diagnostics
        for place in plan.ways.flatMap(\.places) {
            func tell(_ keys: [String], _ message: String, _ help: String) {
                let path = SpecPath(["environments", place.name.text] + keys)
                found.append(
                    Diagnostic(
                        .targetCannotHonour, message, at: path, span: subject.parsed.span(of: path),
                        severity: .warning, help: help, environment: place.name.text))
            }
            if place.settings.requires.approval > 1 {
                tell(
                    ["requires", "approval"],
                    "GitHub lets a release start when one reviewer agrees, not \(place.settings.requires.approval)",
                    "One agrees there. To have more agree, ask for as many reviews of the pull request into the branch "
                        + "that is tagged: `REVIEWS=\(place.settings.requires.approval) .github/scripts/protect.sh`.")
            }
            if place.settings.target == .kubernetes || place.settings.target == .swarm, place.registryPath == nil {
                tell(
                    [], "`\(place.name)` has no registry, so nothing that the pipeline builds gets there",
                    "Name one: `registry: ghcr.io/OWNER`.")
            }
        }
        return found
    }
}
