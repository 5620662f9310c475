import Spec

/// `hauban render images`: Dockerfile, .dockerignore and .env.example of each source that nobody has written them for.
package struct ImagesRenderer: Renderer {
    package init() {}

    package func render(_ subject: RenderSubject) -> Rendering {
        var artifacts: [Artifact] = []
        var diagnostics: [Diagnostic] = []
        for image in SourceImage.all(Self.services(subject), files: subject.files) {
            if image.services.contains(where: { !$0.service.env.isEmpty || !$0.service.secrets.isEmpty }),
                isOurs(image.path(".env.example"), subject.files)
            {
                artifacts.append(
                    Artifact(path: image.path(".env.example"), text: EnvironmentExample.text(image, subject: subject)))
            }
            guard image.ownDockerfile == nil else { continue }
            guard let kind = image.kind else {
                diagnostics.append(unknown(image, subject))
                continue
            }
            let named = image.services.compactMap { $0.service.build?.dockerfile }.first ?? "Dockerfile"
            artifacts.append(
                Artifact(
                    path: image.path(named),
                    text: DockerfileWriter.text(
                        image, kind: kind, platform: subject.base, source: subject.source)))
            if isOurs(image.path(".dockerignore"), subject.files) {
                artifacts.append(
                    Artifact(path: image.path(".dockerignore"), text: Self.ignored(kind, source: subject.source)))
            }
            diagnostics += unfilled(image, subject)
        }
        return Rendering(artifacts, diagnostics: diagnostics)
    }

    /// The base's services, and those that only an environment has.
    static func services(_ subject: RenderSubject) -> [ServiceName: Service] {
        subject.everywhere.reduce(into: subject.base.services) { all, place in
            all.merge(place.platform.services) { first, _ in first }
        }
    }

    private func isOurs(_ path: String, _ files: RepositoryFiles) -> Bool {
        !files.has(path) || Artifact.isRendered(files.text(path) ?? "")
    }

    static func ignored(_ kind: SourceImage.Kind, source: String) -> String {
        var lines = Artifact.header(source).map { "# " + $0 }
        lines += [
            "# What an image does not need, and what must not get into one.", ".git", ".env", ".env.*", "!.env.example",
            "Dockerfile*", ".dockerignore", "secrets", "*.key", "*.pem",
        ]
        switch kind {
        case .python:
            lines += [
                "**/__pycache__", "**/*.pyc", ".venv", "venv", ".pytest_cache", ".mypy_cache", ".ruff_cache",
                ".coverage",
            ]
        case .node, .site: lines += ["node_modules", "coverage", "npm-debug.log*"]
        case .go: lines += ["bin"]
        case .swift: lines += [".build", ".swiftpm"]
        case .plain: break
        }
        return lines.joined(separator: "\n")
    }

    private func unknown(_ image: SourceImage, _ subject: RenderSubject) -> Diagnostic {
        let path = SpecPath.service(image.lead.name, "source")
        return Diagnostic(
            .sourceMissing, "no Dockerfile is rendered for \(image.folder): nothing tells its stack", at: path,
            span: subject.parsed.span(of: path), severity: .warning,
            help: "Its files are not there and `run` does not say it: write `stack:`, or a Dockerfile of your own.")
    }

    /// Values of edges within a command: an image is built before anybody knows them.
    private func unfilled(_ image: SourceImage, _ subject: RenderSubject) -> [Diagnostic] {
        guard let run = image.lead.service.run else { return [] }
        return ContainerCommand(run, values: [:]).unfilled.map { word in
            let path = SpecPath.service(image.lead.name, "run")
            return Diagnostic(
                .targetCannotHonour, "an image cannot hold `${\(word)}` in its command", at: path,
                span: subject.parsed.span(of: path),
                help: "Hand it over as a variable under `env:` and name that variable in the command.")
        }
    }
}
