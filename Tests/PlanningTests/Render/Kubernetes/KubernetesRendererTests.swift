import Foundation
import Spec
import TestKit
import Testing

@testable import Planning

@Suite struct KubernetesRendererTests {
    static let clustered = ["cognitive-sprint", "consciousness-engine"]

    @Test("the Kubernetes files of the examples are these", arguments: RenderedExample.names)
    func golden(_ name: String) throws {
        let subject = try RenderedExample.subject(name)
        let rendering = KubernetesRenderer().render(subject)
        #expect(rendering == KubernetesRenderer().render(subject))
        #expect(!rendering.diagnostics.hasErrors)
        #expect(rendering.artifacts.isEmpty != Self.clustered.contains(name))
        try RenderedExample.expect(rendering, of: name, target: "kubernetes", subject)
    }

    @Test("Argo CD and Flux take the files from the repository that hauban.yaml names, and from none that is made up")
    func repository() throws {
        func files(_ yaml: String) throws -> (files: [String: String], notes: [String]) {
            let rendering = KubernetesRenderer().render(try KubernetesFixture.subject(of: yaml))
            let files = Dictionary(rendering.artifacts.map { ($0.path, $0.text) }) { one, _ in one }
            return (files, rendering.diagnostics.filter { $0.path == "repository" }.map(\.message))
        }
        let (named, told) = try files(KubernetesFixture.platform)
        #expect(told.isEmpty)
        #expect(
            named["deploy/kubernetes/argocd/prod.yaml"]?.contains(
                """
                    repoURL: ssh://git@git.shop.example:2222/team/platforms.git
                    targetRevision: trunk
                    path: platforms/shop/deploy/kubernetes/overlays/prod

                """) == true)
        #expect(
            named["deploy/kubernetes/flux/prod.yaml"]?.contains(
                """
                kind: GitRepository
                metadata:
                  name: shop-prod
                spec:
                  url: ssh://git@git.shop.example:2222/team/platforms.git
                  ref:
                    branch: trunk
                  interval: 5m
                  secretRef:
                    name: shop

                """) == true)
        let (unnamed, findings) = try files(KubernetesFixture.watched)
        #expect(findings.count == 1)
        #expect(unnamed.keys.filter { $0.contains("argocd") } == [])
        #expect(unnamed["deploy/kubernetes/flux/prod.yaml"]?.contains("kind: GitRepository\nmetadata") == false)
    }

    @Test("what is patched stands in the overlay, item by item, and each change is listed")
    func patch() throws {
        func subject(_ patch: String) throws -> RenderSubject {
            try KubernetesFixture.subject(
                of: """
                    hauban: 1
                    platform: shop
                    services:
                      api: {image: "shop/api:1", run: ./api, port: 8080, health: /health, scale: 2}
                    environments:
                      prod:
                        target: kubernetes
                        patch:
                          kubernetes:
                    \(patch.split(separator: "\n").map { "        " + $0 }.joined(separator: "\n"))
                    """)
        }
        let rendering = KubernetesRenderer().render(
            try subject(
                """
                Deployment/api:
                  spec:
                    template:
                      spec:
                        priorityClassName: high
                        containers: [{name: api, imagePullPolicy: Always, readinessProbe: {periodSeconds: 3}}]
                PodDisruptionBudget/api: null
                PriorityClass/high: {apiVersion: scheduling.k8s.io/v1, kind: PriorityClass, metadata: {name: high}, value: 10}
                """))
        #expect(rendering.diagnostics.filter { $0.severity == .error }.isEmpty)
        let files = Dictionary(rendering.artifacts.map { ($0.path, $0.text) }) { one, _ in one }
        let overlay = "deploy/kubernetes/overlays/prod"
        #expect(
            files["\(overlay)/api-patch.yaml"]?.hasSuffix(
                """
                spec:
                  template:
                    spec:
                      containers:
                        - name: api
                          readinessProbe:
                            periodSeconds: 3
                          imagePullPolicy: Always
                      priorityClassName: high

                """) == true)
        #expect(files["\(overlay)/patch.yaml"]?.contains("value: 10\n") == true)
        #expect(files["\(overlay)/kustomization.yaml"]?.contains("kind: PodDisruptionBudget\n") == true)
        #expect(
            rendering.changes.map { "\($0.path): \($0.before ?? "nothing") > \($0.after?.prefix(20) ?? "nothing")" }
                .first == "Deployment/api.spec.template.spec.priorityClassName: nothing > \"high\"")
        #expect(rendering.changes.count == 5)
        for (patch, hint) in [
            ("Deployment/apy: {spec: {replicas: 3}}", "Deployment/api"),
            ("Deployment/api: {specs: {replicas: 3}}", "spec"),
        ] {
            let findings = KubernetesRenderer().render(try subject(patch)).diagnostics.filter { $0.severity == .error }
            #expect(findings.count == 1 && findings[0].help?.contains(hint) == true && findings[0].span != nil)
        }
    }
}
