import Spec

/// `hauban render kubernetes`: a base of kustomize, an overlay for each environment on `kubernetes`, and what Argo CD, Flux
/// or plain kubectl ship them with.
///
/// The base is hauban.yaml without its environments, an overlay is what its environment says otherwise.
package struct KubernetesRenderer: Renderer {
    package init() {}

    static let folder = "deploy/kubernetes"

    package func render(_ subject: RenderSubject) -> Rendering {
        let everywhere = subject.everywhere.filter { $0.settings.target == .kubernetes }
        guard !everywhere.isEmpty else { return Rendering() }
        let base = KubeStack.base(subject, of: everywhere)
        let stacks = everywhere.map { KubeStack(subject: subject, place: $0) }
        let wanted = Set(subject.places.map(\.name))
        var artifacts = KubeFolder(stack: base).base
        var diagnostics: [Diagnostic] = []
        var changes: [PatchChange] = []
        for stack in stacks where wanted.contains(stack.place.name) {
            let patch = KubeAuthorPatch(stack.objects + stack.ownObjects, stack.place, subject.parsed)
            artifacts += KubeFolder(stack: stack).overlay(of: patch.objects, over: base)
            let gitOps = GitOpsFiles(stack: stack, objects: patch.objects)
            artifacts += [gitOps.application, gitOps.kustomizations]
            diagnostics += stack.diagnostics + patch.diagnostics
            changes += patch.changes
        }
        artifacts.append(ApplyScript.artifact(stacks, source: subject.source))
        return Rendering(artifacts, diagnostics: diagnostics, changes: changes)
    }
}

/// Objects in files, with the kustomization that names them.
struct KubeFolder {
    let stack: KubeStack

    private func file(_ path: String, _ documents: [YAMLTree], _ header: [String] = []) -> Artifact {
        Artifact(
            path: "\(KubernetesRenderer.folder)/\(path)",
            text: YAMLText.file(header: Artifact.header(stack.subject.source) + header, documents: documents))
    }

    /// Files in the order of their names, with objects in theirs.
    private func files(_ objects: [KubeObject], in folder: String) -> [(name: String, artifact: Artifact)] {
        Dictionary(grouping: objects, by: \.file).sorted { $0.key < $1.key }.map { name, own in
            ("\(name).yaml", file("\(folder)/\(name).yaml", own.map(\.tree)))
        }
    }

    private static func kustomization(_ entries: [YAMLEntry]) -> YAMLTree {
        .map(
            [
                YAMLEntry("apiVersion", "kustomize.config.k8s.io/v1beta1"), YAMLEntry("kind", "Kustomization"),
            ] + entries)
    }

    private static func generator(_ settings: KubeSettings, behaviour: String?) -> YAMLTree {
        var entries = [YAMLEntry("name", .text(settings.name))]
        if let behaviour { entries.append(YAMLEntry("behavior", .text(behaviour))) }
        let rows = settings.values.sorted { $0.key < $1.key }.map { KubeSettings.literal($0.key, $0.value) }
        entries.append(YAMLEntry("literals", .list(rows)))
        return .map(entries)
    }

    // MARK: The base

    var base: [Artifact] {
        let files = files(stack.objects, in: "base")
        var entries: [YAMLEntry] = [YAMLEntry("resources", .list(files.map { .text($0.name) }))]
        if !stack.settings.isEmpty {
            entries.append(
                YAMLEntry(
                    "configMapGenerator", .list(stack.settings.map { Self.generator($0, behaviour: nil) }),
                    comment: "Their names end in a hash of what they hold: other settings start other pods."))
        }
        entries.append(
            YAMLEntry(
                "labels",
                .list([
                    [
                        "pairs": .sorted(["app.kubernetes.io/part-of": stack.platform.name.text]),
                        "includeTemplates": true,
                    ]
                ])))
        let header = ["", "hauban.yaml without its environments; it is never applied alone, see ../overlays."]
        return files.map(\.artifact) + [file("base/kustomization.yaml", [Self.kustomization(entries)], header)]
    }

    // MARK: An overlay

    func overlay(of objects: [KubeObject], over base: KubeStack) -> [Artifact] {
        let folder = "overlays/\(stack.place.name)"
        let common = Dictionary(base.objects.map { ($0.id, $0) }) { one, _ in one }
        let added = files(objects.filter { common[$0.id] == nil }, in: folder)
        var patches: [String: [YAMLTree]] = [:]
        for object in objects {
            guard let old = common[object.id], let patch = KubePatch.patch(old, object) else { continue }
            patches[object.file, default: []].append(patch)
        }
        let patchFiles = patches.sorted { $0.key < $1.key }.map { name, trees in
            (name: "\(name)-patch.yaml", artifact: file("\(folder)/\(name)-patch.yaml", trees))
        }
        var entries: [YAMLEntry] = [YAMLEntry("namespace", .text(stack.namespace))]
        entries.append(
            YAMLEntry("resources", .list([.text("../../base")] + added.map { .text($0.name) })))
        let ids = Set(objects.map(\.id))
        let gone = Dictionary(grouping: base.objects.filter { !ids.contains($0.id) }, by: \.name)
            .sorted { $0.key < $1.key }
            .map { KubePatch.removal(kind: $0.value.map(\.kind).joined(separator: "|"), name: $0.key) }
        let all = patchFiles.map { YAMLTree.pairs([("path", .text($0.name))]) } + gone
        if !all.isEmpty { entries.append(YAMLEntry("patches", .list(all))) }
        var generators = generators(over: base)
        let probes = stack.probes
        if !probes.list.isEmpty {
            generators.append(
                .pairs([("name", .text(KubeStack.prober)), ("files", .row([.text(KubeStack.proberFile)]))]))
        }
        let boards = stack.dashboards
        if !boards.isEmpty { generators.append(Self.dashboards(boards.map(\.name))) }
        if !generators.isEmpty { entries.append(YAMLEntry("configMapGenerator", .list(generators))) }
        if !stack.imageNames.isEmpty {
            let images = stack.imageNames.map { name -> YAMLTree in
                [
                    "name": .text(name), "newName": .text("\(stack.registry)\(name)"),
                    "newTag": .text(KubeStack.release),
                ]
            }
            entries.append(
                YAMLEntry(
                    "images", .list(images),
                    comment: "No image has this tag: each release puts its own in its place."))
        }
        entries.append(
            YAMLEntry(
                "labels",
                .list([["pairs": .sorted(["app.kubernetes.io/part-of": stack.platform.name.text])]])))
        let header = [
            "",
            "\(stack.place.name): what it says otherwise than ../../base. Ship it with ../../apply.sh, Argo CD or Flux.",
        ]
        var artifacts = added.map(\.artifact) + patchFiles.map(\.artifact)
        artifacts.append(file("\(folder)/kustomization.yaml", [Self.kustomization(entries)], header))
        if !probes.list.isEmpty {
            artifacts.append(file("\(folder)/\(KubeStack.proberFile)", [probes.modules]))
        }
        artifacts += boards.map { name, text in
            Artifact(path: "\(KubernetesRenderer.folder)/\(folder)/dashboards/\(name)", text: text)
        }
        return artifacts + named
    }

    /// For the Grafana of the cluster's monitoring, whose sidecar reads ConfigMaps with this label.
    private static func dashboards(_ names: [String]) -> YAMLTree {
        let options: YAMLTree = [
            "disableNameSuffixHash": true, "labels": ["grafana_dashboard": .text("1")],
        ]
        return .map([
            YAMLEntry("name", "grafana-dashboards", comment: "Grafana's sidecar reads ConfigMaps with this label."),
            YAMLEntry("files", .list(names.map { .text("dashboards/\($0)") })), YAMLEntry("options", options),
        ])
    }

    private func generators(over base: KubeStack) -> [YAMLTree] {
        let old = Dictionary(base.settings.map { ($0.name, $0.values) }) { one, _ in one }
        return stack.settings.compactMap { settings in
            guard let before = old[settings.name] else { return Self.generator(settings, behaviour: nil) }
            if before == settings.values { return nil }
            // What is taken away cannot be merged away.
            if !Set(before.keys).isSubset(of: settings.values.keys) {
                return Self.generator(settings, behaviour: "replace")
            }
            var changed = settings
            changed.values = settings.values.filter { before[$0.key] != $0.value }
            return Self.generator(changed, behaviour: "merge")
        }
    }

    /// The overlay for clusters with Cilium.
    private var named: [Artifact] {
        let policies = stack.namedPolicies
        guard !policies.isEmpty else { return [] }
        let folder = "cilium/\(stack.place.name)"
        let names = policies.map(\.name).joined(separator: "|")
        let added = files(policies, in: folder)
        let entries: [YAMLEntry] = [
            YAMLEntry("namespace", .text(stack.namespace)),
            YAMLEntry(
                "resources", .list([.text("../../overlays/\(stack.place.name)")] + added.map { .text($0.name) })),
            YAMLEntry("patches", .list([KubePatch.removal(kind: "NetworkPolicy", name: names)])),
        ]
        let header = [
            "", "\(stack.place.name) where the cluster runs Cilium: ways out by name in place of those by address.",
        ]
        return added.map(\.artifact) + [
            file("\(folder)/kustomization.yaml", [Self.kustomization(entries)], header)
        ]
    }
}

extension KubeStack {
    var registry: String { place.settings.registry.map { $0 + "/" } ?? "\(platform.name)/" }
}
