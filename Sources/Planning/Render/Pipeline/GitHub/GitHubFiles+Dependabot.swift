import Spec

extension GitHubFiles {
    /// What Dependabot watches; `nil` when `updates` leaves that to people.
    var dependabot: YAMLTree? {
        guard let updates = plan.pipeline.updates else { return nil }
        var watched: Set<Watched> = []
        for image in plan.images {
            let folder = "/" + image.folder
            switch image.kind {
            case .python: watched.insert(Watched(ecosystem: "pip", folder: folder))
            case .node: watched.insert(Watched(ecosystem: "npm", folder: folder))
            case .site where SourceFiles(image: image, files: subject.files).isNodeSite:
                watched.insert(Watched(ecosystem: "npm", folder: folder))
            case .go: watched.insert(Watched(ecosystem: "gomod", folder: folder))
            case .swift: watched.insert(Watched(ecosystem: "swift", folder: folder))
            case .site, .plain, nil: break
            }
            if let own = image.ownDockerfile {
                watched.insert(Watched(ecosystem: "docker", folder: "/" + Paths.folder(of: image.path(own))))
            }
        }
        // Rendered workflows get newer actions from a newer hauban; those that somebody wrote are watched.
        let written = subject.files.files.keys.contains { path in
            path.hasPrefix(Self.folder + "/") && !Self.isOurs(path, plan)
        }
        if written { watched.insert(Watched(ecosystem: "github-actions", folder: "/")) }
        guard !watched.isEmpty else { return nil }
        let interval =
            switch updates.components.seconds {
            case ...86_400: "daily"
            case ...604_800: "weekly"
            default: "monthly"
            }
        var groups: [String: [String]] = [:]
        for one in watched { groups[one.ecosystem, default: []].append(one.folder) }
        let entries: [YAMLTree] = groups.sorted { $0.key < $1.key }.map { ecosystem, folders in
            let minor: YAMLTree = .map([
                YAMLEntry("patterns", .row(["*"])), YAMLEntry("update-types", .row(["minor", "patch"])),
            ])
            return .map([
                GitHubText.entry("package-ecosystem", ecosystem),
                YAMLEntry("directories", .list(folders.sorted().map { .text($0) })),
                YAMLEntry("schedule", .map([GitHubText.entry("interval", interval)])),
                YAMLEntry(
                    "cooldown", .map([YAMLEntry("default-days", 7)]),
                    comment:
                        "A version that was taken over by somebody is mostly found out within days; security updates "
                        + "do not wait."),
                YAMLEntry("groups", .map([YAMLEntry("minor", minor)])),
            ])
        }
        return .map([YAMLEntry("version", 2), YAMLEntry("updates", .list(entries))])
    }

    private struct Watched: Hashable {
        var ecosystem: String
        var folder: String
    }

    private static func isOurs(_ path: String, _ plan: PipelinePlan) -> Bool {
        let name = Paths.last(path)
        return name == "validate.yml" || name == "codeql.yml"
            || plan.ways.contains { name == "deploy-\($0.name).yml" }
    }
}
