package import Spec

/// With which stacks a platform's services are built on a machine.
package enum PlatformStacks {
    /// What the author told, else what the files of each source tell.
    package static func of(_ platform: Platform, files: RepositoryFiles) -> Set<Stack> {
        let findings = StackDetection.detect(files: files.files)
        return Set(
            platform.services.values.compactMap { service -> Stack? in
                guard let source = service.source else { return nil }
                let folder = Paths.resolve(source, from: "") ?? source
                let found = findings.first { $0.folder == folder }
                switch service.stack {
                case .python: return .python
                case .node: return .node
                case .swift: return .swift
                case .go: return .go
                case .docker, Service.Stack.none?: return .plain
                case .site, nil:
                    // A site that is built from packages needs what builds it.
                    let usesNode = found?.steps.contains { step in
                        if case .run(let words) = step { words.first == "npm" } else { false }
                    }
                    return usesNode == true ? .node : found?.stack
                }
            })
    }
}
