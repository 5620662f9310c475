package import Spec

/// The files of one or more renderers, and what could not be said in them.
package struct Rendering: Sendable, Hashable {
    /// Sorted by path, each path once.
    package private(set) var artifacts: [Artifact]
    package private(set) var diagnostics: [Diagnostic]

    package init(_ artifacts: [Artifact] = [], diagnostics: [Diagnostic] = []) {
        self.artifacts = artifacts.sorted { $0.path < $1.path }
        self.diagnostics = diagnostics
    }

    /// Both; where both have a path the texts have to agree, since one file cannot say two things.
    package func joined(with other: Rendering) -> Rendering {
        let own = Set(artifacts)
        return Rendering(
            artifacts + other.artifacts.filter { !own.contains($0) }, diagnostics: diagnostics + other.diagnostics)
    }
}
