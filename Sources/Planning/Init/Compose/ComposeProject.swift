import Spec

/// What a repository's Compose files say together: the file and its override, `extends` within one file, anchors and
/// merge keys written out.
struct ComposeProject: Sendable {
    /// As they are read, the base first.
    var files: [String]
    /// In the order of the file.
    var services: [ComposeService]
    /// Sentences on what was not read.
    var remarks: [String]

    /// In the order in which Compose looks for them.
    static let names = ["compose.yaml", "compose.yml", "docker-compose.yaml", "docker-compose.yml"]
    static let overrides = [
        "compose.override.yaml", "compose.override.yml", "docker-compose.override.yaml", "docker-compose.override.yml",
    ]

    static func isComposeFile(_ base: String) -> Bool {
        (base.hasPrefix("compose") || base.hasPrefix("docker-compose"))
            && (base.hasSuffix(".yaml") || base.hasSuffix(".yml"))
    }

    /// - Returns: `nil` when there is no Compose file.
    static func read(_ files: RepositoryFiles) -> ComposeProject? {
        // At the top, else in the first of the folders that people use for it.
        let candidates = ["", "docker", ".docker", "deploy", "deployment", "infra", "docker-compose"]
        for folder in candidates {
            guard let base = names.map({ Paths.join(folder, $0) }).first(where: { files.text($0) != nil }) else {
                continue
            }
            let over = overrides.map { Paths.join(folder, $0) }.first { files.text($0) != nil }
            return read(files, folder: folder, names: [base] + (over.map { [$0] } ?? []))
        }
        return nil
    }

    private static func read(_ files: RepositoryFiles, folder: String, names: [String]) -> ComposeProject {
        var project = ComposeProject(files: [], services: [], remarks: [])
        let interpolation = Interpolation(values: files.exampleVariables(in: folder))
        var merged: [(name: String, node: Node)] = []
        for name in names {
            guard let text = files.text(name), let node = ForeignYAML.read(text) else {
                project.remarks.append("\(name) could not be read as YAML and is left out.")
                continue
            }
            project.files.append(name)
            for key in ["include", "configs"] where node.entry(key) != nil {
                project.remarks.append("`\(key)` of \(name) is not followed.")
            }
            guard case .map(let entries) = node.entry("services")?.value.value else { continue }
            for entry in entries {
                let own = extended(entry.value, in: entries, depth: 0, remarks: &project.remarks, of: entry.key)
                if let index = merged.firstIndex(where: { $0.name == entry.key }) {
                    merged[index].node = ComposeMerge.merge(merged[index].node, own)
                } else {
                    merged.append((entry.key, own))
                }
            }
        }
        project.services = merged.map { name, node in
            ComposeReader(name: name, folder: folder, interpolation: interpolation).read(node)
        }
        return project
    }

    /// `extends` of a service of the same file, written out.
    private static func extended(
        _ node: Node, in entries: [Node.Entry], depth: Int, remarks: inout [String], of name: String
    ) -> Node {
        guard let extends = node.entry("extends")?.value else { return node }
        let target: String? =
            if case .scalar(let text, _) = extends.value { text } else { extends.entry("service")?.value.text }
        guard extends.entry("file") == nil, depth < 10, let target,
            let base = entries.first(where: { $0.key == target })
        else {
            remarks.append("`extends` of the Compose service \(name) names another file and is not followed.")
            return node
        }
        let whole = extended(base.value, in: entries, depth: depth + 1, remarks: &remarks, of: target)
        return ComposeMerge.merge(whole, node)
    }
}

/// How a later Compose file changes an earlier one (Compose Specification, "Merge and override").
enum ComposeMerge {
    /// Keys whose later value takes the earlier one's place.
    private static let replacing: Set<String> = ["command", "entrypoint", "test"]

    static func merge(_ base: Node, _ over: Node) -> Node {
        var result = base
        switch (base.value, over.value) {
        case (.map(var entries), .map(let others)):
            for other in others {
                if let index = entries.firstIndex(where: { $0.key == other.key }) {
                    let isReplaced = replacing.contains(other.key)
                    entries[index].value =
                        isReplaced ? other.value : merge(entries[index].value, other.value)
                } else {
                    entries.append(other)
                }
            }
            result.value = .map(entries)
        case (.list(let items), .list(let others)):
            result.value = .list(items + others.filter { !items.contains($0) })
        // `environment` as a list in one file and as a map in the other; the reader takes a list of both.
        case (.map, .list), (.list, .map):
            result.value = .list([base, over])
        default: return over
        }
        return result
    }
}

extension Node {
    /// The text of a scalar that is not null.
    var text: String? {
        guard case .scalar(let text, _) = value, !isNull else { return nil }
        return text
    }

    var items: [Node] {
        if case .list(let items) = value { items } else { [] }
    }

    var entries: [Entry] {
        if case .map(let entries) = value { entries } else { [] }
    }
}
