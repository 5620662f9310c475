import Spec

/// The files of a repository that guidelines read: Dockerfiles, Compose files and workflows.
struct TeamFiles {
    private let files: RepositoryFiles

    init(_ files: RepositoryFiles) { self.files = files }

    /// What a file is by its name, `nil` when no guideline reads it.
    static func kind(of name: String) -> Guideline.Subject? {
        let base = Paths.last(name)
        if RepositoryFiles.isDockerfile(base) { return .dockerfile }
        if ComposeProject.isComposeFile(base) || isNamedCompose(base) { return .compose }
        let folder = Paths.folder(of: name)
        let isWorkflow = folder == ".github/workflows" || folder.hasSuffix("/.github/workflows")
        return isWorkflow && (base.hasSuffix(".yml") || base.hasSuffix(".yaml")) ? .workflow : nil
    }

    /// `compose.prod.yml`, `docker-compose.override.yaml`, `stack.compose.yml`.
    private static func isNamedCompose(_ base: String) -> Bool {
        guard base.hasSuffix(".yml") || base.hasSuffix(".yaml") else { return false }
        return base.hasPrefix("docker-compose.") || base.hasPrefix("compose.") || base.contains(".compose.")
    }

    /// Whether a file is for those who build the platform, as its name says: `compose.override.yml`, `Dockerfile.dev`.
    static func isOfDevelopment(_ name: String) -> Bool {
        let words = Paths.last(name).lowercased().split { !$0.isLetter }
        return words.contains { ["dev", "development", "local", "override", "test", "tests"].contains($0) }
    }

    /// Everything that the guidelines say, file by file; each file is read once.
    /// - Parameter severity: of a guideline in a file of that name; `nil` where it is silent.
    func findings(_ severity: (Guideline, String) -> Diagnostic.Severity?) -> [Diagnostic] {
        files.files.sorted { $0.key < $1.key }.flatMap { name, text -> [Diagnostic] in
            // What was rendered is mended in hauban.yaml, and its renderer has judges of its own.
            guard let text, let kind = Self.kind(of: name), !Artifact.isRendered(text) else { return [] }
            let source = SourceText(name: name, text: text)
            let read = Self.read(source, as: kind)
            return Guidelines.all.filter { $0.subject == kind }.flatMap { guideline -> [Diagnostic] in
                guard let severity = severity(guideline, name) else { return [] }
                return read(guideline).map { guideline.finding($0, severity, in: name) }
            }
        }
    }

    /// A file's answer to each guideline; none for text that is no such file.
    private static func read(_ source: SourceText, as kind: Guideline.Subject) -> (Guideline) -> [Diagnostic] {
        switch kind {
        case .platform: return { _ in [] }
        case .dockerfile:
            let file = Dockerfile(source)
            return { if case .dockerfile(let check) = $0.judge { check(file) } else { [] } }
        case .compose:
            guard let file = ComposeFile(source) else { return { _ in [] } }
            return { if case .compose(let check) = $0.judge { check(file) } else { [] } }
        case .workflow:
            guard let file = Workflow(source) else { return { _ in [] } }
            return { if case .workflow(let check) = $0.judge { check(file) } else { [] } }
        }
    }
}
