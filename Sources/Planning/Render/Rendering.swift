package import Spec

/// The files of one or more renderers, and what could not be said in them.
package struct Rendering: Sendable, Hashable {
    /// Sorted by path, each path once.
    package private(set) var artifacts: [Artifact]
    package private(set) var diagnostics: [Diagnostic]
    /// What `patch:` changed, in the order of the files.
    package private(set) var changes: [PatchChange]

    package init(_ artifacts: [Artifact] = [], diagnostics: [Diagnostic] = [], changes: [PatchChange] = []) {
        self.artifacts = artifacts.sorted { $0.path < $1.path }
        self.diagnostics = diagnostics
        self.changes = changes
    }

    /// Both. A file that both have with one text stands once; ``contested`` tells where the texts differ.
    package func joined(with other: Rendering) -> Rendering {
        let own = Set(artifacts)
        return Rendering(
            artifacts + other.artifacts.filter { !own.contains($0) }, diagnostics: diagnostics + other.diagnostics,
            changes: changes + other.changes)
    }

    /// With each finding where hauban.yaml says what it is about.
    package func placed(in parsed: ParsedPlatform) -> Rendering {
        let placed = diagnostics.map { diagnostic in
            var placed = diagnostic
            let environment = diagnostic.environment.flatMap { EnvironmentName($0) }
            placed.span = diagnostic.span ?? parsed.span(of: diagnostic.path, in: environment)
            return placed
        }
        return Rendering(artifacts, diagnostics: placed, changes: changes)
    }

    /// Paths that two renderers have different texts for: one file cannot say two things.
    package var contested: [String] {
        zip(artifacts, artifacts.dropFirst()).filter { $0.path == $1.path }.map(\.0.path)
    }
}
