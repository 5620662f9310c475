import Foundation
import Planning
import TestKit

/// Golden/monitoring-judge/judge.py: files of Grafana, Loki and Alloy by their published models, references and grammars.
enum MonitoringJudge {
    private static let folder = Golden.repository().appending(path: "Tests/PlanningTests/Golden/monitoring-judge")

    /// Findings by case.
    static func findings(_ cases: [String: [String: String]]) throws -> [String: [String]] {
        var files = ["cases.json": String(decoding: try JSONEncoder().encode(cases), as: UTF8.self)]
        for name in ["loki.json", "alloy.json"] {
            files[name] = try String(contentsOf: folder.appending(path: name), encoding: .utf8)
        }
        let judge = try String(contentsOf: folder.appending(path: "judge.py"), encoding: .utf8)
        let printed = try PythonJudge().run(judge, files: files)
        return try JSONDecoder().decode([String: [String]].self, from: Data(printed.utf8))
    }

    /// What one environment's servers read, by its path.
    static func files(_ rendering: Rendering, of environment: String) -> [String: String] {
        let own = rendering.artifacts.filter { $0.path.hasPrefix("deploy/monitoring/\(environment)/") }
        return Dictionary(own.map { ($0.path, $0.text) }) { one, _ in one }
    }
}
