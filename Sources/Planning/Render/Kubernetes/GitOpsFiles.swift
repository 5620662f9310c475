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
    private var repository: RepositorySpec? { stack.platform.repository }
    /// The branch that the environment's files are taken from.
    private var branch: String { stack.place.settings.branch ?? repository?.branch ?? "main" }

    private var images: [(old: String, new: String)] {
        stack.imageNames.map { ($0, "\(stack.registry)\($0)") }
    }

    // MARK: Argo CD

    /// - Returns: `nil` where hauban.yaml does not say from which repository.
    var application: Artifact? {
        guard let repository else { return nil }
        var source: [YAMLEntry] = [
            YAMLEntry("repoURL", .text(repository.url)), YAMLEntry("targetRevision", .text(branch)),
            YAMLEntry("path", .text(repository.path(of: path))),
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
                "Once, in front of it `argocd repo add` where the repository is private:",
                "  argocd app create --file \(file)",
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
        var objects = [gitRepository].compactMap(\.self)
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
                "", "\(stack.place.name) for Flux, whose objects stand in flux-system.",
            ] + before + [
                "Each release, with the tag of its images:",
                "  sed 's/: \(KubeStack.release)$/: TAG/' \(file) | kubectl apply --namespace flux-system -f -",
            ]
        return Artifact(path: file, text: YAMLText.file(header: header, documents: objects.map(\.tree)))
    }

    /// What has to be there first.
    private var before: [String] {
        guard let repository else {
            return [
                "Once, from the clone that ships:",
                "  flux create source git \(name) --url=\"$(git remote get-url origin)\" --branch=\(branch)",
            ]
        }
        guard repository.isSSH else { return [] }
        return ["Once, and then let the key that it prints read the repository:"]
            + ["  flux create secret git \(stack.platform.name) --url=\(repository.url)"]
    }

    private var gitRepository: KubeObject? {
        guard let repository else { return nil }
        var spec: [YAMLEntry] = [
            YAMLEntry("url", .text(repository.url)), YAMLEntry("ref", ["branch": .text(branch)]),
            YAMLEntry("interval", "5m"),
        ]
        if repository.isSSH { spec.append(YAMLEntry("secretRef", ["name": .text(stack.platform.name.text)])) }
        return KubeObject(
            apiVersion: "source.toolkit.fluxcd.io/v1", kind: "GitRepository", name: name, file: "",
            body: [YAMLEntry("spec", .map(spec))])
    }

    private func kustomization(_ own: String, without selector: String?, after: String?, comment: String?) -> KubeObject
    {
        var spec: [YAMLEntry] = []
        if let after { spec.append(YAMLEntry("dependsOn", .list([["name": .text(after)]]))) }
        spec.append(
            YAMLEntry("sourceRef", ["kind": "GitRepository", "name": .text(name)]))
        spec.append(YAMLEntry("path", .text("./" + (repository?.path(of: path) ?? path))))
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
