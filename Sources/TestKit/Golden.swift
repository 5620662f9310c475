package import Foundation
package import Testing

/// A folder whose files say what a test must see.
///
/// Adding a folder adds the case. With `UPDATE_GOLDEN=1` in the environment a comparison records what it saw and then
/// fails, so that no run both records and passes.
package struct GoldenCase: Sendable, CustomTestStringConvertible {
    /// The folder's name.
    package let name: String
    package let folder: URL

    package init(name: String, folder: URL) {
        self.name = name
        self.folder = folder
    }

    package var testDescription: String { name }

    package func bytes(_ file: String) throws -> [UInt8] {
        [UInt8](try Data(contentsOf: folder.appending(path: file)))
    }

    package func has(_ file: String) -> Bool {
        FileManager.default.fileExists(atPath: folder.appending(path: file).path)
    }

    /// Compares with the file of this case.
    package func expect(_ seen: String, in file: String, at place: SourceLocation = #_sourceLocation) {
        Golden.expect(seen, in: folder.appending(path: file), at: place)
    }
}

/// Finds golden cases and compares with golden files.
package enum Golden {
    /// The cases below a folder beside the test's file, sorted by name; no case at all is a failure.
    package static func cases(_ folder: String, beside file: String = #filePath) -> [GoldenCase] {
        let root = URL(filePath: file).deletingLastPathComponent().appending(path: folder)
        let names = (try? FileManager.default.contentsOfDirectory(atPath: root.path)) ?? []
        if names.isEmpty { Issue.record("there are no golden cases in \(root.path)") }
        return names.filter { !$0.hasPrefix(".") }.sorted().map { name in
            GoldenCase(name: name, folder: root.appending(path: name))
        }
    }

    /// The repository's top: the folder above `Tests` of the calling file.
    package static func repository(of file: String = #filePath) -> URL {
        var folder = URL(filePath: file)
        while folder.path != "/" && folder.lastPathComponent != "Tests" { folder.deleteLastPathComponent() }
        return folder.deletingLastPathComponent()
    }

    /// Compares text with a file; says the first line that differs.
    package static func expect(_ seen: String, in file: URL, at place: SourceLocation = #_sourceLocation) {
        let wanted = (try? Data(contentsOf: file)).map { String(decoding: $0, as: UTF8.self) }
        guard wanted != seen else { return }
        if ProcessInfo.processInfo.environment["UPDATE_GOLDEN"] == "1" {
            do {
                try FileManager.default.createDirectory(
                    at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
                try Data(seen.utf8).write(to: file)
                Issue.record("recorded \(file.path); look at it and run again", sourceLocation: place)
            } catch {
                Issue.record("cannot record \(file.path): \(error)", sourceLocation: place)
            }
            return
        }
        guard let wanted else {
            Issue.record("\(file.path) is missing; record it with UPDATE_GOLDEN=1", sourceLocation: place)
            return
        }
        Issue.record("\(difference(wanted, seen, file.path))", sourceLocation: place)
    }

    private static func difference(_ wanted: String, _ seen: String, _ path: String) -> Comment {
        let old = wanted.split(separator: "\n", omittingEmptySubsequences: false)
        let new = seen.split(separator: "\n", omittingEmptySubsequences: false)
        let line =
            zip(old, new).enumerated().first { $0.element.0 != $0.element.1 }?.offset ?? min(old.count, new.count)
        let before = line < old.count ? String(old[line]) : "(end)"
        let after = line < new.count ? String(new[line]) : "(end)"
        return """
            \(path) differs at line \(line + 1); UPDATE_GOLDEN=1 records
              wanted: \(before)
              seen:   \(after)
            """
    }
}
