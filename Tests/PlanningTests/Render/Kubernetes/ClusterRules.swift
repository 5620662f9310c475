import Foundation
import Spec
import TestKit

@testable import Planning

/// What a PrometheusRule holds, as the files that promtool reads, with the tests of its alerts.
enum ClusterRules {
    static func rendering(_ subject: RenderSubject) -> Rendering {
        let rendered = KubernetesRenderer().render(subject).artifacts
        var artifacts: [Artifact] = []
        for place in subject.places(on: [.kubernetes]) {
            let folder = "deploy/monitoring/\(place.name)/prometheus"
            let path = "deploy/kubernetes/overlays/\(place.name)/rules.yaml"
            for (name, text) in groups(rendered.first { $0.path == path }?.text ?? "") {
                artifacts.append(Artifact(path: "\(folder)/rules/\(name).yml", text: text))
            }
            let files = KubeStack(subject: subject, place: place).ruleFiles
            for file in files {
                guard let tests = file.tests(with: files) else { continue }
                artifacts.append(
                    Artifact(
                        path: "\(folder)/tests/\(file.name)_test.yml", text: YAMLText.file(header: [], tests)))
            }
        }
        return Rendering(artifacts)
    }

    /// `spec` of each PrometheusRule by its name: what the operator hands to Prometheus.
    private static func groups(_ text: String) -> [(name: String, text: String)] {
        text.components(separatedBy: "\n---\n").compactMap { document in
            let lines = document.split(separator: "\n", omittingEmptySubsequences: false)
            guard lines.contains("kind: PrometheusRule"), let spec = lines.firstIndex(of: "spec:"),
                let name = lines.first(where: { $0.hasPrefix("  name: ") })
            else { return nil }
            let body = lines[(spec + 1)...].map { $0.hasPrefix("  ") ? $0.dropFirst(2) : $0 }
            return (String(name.dropFirst(8)), body.joined(separator: "\n"))
        }
    }
}
