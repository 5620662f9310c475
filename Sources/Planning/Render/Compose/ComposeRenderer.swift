import Spec

/// `hauban render compose`: one base, an overlay for each environment on `docker` or `swarm`, and what they mount.
///
/// The base is what all of these environments say alike; an overlay is what only its environment says. Where there is one
/// environment alone, one file says it all, and `docker compose up` starts it.
package struct ComposeRenderer: Renderer {
    package init() {}

    package func render(_ subject: RenderSubject) -> Rendering {
        let targets: Set<Environment.Target> = [.docker, .swarm]
        let everywhere = subject.everywhere.filter { targets.contains($0.settings.target) }
        guard !everywhere.isEmpty else { return Rendering() }
        let stacks = everywhere.map { ComposeStack(subject: subject, place: $0) }
        let patched = stacks.map { stack in
            EnginePatch(stack.place)?.laid(
                over: stack.tree, file: stacks.count == 1 ? "compose.yaml" : "compose.\(stack.place.name).yaml",
                subject.parsed, isOpen: ComposePatch.isOpen)
                ?? EnginePatch.Patched(tree: stack.tree)
        }
        let trees = patched.map(\.tree)
        let base =
            TreeSharing.common(
                trees.map { TreeSharing.removing($0, where: Self.belongsToEnvironment) ?? .map([]) }) ?? .map([])
        let wanted = Set(subject.places.map(\.name))
        let secrets = SecretsScript.artifact(stacks, subject.source).map { [$0] } ?? []
        if let only = stacks.first, stacks.count == 1 {
            guard wanted.contains(only.place.name) else { return Rendering() }
            let text = YAMLText.file(header: header(only, isAlone: true), trees[0])
            return Rendering(
                secrets + [Artifact(path: "compose.yaml", text: text)] + only.files,
                diagnostics: only.diagnostics + patched[0].diagnostics, changes: patched[0].changes)
        }
        var artifacts = [Artifact(path: "compose.yaml", text: YAMLText.file(header: header(subject, everywhere), base))]
        var diagnostics: [Diagnostic] = []
        var changes: [PatchChange] = []
        for (stack, patch) in zip(stacks, patched) where wanted.contains(stack.place.name) {
            artifacts.append(
                Artifact(
                    path: "compose.\(stack.place.name).yaml",
                    text: YAMLText.file(
                        header: header(stack), TreeSharing.rest(patch.tree, without: base) ?? .map([]))))
            artifacts += stack.files.filter { !artifacts.contains($0) }
            diagnostics += stack.diagnostics + patch.diagnostics
            changes += patch.changes
        }
        return Rendering(artifacts + secrets, diagnostics: diagnostics, changes: changes)
    }

    /// What names, files and ports an environment has is its own, even while there is only one.
    private static func belongsToEnvironment(_ path: [String]) -> Bool {
        switch path.count {
        case 1: ["name", "secrets", "configs"].contains(path[0])
        case 3: path[0] == "services" && ["image", "ports", "build"].contains(path[2])
        default: false
        }
    }

    private func header(_ subject: RenderSubject, _ places: [RenderSubject.Place]) -> [String] {
        Artifact.header(subject.source) + [
            "",
            "What \(places.map(\.name.text).joined(separator: ", ")) have in common; it is started with an overlay, never alone:",
            "  docker compose -f compose.yaml -f compose.\(places[0].name).yaml up --detach --wait",
        ]
    }

    private func header(_ stack: ComposeStack, isAlone: Bool = false) -> [String] {
        let name = stack.place.name
        var lines = Artifact.header(stack.subject.source) + [""]
        let over = isAlone ? "" : ", over compose.yaml"
        if stack.isSwarm {
            lines += [
                "The Swarm stack of \(name)\(over):",
                "  docker stack deploy --with-registry-auth --detach=false -c compose.yaml "
                    + (isAlone ? "" : "-c compose.\(name).yaml ") + "\(stack.place.platform.name)",
                "Swarm takes no security_opt: set \"no-new-privileges\": true in each server's daemon.json.",
                "It passes over tmpfs: what is in memory stands under volumes.",
            ]
        } else {
            lines += [
                "\(name)\(over):",
                isAlone
                    ? "  docker compose up --detach"
                    : "  docker compose -f compose.yaml -f compose.\(name).yaml up --detach --wait",
            ]
        }
        if !stack.secretNames.isEmpty {
            lines.append(
                "Each secret is a file in secrets/\(name)/ that is not in git: sh \(SecretsScript.path) \(name)")
        }
        return lines
    }
}
