import Foundation
import TestKit

@testable import Planning

/// Golden/terraform-google/judge.py: rendered files against the provider's schema, and in front of Terraform itself.
enum GoogleJudge {
    private static let folder = Golden.repository().appending(path: "Tests/PlanningTests/Golden/terraform-google")

    /// Findings by case; what begins with `bad ` is not shown to Terraform.
    static func findings(_ cases: [String: Rendering]) throws -> [String: [String]] {
        try findings(
            cases.mapValues { rendering in
                Dictionary(rendering.artifacts.map { ($0.path, $0.text) }) { first, _ in first }
            })
    }

    static func findings(_ cases: [String: [String: String]]) throws -> [String: [String]] {
        func text(_ name: String) throws -> String {
            try String(contentsOf: folder.appending(path: name), encoding: .utf8)
        }
        let printed = try PythonJudge().run(
            try text("judge.py"),
            files: [
                "schema.json": try text("schema.json"),
                "cases.json": String(decoding: try JSONEncoder().encode(cases), as: UTF8.self),
            ])
        return try JSONDecoder().decode([String: [String]].self, from: Data(printed.utf8))
    }
}
