package import Spec

/// What is known of the files beside hauban.yaml, so that rules may judge them without touching a disk.
package struct FileFacts: Sendable, Hashable {
    /// Files and folders that exist, relative to the folder of hauban.yaml, without `./` and trailing slashes.
    private let existing: Set<String>

    /// - Parameter paths: of files or folders; a file's folders count as existing.
    package init(existing paths: some Sequence<String>) {
        var all: Set<String> = ["."]
        for path in paths {
            var parts = Self.parts(path)
            while !parts.isEmpty, all.insert(parts.joined(separator: "/")).inserted { parts.removeLast() }
        }
        existing = all
    }

    package func exists(_ path: String) -> Bool {
        let parts = Self.parts(path)
        return existing.contains(parts.isEmpty ? "." : parts.joined(separator: "/"))
    }

    /// The paths that the rules ask about: who has a disk looks for these and passes those that exist to `init`.
    package static func asked(by parsed: ParsedPlatform) -> [String] {
        var paths: Set<String> = []
        for platform in ([parsed.partialBase].compactMap({ $0 }) + parsed.partials.values).map(\.platform) {
            for service in platform.services.values {
                guard let source = service.source else { continue }
                paths.insert(source)
                for name in starters { paths.insert(join(source, name)) }
                if let dockerfile = service.build?.dockerfile { paths.insert(join(source, dockerfile)) }
            }
            for alert in platform.alerts.values { alert.runbook.map { _ = paths.insert($0) } }
        }
        return paths.sorted()
    }

    /// Files that say how a source is started.
    static let starters = ["Dockerfile", "Procfile"]

    static func join(_ folder: String, _ name: String) -> String {
        (parts(folder) + parts(name)).joined(separator: "/")
    }

    private static func parts(_ path: String) -> [String] {
        path.split(separator: "/").map(String.init).filter { $0 != "." }
    }
}
