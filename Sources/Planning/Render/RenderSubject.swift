package import Spec

/// What is rendered: a platform that was judged and found right.
package struct RenderSubject: Sendable {
    /// One environment with its overlay merged in.
    package struct Place: Sendable {
        /// Shared: a platform is large, and every part of a renderer holds its place.
        private final class Parts: Sendable {
            let name: EnvironmentName
            let platform: Platform
            let settings: Environment
            let monitoring = Once<MonitoringParts>()

            init(_ name: EnvironmentName, _ platform: Platform, _ settings: Environment) {
                self.name = name
                self.platform = platform
                self.settings = settings
            }
        }

        private let parts: Parts

        init(name: EnvironmentName, platform: Platform, settings: Environment) {
            parts = Parts(name, platform, settings)
        }

        package var name: EnvironmentName { parts.name }
        package var platform: Platform { parts.platform }
        package var settings: Environment { parts.settings }

        /// What watches it, made by who asks first.
        func monitoring(_ make: () -> MonitoringParts) -> MonitoringParts { parts.monitoring.value(make) }
    }

    /// The base without any overlay.
    package var base: Platform
    /// Those that are rendered, sorted by name.
    package var places: [Place]
    /// Every environment of the file, sorted by name: what is common to all does not depend on what was asked for.
    package var everywhere: [Place]
    /// Where things stand in the file, for diagnostics.
    package var parsed: ParsedPlatform
    /// As the user named the file, for headers.
    package var source: String
    /// Names of the repository's files, with the contents that stacks are known by.
    package var files: RepositoryFiles

    /// - Parameter only: the environments that are rendered; empty: all.
    /// - Returns: `nil` when the file has errors.
    package init?(_ parsed: ParsedPlatform, files: RepositoryFiles, only: Set<EnvironmentName> = []) {
        guard let base = parsed.base else { return nil }
        self.base = base
        self.files = files
        source = parsed.source.name.split(separator: "/").last.map(String.init) ?? "hauban.yaml"
        self.parsed = parsed
        everywhere = parsed.environments.sorted { $0.key < $1.key }.compactMap { name, platform in
            platform.environments[name].map { Place(name: name, platform: platform, settings: $0) }
        }
        places = everywhere.filter { only.isEmpty || only.contains($0.name) }
    }

    /// The environments that a target serves.
    package func places(on targets: Set<Environment.Target>) -> [Place] {
        places.filter { targets.contains($0.settings.target) }
    }

    /// What hauban.yaml says and no renderer does: told, so that nobody believes it was done.
    package var unapplied: [Diagnostic] {
        let applied: Set<Environment.Target> = [.aws, .docker, .gcp, .kubernetes, .swarm]
        return places.filter { !$0.settings.patch.isEmpty && !applied.contains($0.settings.target) }.map { place in
            Diagnostic(
                .targetCannotHonour, "`patch` is not applied to what is rendered for \(place.settings.target.rawValue)",
                at: .environment(place.name, "patch"),
                severity: .warning, help: "Make the change by hand in a file of its own beside the rendered ones.",
                environment: place.name.text)
        }
    }
}
