import Spec

/// One environment as Argo CD and Flux take it from git.
struct GitOpsFiles {
    let stack: KubeStack
    /// Of all objects in the overlay, sorted.
    let kinds: [String]

    init(stack: KubeStack, objects: [KubeObject]) {
        self.stack = stack
        kinds = Set(objects.map(\.kind)).sorted()
    }

    private var name: String { stack.namespace }
    private var path: String { "\(KubernetesRenderer.folder)/overlays/\(stack.place.name)" }

    private var images: [(old: String, new: String)] {
        stack.imageNames.map { ($0, "\(stack.registry)\($0)") }
    }

    // MARK: Argo CD

    var application: Artifact {
        var source: [YAMLEntry] = [
            YAMLEntry(
                "repoURL", .text("https://git.invalid/\(stack.platform.name).git"),
                comment: "hauban.yaml does not say where the repository is: `--repo` does."),
            YAMLEntry("targetRevision", .text(stack.place.settings.branch ?? "HEAD")), YAMLEntry("path", .text(path)),
        ]
        if !images.isEmpty {
            let rows = images.map { YAMLTree.text("\($0.new):\(KubeStack.release)") }
            source.append(YAMLEntry("kustomize", ["images": .list(rows)]))
        }
        var spec: [YAMLEntry] = [
            YAMLEntry("project", "default"), YAMLEntry("source", .map(source)),
            YAMLEntry(
                "destination", ["server": "https://kubernetes.default.svc", "namespace": .text(stack.namespace)]),
            YAMLEntry("revisionHistoryLimit", .integer(stack.platform.release.keep)),
            YAMLEntry(
                "syncPolicy",
                [
                    "automated": ["prune": true, "selfHeal": true],
                    "syncOptions": .row(["PruneLast=true", "RespectIgnoreDifferences=true", "ServerSideApply=true"]),
                ]),
        ]
        if !canaries.isEmpty {
            let weights: YAMLTree = [
                "group": "gateway.networking.k8s.io", "kind": "HTTPRoute",
                "jqPathExpressions": .list([.text(".spec.rules")]),
            ]
            let rows = canaries.map { route -> YAMLTree in
                guard case .map(let entries) = weights else { return weights }
                return .map(entries + [YAMLEntry("name", .text(route))])
            }
            spec.append(
                YAMLEntry(
                    "ignoreDifferences", .list(rows),
                    comment: "Argo Rollouts changes the rules while a canary is under way."))
        }
        let object = KubeObject(
            apiVersion: "argoproj.io/v1alpha1", kind: "Application", name: name, file: "",
            body: [YAMLEntry("spec", .map(spec))])
        let file = "\(KubernetesRenderer.folder)/argocd/\(stack.place.name).yaml"
        let header =
            Artifact.header(stack.subject.source) + [
                "",
                "\(stack.place.name) for Argo CD, which takes databases and settings first, then migrations, then services.",
                "Once:",
                "  argocd app create --file \(file) --repo \"$(git remote get-url origin)\"",
                "Each release, with the tag of its images:",
            ] + images.map { "  argocd app set \(name) --kustomize-image \($0.new):TAG" }
        return Artifact(path: file, text: YAMLText.file(header: header, object.tree))
    }

    private var canaries: [String] {
        stack.routes.filter { route in
            stack.platform.services[route.service].map { stack.isRouted(route.service, $0) } ?? false
        }.map(\.name)
    }

    // MARK: Flux

    var kustomizations: Artifact {
        let isGated = stack.services.contains { stack.waits($0.name, $0.service) }
        var objects: [KubeObject] = []
        if isGated {
            objects.append(
                kustomization(
                    name, without: "\(KubeStack.afterLabel)=migration", after: nil,
                    comment:
                        "All but what waits for a migration. Ready when databases are and migrations have ended well."))
            objects.append(
                kustomization(
                    "\(name)-after", without: "\(KubeStack.afterLabel)!=migration", after: name,
                    comment: "What waits for a migration."))
        } else {
            objects.append(kustomization(name, without: nil, after: nil, comment: nil))
        }
        let file = "\(KubernetesRenderer.folder)/flux/\(stack.place.name).yaml"
        let header =
            Artifact.header(stack.subject.source) + [
                "", "\(stack.place.name) for Flux, from the GitRepository `\(stack.platform.name)` in flux-system:",
                "  flux create source git \(stack.platform.name) --url=\"$(git remote get-url origin)\" --branch="
                    + (stack.place.settings.branch ?? "main"),
                "Each release, with the tag of its images:",
                "  sed 's/: \(KubeStack.release)$/: TAG/' \(file) | kubectl apply -f -",
            ]
        return Artifact(path: file, text: YAMLText.file(header: header, documents: objects.map(\.tree)))
    }

    private func kustomization(_ own: String, without selector: String?, after: String?, comment: String?) -> KubeObject
    {
        var spec: [YAMLEntry] = []
        if let after { spec.append(YAMLEntry("dependsOn", .list([["name": .text(after)]]))) }
        spec.append(
            YAMLEntry("sourceRef", ["kind": "GitRepository", "name": .text(stack.platform.name.text)]))
        spec.append(YAMLEntry("path", .text("./" + path)))
        spec.append(YAMLEntry("interval", "10m"))
        spec.append(YAMLEntry("retryInterval", "1m"))
        spec.append(
            YAMLEntry("timeout", .text("\(max(600, KubeStack.seconds(stack.platform.release.migrate) + 300))s")))
        spec.append(YAMLEntry("prune", true))
        spec.append(YAMLEntry("wait", true))
        if !images.isEmpty {
            let rows = images.map { image -> YAMLTree in
                ["name": .text(image.new), "newTag": .text(KubeStack.release)]
            }
            spec.append(YAMLEntry("images", .list(rows)))
        }
        let patches = self.patches(without: selector, isAfter: after != nil)
        if !patches.isEmpty { spec.append(YAMLEntry("patches", .list(patches))) }
        return KubeObject(
            apiVersion: "kustomize.toolkit.fluxcd.io/v1", kind: "Kustomization", name: own, file: "", comment: comment,
            body: [YAMLEntry("spec", .map(spec))])
    }

    private func patches(without selector: String?, isAfter: Bool) -> [YAMLTree] {
        var patches: [YAMLTree] = []
        if let selector {
            // Both halves keep the ConfigMaps: without them kustomize would not put the names with their hashes into pods.
            let kinds = kinds.filter { $0 != "ConfigMap" }.joined(separator: "|")
            let removal = "$patch: delete\napiVersion: v1\nkind: All\nmetadata:\n  name: all\n"
            patches.append([
                "target": ["kind": .text(kinds), "labelSelector": .text(selector)], "patch": .text(removal),
            ])
        }
        if selector != nil, !stack.settings.isEmpty {
            patches.append(
                .map([
                    YAMLEntry(
                        "target", ["kind": "ConfigMap"],
                        comment: "In both halves, so that neither takes away what pods of the other still read."),
                    YAMLEntry("patch", .text(Self.annotation("prune", "disabled"))),
                ]))
        }
        guard !isAfter else { return patches }
        for route in canaries {
            patches.append(
                .map([
                    YAMLEntry(
                        "target", ["kind": "HTTPRoute", "name": .text(route)],
                        comment: "Argo Rollouts changes its weights; to change the route, delete it first."),
                    YAMLEntry("patch", .text(Self.annotation("ssa", "IfNotPresent"))),
                ]))
        }
        return patches
    }

    private static func annotation(_ name: String, _ value: String) -> String {
        "apiVersion: v1\nkind: All\nmetadata:\n  name: all\n  annotations:\n"
            + "    kustomize.toolkit.fluxcd.io/\(name): \(value)\n"
    }
}
