import Foundation
import Spec
import TestKit
import Testing

@testable import Planning

/// The platforms of `Examples/`, as `hauban render` sees them.
enum RenderedExample {
    static let names = [
        "cognitive-sprint", "consciousness-engine", "incident-platform", "personal-assistant", "skillforge",
    ]

    static func subject(_ name: String) throws -> RenderSubject {
        let folder = Golden.repository().appending(path: "Examples/\(name)")
        let bytes = [UInt8](try Data(contentsOf: folder.appending(path: "hauban.yaml")))
        var files: [String: String?] = [:]
        let walk = FileManager.default.enumerator(atPath: folder.path)
        while let path = walk?.nextObject() as? String {
            if ["node_modules", ".venv", "__pycache__", ".hauban"].contains(where: path.contains) { continue }
            var isFolder: ObjCBool = false
            let file = folder.appending(path: path)
            guard FileManager.default.fileExists(atPath: file.path, isDirectory: &isFolder), !isFolder.boolValue else {
                continue
            }
            let text = RepositoryFiles.wantsContent(of: path) ? try? String(contentsOf: file, encoding: .utf8) : nil
            files.updateValue(text, forKey: path)
        }
        let parsed = ParsedPlatform.parse(bytes: bytes, name: "Examples/\(name)/hauban.yaml")
        return try #require(RenderSubject(parsed, files: RepositoryFiles(files)))
    }

    /// Compares all files with those of a folder, and finds files there that are rendered no more.
    static func expect(_ rendering: Rendering, of name: String, target: String, _ subject: RenderSubject) throws {
        let folder = Golden.repository().appending(path: "Tests/PlanningTests/Golden/render/\(target)/\(name)")
        for artifact in rendering.artifacts { Golden.expect(artifact.text, in: folder.appending(path: artifact.path)) }
        let report = TextReport(source: subject.parsed.source).text(rendering.diagnostics.ordered)
        Golden.expect(report, in: folder.appending(path: "diagnostics.txt"))
        var kept: Set<String> = []
        let walk = FileManager.default.enumerator(atPath: folder.path)
        while let path = walk?.nextObject() as? String {
            var isFolder: ObjCBool = false
            _ = FileManager.default.fileExists(atPath: folder.appending(path: path).path, isDirectory: &isFolder)
            if !isFolder.boolValue { kept.insert(path) }
        }
        #expect(kept == Set(rendering.artifacts.map(\.path) + ["diagnostics.txt"]))
    }
}
