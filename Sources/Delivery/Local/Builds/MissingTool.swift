import World

/// Tools of the stacks and where they come from.
enum MissingTool {
    static func error(_ tool: String, operation: String) -> WorldError {
        let hint =
            switch tool {
            case "python3": "Run `apt-get install python3 python3-venv`."
            case "npm", "node": "Run `apt-get install nodejs npm`."
            case "go": "Run `apt-get install golang-go`."
            case "swift": "Install Swift from https://www.swift.org/install/linux and put it on PATH."
            default: "Install the package that has `\(tool)`."
            }
        return WorldError(
            code: "tool-missing", operation: operation, underlying: "`\(tool)` is not on PATH", hint: hint)
    }
}

extension ProgramPath {
    /// As ``find(_:path:workingDirectory:)``, with an error that names the package.
    static func findTool(_ tool: String, path: String, workingDirectory: String) throws -> String {
        do {
            return try find(tool, path: path, workingDirectory: workingDirectory)
        } catch let error as WorldError where error.code == "program-missing" {
            throw MissingTool.error(tool, operation: "build with \(tool)")
        }
    }
}
