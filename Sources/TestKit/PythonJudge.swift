import Foundation

/// Asks a validator from PyPI for its verdict: real tools judge what Hauban generates.
///
/// The interpreter comes from `HAUBAN_TEST_PYTHON`, which `make test` sets to a virtual environment made from
/// Tests/requirements.txt.
package struct PythonJudge: Sendable {
    package struct Refused: Error, CustomStringConvertible {
        package var description: String
    }

    private let interpreter: String

    /// - Throws: ``Refused`` when no interpreter is set.
    package init() throws {
        guard let path = ProcessInfo.processInfo.environment["HAUBAN_TEST_PYTHON"] else {
            throw Refused(
                description: "HAUBAN_TEST_PYTHON is not set: run `make test`, which makes a virtual environment from "
                    + "Tests/requirements.txt and names its interpreter")
        }
        interpreter = path
    }

    /// Runs a script with input files.
    /// - Parameters:
    ///   - files: contents by name, in a new folder that is the working folder.
    /// - Returns: what it printed to its output.
    /// - Throws: ``Refused`` with its errors when it exits with anything but 0.
    package func run(_ script: String, files: [String: String]) throws -> String {
        let folder = FileManager.default.temporaryDirectory.appending(path: "hauban-judge-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        for (name, text) in files { try Data(text.utf8).write(to: folder.appending(path: name)) }
        try Data(script.utf8).write(to: folder.appending(path: "judge.py"))
        let output = folder.appending(path: "output.txt")
        let errors = folder.appending(path: "errors.txt")
        for file in [output, errors] { try Data().write(to: file) }
        let process = Process()
        process.executableURL = URL(filePath: interpreter)
        process.arguments = ["judge.py"]
        process.currentDirectoryURL = folder
        process.standardOutput = try FileHandle(forWritingTo: output)
        process.standardError = try FileHandle(forWritingTo: errors)
        try process.run()
        process.waitUntilExit()
        let said = String(decoding: try Data(contentsOf: output), as: UTF8.self)
        guard process.terminationStatus == 0 else {
            let complaint = String(decoding: try Data(contentsOf: errors), as: UTF8.self)
            throw Refused(description: "the validator exited with \(process.terminationStatus)\n\(said)\(complaint)")
        }
        return said
    }
}
